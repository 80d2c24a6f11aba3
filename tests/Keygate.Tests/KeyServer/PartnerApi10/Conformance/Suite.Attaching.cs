namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>Reference 6.15 to 6.20.</summary>
internal sealed partial class Suite
{
    private void Attaching()
    {
        Method("attachKey", "6.15", 100, 200, 201, 202, 220, 221, 222, 245, 255, 256, 257, 259, 277, 300, 400, 410);
        KeyForm("AuthInfo, mainKey, additionalKey", async w => (await w.KeyAsync(), [Raw.Text(await w.KeyAsync("ADDON"))]));
        OnKeys(410, async w => (await w.KeyAsync(), "41207"));
        OnKeys(220, async w => (await w.KeyAsync(), "ADD.99999999"));
        OnKeys(202, async w =>
        {
            var other = await w.SendAsync("createKey", [w.AuthOf("stranger"), Raw.Ips(), Raw.Text("contoso"), Raw.Text("KAV_FOR_PLESK"), Raw.None]);
            return (await w.KeyAsync(), other["mainKeyNumber"]);
        });
        OnKeys(221, async w => (await w.ProblemAsync(), await w.KeyAsync("ADDON")));
        OnKeys(221, async w => (await w.KeyAsync(), await w.ProblemAsync("ADDON")));
        OnKeys(222, async w => (await w.TerminatedAsync(), await w.KeyAsync("ADDON")));
        OnKeys(222, async w => (await w.KeyAsync(), await w.TerminatedAsync("ADDON")));
        OnKeys(245, async w => (await w.KeyAsync(), await w.KeyAsync("ADDON_LOOSE")));
        OnKeys(245, async w => (await w.KeyAsync("ADDON"), await w.KeyAsync("ADDON")));
        OnKeys(255, async w => ((await w.PairAsync()).Main, await w.KeyAsync("ADDON")));
        OnKeys(256, async w => (await w.KeyAsync(), await w.KeyAsync()));
        OnKeys(256, async w => (await w.KeyAsync(), await w.KeyAsync("FEATURE_KEY")));
        OnKeys(257, async w => (await w.KeyAsync("MASTER"), await w.KeyAsync("ADDON")));
        OnKeys(259, async w => await w.KeyAsync("ADDON") is var key ? (key, key) : default);
        OnKeys(277, async w => ((await w.PairAsync()).Main, await w.KeyAsync("ADDON_RIVAL")));
        OnKeys(277, async w => (await w.KeyAsync(), await w.KeyAsync("ADDON", client: "sub")));

        Method("detachKey", "6.16", 100, 101, 200, 201, 202, 203, 220, 221, 222, 256, 300, 400, 410);
        KeyForm("AuthInfo, additionalOrFeatureKey", async w => ((await w.PairAsync()).Additional, []));
        OnKey(100, async w => (await w.PairAsync("FEATURE_KEY")).Additional);
        OnKey(101, w => w.KeyAsync("ADDON"));
        On(203, async w => [w.AuthOf("acme-no-feature-keys"), Raw.Text((await w.PairAsync("FEATURE_KEY")).Additional)]);
        OnKey(221, w => w.ProblemAsync("ADDON"));
        OnKey(222, w => w.TerminatedAsync("ADDON"));
        OnKey(256, w => w.KeyAsync());

        Method("bindKey", "6.17", 100, 101, 200, 201, 202, 220, 221, 222, 253, 272, 300, 400, 405, 410, 452);
        KeyForm("AuthInfo, key, ip", async w => (await w.KeyAsync(), [Raw.Text(w.NewIp())]));
        On(101, async w => [w.Auth, Raw.Text(await w.KeyAsync()), Raw.Text(await BoundAsync(w, await w.KeyAsync()))]);
        On(101, async w =>
        {
            // Another client's key that is not in use any more.
            var other = await w.KeyAsync(client: "sub");
            var ip = await BoundAsync(w, other);
            await w.DoAsync("terminateKey", Raw.Text(other));
            return [w.Auth, Raw.Text(await w.KeyAsync()), Raw.Text(ip)];
        });
        OnKey(221, w => w.ProblemAsync(), Raw.Text("192.0.2.1"));
        OnKey(222, w => w.TerminatedAsync(), Raw.Text("192.0.2.1"));
        OnKey(253, UnconfirmedAsync, Raw.Text("192.0.2.1"));
        On(272, async w => [w.Auth, Raw.Text(await w.KeyAsync()), Raw.Text(await BoundAsync(w, await w.KeyAsync(client: "sub")))]);
        On(272, async w =>
        {
            var other = await w.SendAsync("createKey", [w.AuthOf("stranger"), Raw.Ips(), Raw.Text("contoso"), Raw.Text("PLESK_9_FOR_VZ"), Raw.None]);
            var ip = w.NewIp();
            await w.SendAsync("bindKey", [w.AuthOf("stranger"), Raw.Text(other["mainKeyNumber"]), Raw.Text(ip)]);
            return [w.Auth, Raw.Text(await w.KeyAsync()), Raw.Text(ip)];
        });
        OnKey(405, w => w.KeyAsync(), Raw.Text("192.0.2"));
        OnKey(452, w => w.KeyAsync("ADDON"), Raw.Text("192.0.2.1"));

        Method("unbindKey", "6.18", 100, 101, 200, 201, 202, 220, 221, 222, 253, 300, 400, 410);
        KeyForm("AuthInfo, key", async w =>
        {
            var number = await w.KeyAsync();
            await BoundAsync(w, number);
            return (number, []);
        });
        OnKey(101, w => w.KeyAsync());
        OnKey(221, w => w.ProblemAsync());
        OnKey(222, w => w.TerminatedAsync());
        OnKey(253, UnconfirmedAsync);

        Method("addNoteToKey", "6.19", 100, 200, 201, 202, 220, 283, 300, 400, 410);
        KeyForm("AuthInfo, key, note", async w => (await w.KeyAsync(), [Raw.Text("moved to rack 7")]));
        OnKey(100, w => w.ProblemAsync(), Raw.Text("unpaid"));
        OnKey(100, w => w.TerminatedAsync(), Raw.Text("gone"));
        OnKey(283, w => w.KeyAsync(), Raw.Text(new string('x', 2001)));

        Method("assignProductConfiguration", "6.20", 100, 200, 201, 202, 220, 295, 296, 300, 400, 410);
        KeyForm("AuthInfo, key, configurationId", async w => (await w.KeyAsync(), [Raw.Text(await w.ConfigurationAsync())]));
        OnKey(295, w => w.KeyAsync(), Raw.Text("no-number"));
        On(295, async w => [w.Auth, Raw.Text(await w.KeyAsync()), Raw.Text(await w.ConfigurationAsync("contoso"))]);
        On(296, async w => [w.Auth, Raw.Text(await w.KeyAsync()), Raw.Text(await w.ConfigurationAsync(family: "cart"))]);
        On(296, async w => [w.Auth, Raw.Text(await w.KeyAsync()), Raw.Text(await w.ConfigurationAsync(enabled: false))]);
    }

    private void OnKeys(int code, Func<World, Task<(string Parent, string Additional)>> keys) =>
        On(code, async w => await keys(w) is var (parent, additional) ? [w.Auth, Raw.Text(parent), Raw.Text(additional)] : []);

    private static async Task<string> BoundAsync(World w, string number)
    {
        var ip = w.NewIp();
        await w.DoAsync("bindKey", Raw.Text(number), Raw.Text(ip));
        return ip;
    }

    private static async Task<string> UnconfirmedAsync(World w)
    {
        await w.SqlAsync("update clients set confirmed = true where login = 'unconfirmed'");
        var number = await w.KeyAsync(client: "unconfirmed");
        await w.SqlAsync("update clients set confirmed = false where login = 'unconfirmed'");
        return number;
    }
}
