using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Tests.Licensing.SyncLicense;
using Keygate.Tests.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.Sync;

/// <summary>Sync License at the screens: one, a selection, all; each difference with the buttons that cure it, and no others.</summary>
public sealed class SyncScreenTests
{
    [Fact]
    public async Task Differences_are_found_for_one_license_and_a_selection_and_cured_by_their_buttons()
    {
        var books = new IssuerBooks(streaming: true);
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite, books);
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "Books", ["kind"] = "issuer.streaming-books" }))["id"]!;
        var (first, second) = (await InstalledAsync(house, issuer), await InstalledAsync(house, issuer));
        using var anna = await Visitor.SignInAsync(house);

        (await anna.OpenAsync($"/admin/licenses/{first}")).Text.ShouldContain("Never compared");
        await anna.PressAsync("Sync License");
        anna.Text.ShouldContain("Compared: nothing differs.");

        books.Change(await NumberAsync(house, first), k => k with { KeyType = "PLESK_12", Suspended = true });
        books.Change(await NumberAsync(house, second), k => k with { Issued = k.Issued with { Terminated = true } });
        books.Make("PLESK_10_FOR_VZ");
        await anna.PressAsync("Sync License");
        anna.Text.ShouldContain("Not In Sync");
        anna.Text.ShouldContain("Different Key Type in Business Automation and in KA: PLESK_10_FOR_VZ here, PLESK_12 there.");

        // What is suspended there can only be ignored; the key type can be taken over as well.
        anna.Buttons.Count(b => b == "Ignore").ShouldBe(2);
        anna.Buttons.Count(b => b == "Take the issuer's").ShouldBe(1);
        await anna.PressAsync("Take the issuer's");
        anna.Text.ShouldContain("The difference is settled.");
        await anna.PressAsync("Ignore");
        anna.Status.ShouldBe(HttpStatusCode.BadRequest);
        anna.Text.ShouldContain("licensing.reason-missing");
        await anna.PressAsync("Ignore", ("reason", "the issuer is asked"));
        anna.Text.ShouldContain("Ignored: the issuer is asked");
        anna.Text.ShouldContain("In Sync");

        await anna.OpenAsync($"/admin/licenses?issuer={issuer}");
        await anna.PressAsync("Sync License: selected");
        anna.Text.ShouldContain("licensing.nothing-to-compare");
        await anna.OpenAsync($"/admin/licenses?issuer={issuer}");
        await anna.PressAsync("Sync License: selected", ("id", second.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        anna.Text.ShouldContain("a selection");
        await UntilAsync(anna, house, "/admin/sync", "Ended");
        anna.Text.ShouldContain("Different State in Business Automation and in KA: live here, terminated there.");
        await anna.PressAsync("Take the issuer's");
        (await anna.OpenAsync($"/admin/licenses/{second}")).Text.ShouldContain("Terminated");

        // A pass over all finds the key that nobody here has.
        await anna.OpenAsync("/admin/sync");
        await anna.PressAsync("Sync License: all of Books");
        await UntilAsync(anna, house, "/admin/sync", "BOOK.00000003.0000");
        await anna.PressAsync("Ignore", ("reason", "a test of ours"));
        anna.Text.ShouldContain("Ignored: a test of ours (administrator-en)");

        using var auditor = await Visitor.SignInAsync(house, "Auditor");
        foreach (var path in new[] { "/admin/sync", $"/admin/licenses/{first}", "/admin/licenses" })
        {
            (await auditor.OpenAsync(path)).Buttons.ShouldBeEmpty(path);
        }
    }

    private static async Task UntilAsync(Visitor visitor, OrdersHouse house, string path, string text)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await visitor.OpenAsync(path)).Text.Contains(text, StringComparison.Ordinal))
        {
            over.IsCancellationRequested.ShouldBeFalse(visitor.Text);
            house.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20);
        }
    }

    private static async Task<int> InstalledAsync(OrdersHouse house, int issuer)
    {
        var id = (int)(await house.PostAsync("licenses", new JsonObject
        {
            ["keyType"] = Hosting.Plesk, ["issuer"] = issuer, ["installer"] = house.InstallerId, ["target"] = "node4", ["features"] = new JsonArray(Hosting.Domains30),
        }))["id"]!;
        foreach (var (verb, state) in new[] { ("issue", "Issued"), ("retrieve", "Retrieved"), ("install", "Installed") })
        {
            await house.PostAsync($"licenses/{id}/{verb}");
            using var over = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (await house.GetAsync($"licenses/{id}") is var license && ((string)license["status"]! != state || license["goingOn"] is not null))
            {
                over.IsCancellationRequested.ShouldBeFalse(license.ToJsonString());
                await Task.Delay(20);
            }
        }

        return id;
    }

    private static async Task<string> NumberAsync(OrdersHouse house, int license) => (string)(await house.GetAsync($"licenses/{license}"))["keyNumber"]!;
}
