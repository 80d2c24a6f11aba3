using System.Text;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Vendors;

/// <summary>Third-party products, with the sample vendor as a process.</summary>
public sealed class VendorTests
{
    private const string List =
        """
        { "format": "keygate-price-list/1", "name": "hosting", "keyTypes": [
          { "id": "AV", "name": "Anti-virus", "product": "Anti-virus", "prefix": "EXT", "billing": ["lease"], "period": "30 days", "vendor": "acme", "vendorProduct": "AV-1", "autoRenew": true },
          { "id": "AV_PRO", "name": "Anti-virus Pro", "product": "Anti-virus", "prefix": "EXT", "billing": ["lease"], "period": "30 days", "vendor": "acme" },
          { "id": "PANEL", "name": "Panel", "product": "Panel", "prefix": "PANL", "billing": ["lease"], "period": "30 days", "additional": ["AV_ADD"] },
          { "id": "AV_ADD", "name": "Anti-virus for Panel", "product": "Anti-virus", "prefix": "EXT", "kind": "additional", "billing": ["lease"], "period": "30 days", "vendor": "acme" } ],
          "features": [ { "id": "MAIL", "name": "Mail", "keyTypes": ["AV"] } ],
          "upgradePlans": [ { "id": "AV_TO_PRO", "from": "AV", "to": "AV_PRO" } ] }
        """;

    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task The_vendors_body_goes_through_the_whole_life_of_a_key(Engine engine)
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await StartAsync(engine, vendor);
        var number = await OrderAsync(server);
        var id = (await server.KeyAsync(number)).Id.Value;
        (await BodyAsync(server, number)).ShouldBe((string)vendor.Sold(id)["body"]!);
        ((string)vendor.Sold(id)["product"]!, (bool)vendor.Sold(id)["test"]!).ShouldBe(("AV-1", false));

        await CodeAsync(server, 100, "renewKey", number);
        (await server.KeyAsync(number)).UpdateDate.ShouldBe(new DateOnly(2026, 5, 8));
        (await BodyAsync(server, number)).ShouldBe((string)vendor.Sold(id)["body"]!);

        await CodeAsync(server, 100, "upgradeKey", number, "MAIL");
        await CodeAsync(server, 100, "downgradeKey", number, "MAIL");
        var upgraded = await CodeAsync(server, 100, "upgradeKey", number, "AV_TO_PRO");
        upgraded["keyNumber"].AsString().ShouldEndWith(".0004");
        (await server.KeyAsync(number)).KeyType.ShouldBe("AV_PRO");
        ((string)vendor.Sold(id)["product"]!).ShouldBe("AV_PRO");
        (await BodyAsync(server, number)).ShouldBe((string)vendor.Sold(id)["body"]!);

        await CodeAsync(server, 100, "terminateKey", number);
        await CodeAsync(server, 110, "terminateKey", number);
        ((bool)vendor.Sold(id)["live"]!).ShouldBeFalse();
        vendor.Sold(id)["log"]!.AsArray().Select(a => (string)a!).ShouldBe(["PURCHASE", "RENEW", "UPGRADE", "UPGRADE", "UPGRADE", "TERMINATE"]);
    }

    [Theory, BothEngines]
    public async Task A_refusal_is_287_and_changes_nothing_and_an_order_that_came_to_nothing_ends_as_a_whole(Engine engine)
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await StartAsync(engine, vendor);
        var number = await OrderAsync(server);
        var before = await server.KeyAsync(number);
        vendor.Misbehave("refuse");

        foreach (var (method, plan) in new[] { ("renewKey", ""), ("upgradeKey", "MAIL"), ("downgradeKey", "MAIL"), ("terminateKey", "") })
        {
            if (method == "downgradeKey")
            {
                vendor.Misbehave("");
                await CodeAsync(server, 100, "upgradeKey", number, "MAIL");
                before = await server.KeyAsync(number);
                vendor.Misbehave("refuse");
            }

            var refused = await CodeAsync(server, 287, method, plan.Length == 0 ? [number] : [number, plan]);
            refused["resultDesc"].AsString().ShouldContain("sold out");
            (await server.KeyAsync(number)).ShouldBe(before);
        }

        XmlRpcStruct address = new() { ["macs"] = XmlRpcArray.Of(["02:00:00:00:00:01"]) };
        (await server.CallAsync("createKey", address, "northwind", "PANEL", new XmlRpcArray(), new XmlRpcStruct(), XmlRpcArray.Of(["AV_ADD"]), new XmlRpcStruct(), "billing"))["resultCode"].AsInt().ShouldBe(287);
        (await server.CallAsync("getKeyNumbers", address))["resultCode"].AsInt().ShouldNotBe(100);
        (await LivingAsync(server)).ShouldBe(1);
        vendor.Books().Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task A_vendor_who_repeats_without_harm_is_asked_until_he_answers_and_sells_once(Engine engine)
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await StartAsync(engine, vendor);
        WaitBriefly(server);
        vendor.Misbehave("drop");
        var unanswered = await server.CallAsync("createKey", new XmlRpcStruct(), "northwind", "AV", new XmlRpcArray(), "billing");
        unanswered["resultCode"].AsInt().ShouldBe(287);
        var key = (await KeysAsync(server)).ShouldHaveSingleItem();
        await CodeAsync(server, 300, "retrieveKey", key.Number.ToString());
        await CodeAsync(server, 300, "renewKey", key.Number.ToString());

        vendor.Misbehave("");
        server.Time.Advance(TimeSpan.FromMinutes(20));
        await UntilAsync(async () => !(await server.KeyAsync(key.Number.ToString())).AwaitsVendor);

        (await BodyAsync(server, key.Number.ToString())).ShouldBe((string)vendor.Sold(key.Id.Value)["body"]!);
        vendor.Books().Count.ShouldBe(1);
        (await KeysAsync(server)).Count.ShouldBe(1);

        // The same in the middle of a renewal: one term, however often it was asked for.
        vendor.Misbehave("drop");
        await CodeAsync(server, 287, "renewKey", key.Number.ToString());
        await CodeAsync(server, 300, "renewKey", key.Number.ToString());
        vendor.Misbehave("");
        server.Time.Advance(TimeSpan.FromMinutes(20));
        await UntilAsync(async () => (await server.KeyAsync(key.Number.ToString())).Revision == 1);
        ((int)vendor.Sold(key.Id.Value)["terms"]!).ShouldBe(2);
        (await BodyAsync(server, key.Number.ToString())).ShouldBe((string)vendor.Sold(key.Id.Value)["body"]!);
    }

    [Theory, BothEngines]
    public async Task A_vendor_who_promises_nothing_is_never_asked_twice_unasked_and_a_person_says_what_happened(Engine engine)
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await StartAsync(engine, vendor, repeats: false);
        WaitBriefly(server);
        vendor.Misbehave("drop");
        (await server.CallAsync("createKey", new XmlRpcStruct(), "northwind", "AV", new XmlRpcArray(), "billing"))["resultCode"].AsInt().ShouldBe(287);
        vendor.Misbehave("");
        var key = (await KeysAsync(server)).ShouldHaveSingleItem();
        await UntilAsync(async () => (await ActAsync(server)).Detail.Length > 0);
        server.Time.Advance(TimeSpan.FromHours(30));
        vendor.Sold(key.Id.Value)["log"]!.AsArray().Count.ShouldBe(1);

        var act = await ActAsync(server);
        act.Detail.ShouldContain("may have carried out PURCHASE");
        (await SayAsync(server, act.Id, VendorWord.GiveUp, null)).Error.ShouldNotBeNull();
        var body = Encoding.ASCII.GetBytes((string)vendor.Sold(key.Id.Value)["body"]!);
        (await SayAsync(server, act.Id, VendorWord.Found, body)).Error.ShouldBeNull();
        await UntilAsync(async () => !(await server.KeyAsync(key.Number.ToString())).AwaitsVendor);
        (await BodyAsync(server, key.Number.ToString())).ShouldBe(Encoding.ASCII.GetString(body));
        vendor.Sold(key.Id.Value)["log"]!.AsArray().Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task A_vendor_who_is_away_is_asked_again_and_what_is_due_is_renewed_once_a_day_at_the_most(Engine engine)
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await StartAsync(engine, vendor);
        var number = await OrderAsync(server);
        var id = (await server.KeyAsync(number)).Id.Value;
        vendor.Misbehave("refuse");
        server.Time.Advance(new DateTimeOffset(2026, 4, 8, 1, 0, 0, TimeSpan.Zero) - server.Time.GetUtcNow());
        await UntilAsync(async () => (await DueAsync(server)).Exists(d => d.Tries == 1));
        server.Time.Advance(TimeSpan.FromHours(6));
        await UntilAsync(async () => !await server.Database.ReadAsync(s => server.Get<VendorStore>().IsAskedAsync(s, KeyId.Of(id), None), None));
        (await DueAsync(server)).ShouldHaveSingleItem().Tries.ShouldBe(1);

        vendor.Misbehave("");
        server.Time.Advance(TimeSpan.FromDays(1));
        await UntilAsync(async () => (await server.KeyAsync(number)).Revision == 1);
        (await server.KeyAsync(number)).UpdateDate.ShouldBe(new DateOnly(2026, 5, 8));
        (await DueAsync(server)).ShouldBeEmpty();
        ((int)vendor.Sold(id)["terms"]!).ShouldBe(2);

        await SetVendorAsync(server, new VendorRequest { Url = $"http://127.0.0.1:{FreePort.Take()}/" });
        WaitBriefly(server);
        await CodeAsync(server, 287, "terminateKey", number);
        (await server.KeyAsync(number)).IsTerminated.ShouldBeFalse();
        await SetVendorAsync(server, new VendorRequest { Url = vendor.Url });
        server.Time.Advance(TimeSpan.FromMinutes(20));
        await UntilAsync(async () => (await server.KeyAsync(number)).IsTerminated);
    }

    [Theory, BothEngines]
    public async Task A_vendor_is_told_of_the_end_three_months_after_the_expiry_and_once(Engine engine)
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await StartAsync(engine, vendor);
        var (over, refused, renewed) = (await OrderAsync(server, "AV_PRO"), await OrderAsync(server, "AV_PRO"), await OrderAsync(server, "AV_PRO"));
        var (overId, refusedId) = ((await server.KeyAsync(over)).Id.Value, (await server.KeyAsync(refused)).Id.Value);
        (await server.KeyAsync(over)).ExpirationDate.ShouldBe(new DateOnly(2026, 4, 18));

        // One day too early nothing is asked, and a renewal in the last moment keeps its key.
        To(server, new DateOnly(2026, 7, 17));
        await CodeAsync(server, 100, "renewKey", renewed);
        await server.Database.WriteAsync(tx => server.Get<VendorActs>().EndExpiredAsync(tx, None), None);
        (await server.KeyAsync(over)).IsTerminated.ShouldBeFalse();
        (await server.Database.ReadAsync(s => server.Get<VendorStore>().ActsAsync(s, true, int.MaxValue, 10, None), None)).ShouldBeEmpty();

        vendor.Misbehave("refuse");
        To(server, new DateOnly(2026, 7, 18));
        await UntilAsync(async () => (await RefusedAsync(server)).Count == 2);
        vendor.Misbehave("");
        await server.Database.WriteAsync(tx => server.Get<VendorActs>().EndExpiredAsync(tx, None), None);
        (await RefusedAsync(server)).Count.ShouldBe(2);
        (await server.KeyAsync(refused)).IsTerminated.ShouldBeFalse();
        ((bool)vendor.Sold(refusedId)["live"]!).ShouldBeTrue();

        // A person says it again for one of them.
        await CodeAsync(server, 100, "terminateKey", over);
        ((bool)vendor.Sold(overId)["live"]!).ShouldBeFalse();
        (await server.KeyAsync(renewed)).IsTerminated.ShouldBeFalse();
    }

    [Theory, BothEngines]
    public async Task What_expired_long_ago_is_ended_here_when_its_vendor_has_ended_it(Engine engine)
    {
        using var vendor = await SampleVendor.StartAsync();
        await using var server = await StartAsync(engine, vendor);
        var number = await OrderAsync(server, "AV_PRO");
        var id = (await server.KeyAsync(number)).Id.Value;

        To(server, new DateOnly(2026, 7, 18));
        await UntilAsync(async () => (await server.KeyAsync(number)).IsTerminated);

        vendor.Sold(id)["log"]!.AsArray().Select(a => (string)a!).ShouldBe(["PURCHASE", "TERMINATE"]);
    }

    private static void To(TestKeyServer server, DateOnly day) => server.Time.Advance(new DateTimeOffset(day, new TimeOnly(1, 0), TimeSpan.Zero) - server.Time.GetUtcNow());

    private static async Task<List<VendorActRow>> RefusedAsync(TestKeyServer server) =>
        [.. (await server.Database.ReadAsync(s => server.Get<VendorStore>().ActsAsync(s, false, int.MaxValue, 20, None), None)).Where(a => a.State == VendorActState.Refused)];

    private static async Task<TestKeyServer> StartAsync(Engine engine, SampleVendor vendor, bool repeats = true)
    {
        var server = await TestKeyServer.StartAsync(engine);
        await server.DoAsync(tx => server.Get<AddVendorHandler>().HandleAsync(tx, new() { Name = "acme", Url = vendor.Url, Repeats = repeats }, TestKeyServer.Staff, None));
        await server.DoAsync(tx => server.Get<ImportPriceListHandler>().HandleAsync(tx, Encoding.UTF8.GetBytes(List), TestKeyServer.Staff, None));
        server.Services.GetRequiredKeyedService<WorkEngine>(KeyServerModule.DatabaseKey).Start();
        return server;
    }

    // For calls whose vendor will not answer.
    private static void WaitBriefly(TestKeyServer server) => server.Get<IOptions<KeyServerOptions>>().Value.VendorWait = TimeSpan.FromMilliseconds(500);

    private static async Task<string> OrderAsync(TestKeyServer server, string keyType = "AV")
    {
        var answer = await server.CallAsync("createKey", new XmlRpcStruct(), "northwind", keyType, new XmlRpcArray(), "billing");
        answer["resultCode"].AsInt().ShouldBe(100, answer["resultDesc"].AsString());
        return answer["mainKeyNumber"].AsString();
    }

    private static async Task<XmlRpcStruct> CodeAsync(TestKeyServer server, int code, string method, params string[] arguments)
    {
        var answer = await server.CallAsync(method, [.. arguments.Select(a => (XmlRpcValue)a)]);
        answer["resultCode"].AsInt().ShouldBe(code, $"{method}: {answer["resultDesc"].AsString()}");
        return answer;
    }

    /// <summary>The vendor's body in the signed file that a partner fetches.</summary>
    private static async Task<string> BodyAsync(TestKeyServer server, string number) =>
        Encoding.ASCII.GetString((await server.VerifiedAsync(await CodeAsync(server, 100, "retrieveKey", number))).KeyBody!);

    private static Task<List<KeyRow>> KeysAsync(TestKeyServer server) => server.Database.ReadAsync(s => server.Get<KeyStore>().PageAsync(s, null, null, null, 10, None), None);

    private static async Task<int> LivingAsync(TestKeyServer server) => (await KeysAsync(server)).Count(k => !k.IsTerminated);

    private static async Task<VendorActRow> ActAsync(TestKeyServer server) =>
        (await server.Database.ReadAsync(s => server.Get<VendorStore>().ActsAsync(s, true, int.MaxValue, 10, None), None)).ShouldHaveSingleItem();

    private static Task<Keygate.Kernel.Result<VendorActView>> SayAsync(TestKeyServer server, VendorActId act, VendorWord word, byte[]? body) =>
        server.Database.WriteAsync(tx => server.Get<EndVendorActHandler>().HandleAsync(tx, act, new VendorWordRequest(word, body), None), None);

    private static Task<VendorView> SetVendorAsync(TestKeyServer server, VendorRequest request) => server.DoAsync(tx => server.Get<ChangeVendorHandler>().HandleAsync(tx, "acme", request, None));

    private static async Task<List<DueKeyRow>> DueAsync(TestKeyServer server)
    {
        var today = server.Time.Utc();
        return await server.Database.ReadAsync(s => server.Get<RenewalStore>().ListAsync(s, today, today, false, 0, 10, None), None);
    }

    // The engine works in the background as in a server: what is waited for comes by itself, however long the machine takes.
    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var i = 0; !await isSo(); i++)
        {
            i.ShouldBeLessThan(600, "It did not happen within a minute.");
            await Task.Delay(100, None);
        }
    }
}
