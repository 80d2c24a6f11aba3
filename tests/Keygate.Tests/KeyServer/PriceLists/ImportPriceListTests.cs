using System.Text;
using Keygate.KeyServer;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PriceLists;

public sealed class ImportPriceListTests
{
    [Theory, BothEngines]
    public async Task The_same_file_changes_nothing(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        var again = await ImportAsync(server, Text());

        (again.Value.Version, again.Value.Added.Count, again.Value.Changed.Count, again.Value.Withdrawn.Count).ShouldBe((1, 0, 0, 0));
    }

    [Theory, BothEngines]
    public async Task A_changed_file_updates_the_list_and_withdraws_what_it_no_longer_holds(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync("PINNACLE_CART");
        var text = Text().Replace("\"PINNACLE_CART\"", "\"OTHER_CART\"", StringComparison.Ordinal).Replace("Virtuozzo 4 for Linux", "Virtuozzo 4", StringComparison.Ordinal);

        var import = (await ImportAsync(server, text)).Value;

        import.Version.ShouldBe(2);
        import.Added.ShouldBe(["OTHER_CART"]);
        import.Changed.ShouldBe(["VIRTUOZZO_4"]);
        import.Withdrawn.ShouldBe(["PINNACLE_CART"]);
        var refused = await server.CallAsync("createKey", new XmlRpcStruct(), "northwind", "PINNACLE_CART", new XmlRpcArray(), "billing");
        refused["resultCode"].AsInt().ShouldBe(260);
        (await server.CallAsync("renewKey", number))["resultCode"].AsInt().ShouldBe(100);

        // Put back, it can be ordered again.
        (await ImportAsync(server, Text())).Value.Added.ShouldBe(["PINNACLE_CART"]);
        await server.BareKeyAsync("PINNACLE_CART");
    }

    [Theory, BothEngines]
    public async Task A_broken_file_changes_nothing(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var text = Text().Replace("\"name\": \"30 Plesk domains\"", "\"name\": 30", StringComparison.Ordinal).Replace("Virtuozzo 4 for Linux", "Other", StringComparison.Ordinal);

        var error = (await ImportAsync(server, text)).Error.ShouldNotBeNull();

        error.Code.ShouldBe(KeyServerErrors.PriceListBroken.Code);
        error.Detail.ShouldMatch(@"^Line \d+: ""name"" of feature 30_DOMAINS must be a text");
        var list = await server.Database.ReadAsync(s => server.Get<PriceListStore>().GetAsync(s, PriceListId.Of(1), CancellationToken.None), CancellationToken.None);
        list.Version.ShouldBe(1);
        list.KeyType("VIRTUOZZO_4")!.Name.ShouldBe("Virtuozzo 4 for Linux");
    }

    [Theory, BothEngines]
    public async Task Two_lists_stand_side_by_side(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        await server.DoAsync(tx => server.Get<ImportPriceListHandler>().HandleAsync(tx, TestKeyServer.Sample("vendor"), TestKeyServer.Staff, CancellationToken.None));

        var lists = await server.Database.ReadAsync(s => server.Get<PriceListStore>().ListAsync(s, CancellationToken.None), CancellationToken.None);

        lists.Select(l => (l.Name, l.Version, l.ChangedBy)).ShouldBe([("hosting", 1, "issuer"), ("vendor", 1, "issuer")]);
    }

    private static string Text() => Encoding.UTF8.GetString(TestKeyServer.Sample("hosting"));

    private static Task<Result<ImportedPriceList>> ImportAsync(TestKeyServer server, string text) => server.Database.WriteAsync(
        tx => server.Get<ImportPriceListHandler>().HandleAsync(tx, Encoding.UTF8.GetBytes(text), TestKeyServer.Staff, CancellationToken.None), CancellationToken.None);
}
