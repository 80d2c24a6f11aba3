namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>Reference 6.7 to 6.14.</summary>
internal sealed partial class Suite
{
    private void Reading()
    {
        Method("retrieveKey", "6.7", 100, 200, 201, 202, 220, 221, 222, 223, 224, 227, 228, 300, 400, 410);
        foreach (var (form, rest) in new (string, string[])[] { ("AuthInfo, key", []), ("AuthInfo, key, previousVersion", [Raw.Bool(true)]) })
        {
            KeyForm(form, async w => (await w.KeyAsync(), rest));
            OnKey(221, w => w.ProblemAsync(), rest);
            OnKey(222, w => w.TerminatedAsync(), rest);
            OnKey(223, w => w.KeyAsync("MAIN_HW"), rest);
            OnKey(224, w => w.KeyAsync("STIFF"), rest);
            OnKey(228, ExpiredAsync, rest);
        }

        OnKey(227, w => w.KeyAsync("MAIN_PLUS", plans: "BASIC"), Raw.Bool(true));
        CannotOccur(227, "the form asks for the present version, and the reference names no other cause", "AuthInfo, key");

        Method("sendKeyByEmail", "6.8", 100, 200, 201, 202, 220, 221, 222, 223, 224, 300, 400, 410, 437);
        foreach (var (form, rest) in new (string, string[])[]
        {
            ("AuthInfo, key", []), ("AuthInfo, key, zip", [Raw.Bool(true)]), ("AuthInfo, key, email", [Raw.Text("friend@acme.example")]),
            ("AuthInfo, key, email, zip", [Raw.Text("friend@acme.example"), Raw.Bool(true)]),
        })
        {
            KeyForm(form, async w => (await w.KeyAsync(), rest));
            OnKey(221, w => w.ProblemAsync(), rest);
            OnKey(222, w => w.TerminatedAsync(), rest);
            OnKey(223, w => w.KeyAsync("MAIN_HW"), rest);
            OnKey(224, w => w.KeyAsync("STIFF"), rest);
            if (form.Contains("email", StringComparison.Ordinal))
            {
                OnKey(437, w => w.KeyAsync(), [Raw.Text("friend at acme"), .. rest.Skip(1)]);
                OnKey(300, w => w.KeyAsync(), [Raw.Text("nobody@refused.example"), .. rest.Skip(1)]);
                OnKey(100, w => w.KeyAsync(), [Raw.Text(""), .. rest.Skip(1)]);
            }
            else
            {
                // The owner's own address is missing or malformed.
                OnKey(437, async w =>
                {
                    await w.SqlAsync("update clients set email = '' where login = 'mailbox'");
                    return await w.KeyAsync(client: "mailbox");
                }, rest);
            }
        }

        Method("getKeyInfo", "6.9", 100, 200, 201, 202, 220, 300, 400, 410);
        KeyForm("AuthInfo, key", async w => (await w.KeyAsync(), []));
        OnKey(100, w => w.ProblemAsync());
        OnKey(100, w => w.TerminatedAsync());

        Method("getKeyNumbers", "6.10", 100, 101, 200, 201, 300, 400, 401, 405, 406);
        Form("AuthInfo, ServerAddress", async w =>
        {
            var ip = w.NewIp();
            await w.DoAsync("createKey", Raw.Ips(ip), Raw.Text("acme"), Raw.Text("MAIN"), Raw.None);
            return [Raw.Ips(ip)];
        });
        On(101, w => Done(w.Auth, Raw.Ips(w.NewIp())));
        On(401, w => Done(w.Auth, Raw.Text("198.51.100.24")));
        On(405, w => Done(w.Auth, Raw.Ips("host.example")));
        On(406, w => Done(w.Auth, Raw.Struct(("macs", Raw.Array("02:1A")))));

        Method("getKeysInfoByIP", "6.11", 100, 101, 200, 201, 300, 400, 405);
        Form("AuthInfo, ip", async w =>
        {
            var ip = w.NewIp();
            await w.DoAsync("bindKey", Raw.Text(await w.KeyAsync()), Raw.Text(ip));
            return [Raw.Text(ip)];
        });
        On(101, w => Done(w.Auth, Raw.Text(w.NewIp())));
        On(405, w => Done(w.Auth, Raw.Text("1.2.3")));

        Method("getAvailableKeyTypesAndFeatures", "6.12", 100, 200, 201, 202, 250, 300, 400);
        Form("AuthInfo, client", _ => Done(Raw.Text("acme")));
        On(202, w => Done(w.Auth, Raw.Text("contoso")));
        On(250, w => Done(w.Auth, Raw.Text("nobody")));

        Method("getAvailableUpgrades", "6.13", 100, 200, 201, 202, 220, 300, 400, 410);
        KeyForm("AuthInfo, key", async w => (await w.KeyAsync(), []));

        Method("getLastPleskUsageInfo", "6.14", 100, 200, 201, 202, 220, 233, 300, 400, 410);
        KeyForm("AuthInfo, key", async w =>
        {
            var number = await w.KeyAsync();
            await w.ReportAsync(number);
            return (number, []);
        });
        OnKey(233, w => w.KeyAsync());
    }

    private static async Task<string> ExpiredAsync(World w)
    {
        var number = await w.KeyAsync();
        await w.ExpireAsync(number);
        return number;
    }
}
