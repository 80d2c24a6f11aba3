using System.Net;
using System.Text.Json.Nodes;
using Keygate.Catalog;
using Keygate.Storage;
using Keygate.Tests.Orders;
using Keygate.Tests.Orders.Subscriptions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.Portal;

/// <summary>What customers do with what is theirs: invoices, a change within what is paid, the end of a subscription and of an order; and nothing with what is somebody else's.</summary>
public sealed class PortalTests
{
    [Fact]
    public async Task A_customer_changes_keeps_and_ends_what_is_theirs_and_reads_the_invoices()
    {
        await using var life = await SandboxLife.StartAsync(Engine.Sqlite);
        var house = life.House;
        await house.ChangeCatalogAsync(c => c with { UpgradeOptions = Options });
        await house.PutAsync("invoicing", new JsonObject { ["seller"] = "Provider GmbH\nHauptstr. 1", ["taxId"] = "DE123456789", ["taxBasisPoints"] = 1900 });
        using var blue = await RegisteredAsync(house, "Blue Yonder", "it@blueyonder.example");
        var customer = (int)(await house.GetAsync("customers"))["items"]!.AsArray()[^1]!["id"]!;
        var (subscription, license) = await life.SoldAsync(change: o =>
        {
            o["customerId"] = customer;
            o["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10);
        });

        // More for the same money is not to be had at once; at the period's end it is, and until then it can be taken back.
        (await blue.OpenAsync($"/my/licenses/{license}")).Links.ShouldContain("Change ...");
        await blue.OpenAsync($"/my/licenses/{license}/change");
        await blue.PressAsync("Show what it does", ("feature-DOMAINS", Hosting.Domains30), ("when", "Now"));
        blue.Text.ShouldContain("6.50 EUR now, 9.00 EUR after it for each period (+2.50 EUR)");
        blue.Text.ShouldContain("Choose the period's end.");
        blue.Text.ShouldNotContain("SIM.00000001.0000 from 10_DOMAINS", customMessage: "how the issuer is asked is the staff's business");
        blue.Buttons.ShouldBeEmpty();
        var preview = await house.PostAsync($"licenses/{license}/change/preview", new JsonObject { ["features"] = new JsonArray(Hosting.Domains30), ["when"] = "Now" });
        await blue.SendAsync($"/my/licenses/{license}/change", ("token", (string)preview["token"]!), ("keyType", Hosting.Plesk), ("feature-DOMAINS", Hosting.Domains30), ("when", "Now"));
        blue.Text.ShouldContain("orders.change-unpaid");
        (await house.WorkAsync()).ShouldNotContain(w => w.StartsWith("licensing.change ", StringComparison.Ordinal));
        await blue.PressAsync("Show what it does", ("feature-DOMAINS", Hosting.Domains30), ("when", "PeriodEnd"));
        await blue.PressAsync("Change it at the period's end");
        blue.Path.ShouldBe($"/my/licenses/{license}");
        blue.Text.ShouldContain("Scheduled");
        await blue.PressAsync("Undo the change");
        ((string)(await house.GetAsync($"licenses/{license}/change"))["state"]!).ShouldBe("undone");

        // It may end with its period, be kept after all, or end at once.
        await blue.OpenAsync($"/my/subscriptions/{subscription}");
        blue.Buttons.ShouldBe(["Let it end with its period", "Cancel now"]);
        await blue.PressAsync("Let it end with its period");
        blue.Text.ShouldContain("It ends with its period.");
        ((bool)(await house.GetAsync($"subscriptions/{subscription}"))["endsWithPeriod"]!).ShouldBeTrue();
        await blue.PressAsync("Keep it: renew it again");
        ((bool)(await house.GetAsync($"subscriptions/{subscription}"))["endsWithPeriod"]!).ShouldBeFalse();

        // Invoices as they were issued.
        await house.AfterAsync(TimeSpan.FromMinutes(1));
        await house.AfterAsync(TimeSpan.FromMinutes(1));
        await house.UntilAsync("invoices", i => i["items"]!.AsArray().Count > 0);
        (await blue.OpenAsync("/my")).Links.ShouldContain("Invoice 1");
        await blue.OpenAsync("/my/invoices/1");
        foreach (var text in new[] { "Provider GmbH", "Blue Yonder", "DE123456789", "Contained tax, 19 %" })
        {
            blue.Text.ShouldContain(text);
        }

        // An order that nobody has paid is theirs to cancel; a paid one is not.
        var open = (int)(await house.PlaceAsync((int)(await house.GetAsync($"subscriptions/{subscription}"))["planId"]!, o => o["customerId"] = customer))["id"]!;
        await blue.OpenAsync($"/my/orders/{open}");
        await blue.PressAsync("Cancel Order");
        ((string)(await house.OrderAsync(open))["state"]!).ShouldBe("CL");
        blue.Buttons.ShouldBeEmpty();
        await blue.SendAsync("/my/orders/1/cancel");
        blue.Status.ShouldBe(HttpStatusCode.Conflict);

        await SeesNothingOfItAsync(house, subscription, license, open);

        await blue.OpenAsync($"/my/subscriptions/{subscription}");
        await blue.PressAsync("Cancel now", ("reason", "We move."));
        blue.Text.ShouldContain("The subscription is cancelled");
        await life.UntilAsync(license, l => (string)l["status"]! == "Terminated");
        blue.Links.ShouldNotContain("Download the license file");
    }

    // Another customer meets "not there" everywhere, and nothing happens.
    private static async Task SeesNothingOfItAsync(OrdersHouse house, int subscription, int license, int order)
    {
        using var eve = await RegisteredAsync(house, "Eve", "eve@evil.example");
        foreach (var path in new[] { $"/my/subscriptions/{subscription}", $"/my/licenses/{license}/change", "/my/invoices/1" })
        {
            (await eve.OpenAsync(path)).Status.ShouldBe(HttpStatusCode.NotFound, path);
        }

        await eve.OpenAsync("/my");
        foreach (var (path, fields) in new (string, (string, string)[])[]
        {
            ($"/my/subscriptions/{subscription}/cancel", [("reason", "mine")]), ($"/my/subscriptions/{subscription}/renewal", [("automatic", "false")]), ($"/my/orders/{order}/cancel", []),
            ($"/my/licenses/{license}/change", [("token", "x")]), ($"/my/licenses/{license}/change/undo", []),
        })
        {
            await eve.OpenAsync("/my");
            (await eve.SendAsync(path, fields)).Status.ShouldBe(HttpStatusCode.NotFound, path);
        }

        ((string)(await house.GetAsync($"subscriptions/{subscription}"))["status"]!).ShouldBe("Active");
        ((bool)(await house.GetAsync($"subscriptions/{subscription}"))["endsWithPeriod"]!).ShouldBeFalse();
    }

    private static async Task<Visitor> RegisteredAsync(OrdersHouse house, string name, string email)
    {
        var visitor = Visitor.At(house.Url);
        await visitor.OpenAsync("/my/register");
        await visitor.PressAsync("Open the account", ("name", name), ("email", email), ("password", "long enough"));
        visitor.Path.ShouldBe("/my");
        return visitor;
    }

    private static IReadOnlyList<UpgradeOption> Options { get; } =
    [
        new() { From = Hosting.Domains10, To = Hosting.Domains30, Plan = "10_TO_30" },
        new() { From = Hosting.Domains30, To = Hosting.Domains10, Plan = "10_TO_30", Type = UpgradeType.Downgrade },
    ];
}
