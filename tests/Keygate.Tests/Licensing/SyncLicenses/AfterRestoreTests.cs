using System.Net;
using System.Text.Json.Nodes;
using Keygate.Licensing;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Licensing.SyncLicense;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing.SyncLicenses;

/// <summary>A restored database does not know what its issuers did since: they are read, and asked for nothing, until all their keys were compared.</summary>
public sealed class AfterRestoreTests
{
    private const string Product = LicensingHouse.PanelProduct;

    [Theory, BothEngines]
    public async Task An_issuer_is_read_and_asked_for_nothing_until_a_whole_pass_told_what_is_unknown_here(Engine engine)
    {
        var books = new IssuerBooks(streaming: true);
        await using var house = await LicensingHouse.StartAsync(engine, books);
        await house.UseIssuerAsync(books.Manifest.Kind);
        await house.BroughtToAsync(LicenseState.Issued, Product);
        var stray = books.Make(Product);
        await house.Database.WriteAsync(async tx =>
        {
            await PluginsModule.AfterRestoreAsync(tx, house.Time.GetUtcNow(), "20260101T000000Z", default);
            return 0;
        }, default);

        var waiting = await house.RequestAsync(Product);
        await house.PostAsync($"licenses/{waiting}/issue");
        (await house.RefusedAsync($"plugins/{house.IssuerId}/resume", null, HttpStatusCode.Conflict, "plugins.not-compared")).ShouldContain("restored");
        var run = await house.PostAsync("licenses/sync", new JsonObject { ["issuer"] = house.IssuerId });
        ((string?)run["runs"]!.AsArray().ShouldHaveSingleItem()!["endedAt"]).ShouldBeNull();

        var plugin = await house.UntilAsync($"plugins/{house.IssuerId}", p => p["restoredAt"] is null);
        ((string)plugin["pausedReason"]!).ShouldContain("1 keys that are unknown here");
        (await house.GetAsync("stray-keys"))["items"]!.AsArray().Select(k => (string)k!["keyNumber"]!).ShouldBe([stray]);
        books.Keys.Count.ShouldBe(2, "nothing was asked for meanwhile");

        await house.PostAsync($"plugins/{house.IssuerId}/resume");
        await house.UntilStateAsync(waiting, LicenseState.Issued);
        books.Keys.Count.ShouldBe(3);
    }
}
