using System.Net;
using System.Text.Json.Nodes;
using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Tests.Orders;
using Keygate.Tests.Orders.Subscriptions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.Licenses;

/// <summary>The change of a license at the screens: what it does stands there before it happens.</summary>
public sealed class ChangeScreenTests
{
    [Fact]
    public async Task What_a_change_does_is_shown_first_and_only_that_is_done()
    {
        await using var life = await SandboxLife.StartAsync(Engine.Sqlite);
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = Options });
        var (_, license) = await life.SoldAsync(change: o => o["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10));
        using var anna = await Visitor.SignInAsync(life.House);

        (await anna.OpenAsync($"/admin/licenses/{license}")).Links.ShouldContain("Change ...");
        await anna.OpenAsync($"/admin/licenses/{license}/change");
        anna.Buttons.ShouldBeEmpty("nothing can be done before it was shown");

        await anna.PressAsync("Show what it does", ("feature-DOMAINS", Hosting.Domains30), ("when", "Now"));
        anna.Text.ShouldContain("Comes in 30 domains Is lost 10 domains");
        anna.Text.ShouldContain("6.50 EUR now, 9.00 EUR after it for each period (+2.50 EUR)");
        anna.Text.ShouldContain("Upgrade SIM.00000001.0000 from 10_DOMAINS to 30_DOMAINS by 10_TO_30");
        anna.Text.ShouldContain("The same license can be changed back.");
        (await life.House.WorkAsync()).ShouldNotContain(w => w.StartsWith("licensing.change ", StringComparison.Ordinal));

        // Renewed since: the number is another, so it would not be what stands there.
        var shown = anna.Html;
        await life.House.PostAsync($"licenses/{license}/renew");
        await life.UntilAsync(license, l => (string)l["keyNumber"]! == "SIM.00000001.0001" && l["goingOn"] is null);
        await anna.PressAsync("Change the license");
        anna.Status.ShouldBe(HttpStatusCode.Conflict);
        anna.Text.ShouldContain("orders.change-stale");
        anna.Text.ShouldContain("Upgrade SIM.00000001.0001");
        anna.Html.ShouldNotBe(shown);

        await anna.PressAsync("Change the license");
        anna.Text.ShouldContain("The change waits for the payment of its order.");
        anna.Text.ShouldContain("Awaits payment");
        anna.Links.ShouldContain("Order 2");
        await life.House.PayAsync(await life.House.OrderAsync(2));
        await life.UntilAsync(license, l => (string)l["keyNumber"]! == "SIM.00000001.0002" && l["goingOn"] is null && (string)l["file"]!["keyNumber"]! == "SIM.00000001.0002");
        (await anna.OpenAsync($"/admin/licenses/{license}")).Text.ShouldContain("Last change Status Done");
        anna.Buttons.ShouldNotContain("Undo the change");
    }

    [Fact]
    public async Task At_the_periods_end_it_is_scheduled_and_undone_by_its_button_and_what_cannot_be_says_why()
    {
        await using var life = await SandboxLife.StartAsync(Engine.Sqlite);
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = Options });
        var (_, license) = await life.SoldAsync();
        using var anna = await Visitor.SignInAsync(life.House, language: "de");

        await anna.OpenAsync($"/admin/licenses/{license}/change");
        await anna.PressAsync("Zeigen, was es bewirkt", ("feature-DOMAINS", Hosting.Domains30), ("when", "Now"));
        anna.Status.ShouldBe(HttpStatusCode.BadRequest);
        anna.Text.ShouldContain("catalog.changes-nothing");
        anna.Buttons.ShouldBeEmpty();

        await anna.PressAsync("Zeigen, was es bewirkt", ("feature-DOMAINS", Hosting.Domains10), ("when", "PeriodEnd"));
        anna.Text.ShouldContain("2026-03-01 00:00:00 UTC, wenn der Zeitraum endet");
        await anna.PressAsync("Zum Ende des Zeitraums ändern");
        anna.Text.ShouldContain("Vorgemerkt");
        anna.Buttons.ShouldContain("Änderung zurücknehmen");

        using var auditor = await Visitor.SignInAsync(life.House, "Auditor");
        await auditor.OpenAsync($"/admin/licenses/{license}");
        auditor.Text.ShouldContain("Scheduled");
        auditor.Buttons.ShouldBeEmpty();
        auditor.Links.ShouldNotContain("Change ...");

        await anna.PressAsync("Änderung zurücknehmen");
        anna.Text.ShouldContain("Die Änderung ist zurückgenommen.");
        anna.Buttons.ShouldNotContain("Änderung zurücknehmen");
        ((string)(await life.House.GetAsync($"licenses/{license}/change"))["state"]!).ShouldBe("undone");
    }

    private static IReadOnlyList<UpgradeOption> Options { get; } =
    [
        new() { From = Hosting.Domains10, To = Hosting.Domains30, Plan = "10_TO_30" },
        new() { From = Hosting.Domains30, To = Hosting.Domains10, Plan = "10_TO_30", Type = UpgradeType.Downgrade },
    ];
}
