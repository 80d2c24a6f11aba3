using System.Net;
using System.Text.Json.Nodes;
using Keygate.Catalog;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders.Subscriptions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.ChangeOrdersSlice;

/// <summary>What a subscription holds is changed by an order: charged or given back for the rest of the period, by days.</summary>
public sealed class ChangeOrderTests
{
    [Theory, BothEngines]
    public async Task An_upgrade_is_charged_for_the_rest_and_a_downgrade_given_back(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await SoldWith10Async(life);
        await life.House.AfterAsync(TimeSpan.FromDays(14));

        // 14 of 28 days are left: half of 250.
        var (preview, begun) = await ChangeAsync(life, license, Features(Hosting.Domains30));
        ((long)preview["money"]!["now"]!, (long)preview["money"]!["difference"]!).ShouldBe((125, 250));
        preview["money"]!["lines"]!.AsArray().Select(l => ((string)l!["kind"]!, (string)l["description"]!, (long)l["amount"]!)).ShouldBe([("ResourceRecurring", "30 domains: 14 days until 2026-03-01", 125)]);
        ((string)begun["state"]!, (int)begun["order"]!).ShouldBe(("awaiting payment", 2));
        var order = await life.House.OrderAsync(2);
        ((string)order["type"]!, (string)order["state"]!, (long)order["total"]!).ShouldBe(("CH", "WP", 125));
        var item = order["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)item["type"]!, (int)item["typeCode"]!, (string)item["status"]!).ShouldBe(("OI_UPGRADE", 60, "NotSubmitted"));
        (await life.House.WorkAsync()).ShouldNotContain(w => w.StartsWith("licensing.change ", StringComparison.Ordinal));
        (await life.House.RefusedAsync($"licenses/{license}/change/preview", Features(Hosting.Domains30), HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.subscription-busy");

        await life.House.PayAsync(order);
        await life.House.UntilStateAsync(2, "CP");
        await life.UntilAsync(license, l => Words(l, "features") == "30_DOMAINS" && l["goingOn"] is null);
        var shown = await life.House.GetAsync($"licenses/{license}/change");
        ((string)shown["state"]!, (int)shown["order"]!).ShouldBe(("done", 2));

        // Back six days later: for 8 of 28 days, by a credit note on the newest invoice.
        await life.House.AfterAsync(TimeSpan.FromDays(6));
        var (down, _) = await ChangeAsync(life, license, Features(Hosting.Domains10));
        ((long)down["money"]!["now"]!, (long)down["money"]!["difference"]!).ShouldBe((-71, -250));
        await life.House.UntilStateAsync(3, "CP");
        await life.UntilAsync(license, l => Words(l, "features") == "10_DOMAINS" && l["goingOn"] is null);
        await life.House.AfterAsync(TimeSpan.FromMinutes(2));
        var documents = (await life.House.GetAsync("invoices"))["items"]!.AsArray();
        documents.Select(d => ((string)d!["kind"]!, (int?)d["credits"], (long)d["total"]!)).ShouldBe([("CreditNote", 2, -71), ("Invoice", null, 125), ("Invoice", null, 1640)]);
        (await life.House.GetAsync($"orders?subscriptionId={subscription}"))["items"]!.AsArray().Sum(o => (long)o!["total"]!).ShouldBe(documents.Sum(d => (long)d!["total"]!));
        (await life.House.AttentionCountAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task One_that_would_do_something_else_when_it_is_paid_takes_no_money_and_an_unpaid_one_is_in_nobodys_way(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await SoldWith10Async(life);
        await ChangeAsync(life, license, Features(Hosting.Domains30));
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = [.. Options.Select(o => o with { Enabled = false })] });
        var refused = await life.House.RefusedAsync("orders/2/pay", new JsonObject { ["amount"] = 250, ["currency"] = "EUR" }, HttpStatusCode.Conflict);
        ((string)refused["code"]!).ShouldBe("catalog.upgrade-missing");
        (await life.House.CountAsync("payments")).ShouldBe(1);
        await life.House.PostAsync("orders/2/cancel", new JsonObject { ["reason"] = "Not for sale any more." });
        ((string)(await life.House.GetAsync($"subscriptions/{subscription}"))["status"]!).ShouldBe("Active");

        // Nobody pays another one: the renewal comes in its turn.
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = Options });
        await ChangeAsync(life, license, Features(Hosting.Domains30));
        await life.House.AfterAsync(TimeSpan.FromDays(21));
        await life.House.AfterAsync(TimeSpan.FromHours(2));
        ((string)(await life.House.OrderAsync(3))["state"]!).ShouldBe("CL");
        var renewal = await life.House.OrderAsync(4);
        ((string)renewal["type"]!, (long)renewal["total"]!).ShouldBe(("RN", 990 + 650));
        Words(await life.House.GetAsync($"licenses/{license}"), "features").ShouldBe("10_DOMAINS");
    }

    [Theory, BothEngines]
    public async Task A_change_that_stops_fails_its_order_which_goes_on_when_it_is_submitted_again(Engine engine)
    {
        await using var life = await StartAsync(engine, "change 1: refuse 266 The upgrade is not acceptable");
        var (_, license) = await SoldWith10Async(life);
        var (_, begun) = await ChangeAsync(life, license, Features(Hosting.Domains30));
        await life.House.PayAsync(await life.House.OrderAsync((int)begun["order"]!));
        var failed = await life.House.UntilStateAsync(2, "PF");
        ((string)failed["items"]![0]!["comment"]!).ShouldContain("The upgrade is not acceptable");

        // What fails an order is dealt with at the order.
        var attention = (await life.House.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)attention["work"]!, (int)attention["orderId"]!).ShouldBe(("licensing.change", 2));
        await life.House.PostAsync("orders/2/resubmit");
        await life.House.UntilStateAsync(2, "CP");
        await life.UntilAsync(license, l => Words(l, "features") == "30_DOMAINS" && l["goingOn"] is null);
        (await life.House.AttentionCountAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task At_the_periods_end_the_renewal_charges_what_the_license_will_be(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await life.SoldAsync();
        var (preview, _) = await ChangeAsync(life, license, Features(Hosting.Domains10), "PeriodEnd");
        ((long)preview["money"]!["now"]!, preview["money"]!["lines"]!.AsArray().Count).ShouldBe((0, 0));
        (await life.House.CountAsync("orders")).ShouldBe(1);
        await life.House.AfterAsync(TimeSpan.FromDays(21));
        await life.House.AfterAsync(TimeSpan.FromHours(2));
        ((long)(await life.House.OrderAsync(2))["total"]!).ShouldBe(990 + 650);

        // Undone, another renewal takes the place of the one that counted on it.
        await life.House.PostAsync($"licenses/{license}/change/undo");
        ((string)(await life.House.OrderAsync(2))["state"]!).ShouldBe("CL");
        ((string)(await life.House.OrderAsync(3))["state"]!, (long)(await life.House.OrderAsync(3))["total"]!).ShouldBe(("WP", 990 + 650 + 250));

        // Asked for again after the payment, it belongs to the end of the next period; charged by the next renewal it is not undone.
        await life.House.PayAsync(await life.House.OrderAsync(3));
        await ChangeAsync(life, license, Features(Hosting.Domains10), "PeriodEnd");
        ((string)(await life.House.GetAsync($"licenses/{license}/change"))["takesEffectAt"]!).ShouldStartWith("2026-04-01");
        var early = await life.House.PostAsync($"subscriptions/{subscription}/renew");
        ((long)early["total"]!).ShouldBe(990 + 650);
        await life.House.PayAsync(early);
        (await life.House.RefusedAsync($"licenses/{license}/change/undo", null, HttpStatusCode.Conflict)).ToJsonString().ShouldContain("orders.change-charged");
    }

    [Theory, BothEngines]
    public async Task What_is_scheduled_is_charged_also_while_it_looks_whether_its_time_has_come(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await life.SoldAsync();
        await ChangeAsync(life, license, Features(Hosting.Domains10), "PeriodEnd");

        // As it stands between two of its looks, held there.
        (await life.House.Database.WriteAsync(
            tx => tx.ExecuteAsync("update work set state = 'ready' where kind = @Kind and state = 'sleeping' and step = 'begin'", new { Kind = ChangeProcess.KindName }, CancellationToken.None),
            CancellationToken.None)).ShouldBe(1);

        ((string)(await life.House.GetAsync($"licenses/{license}/change"))["state"]!).ShouldBe("scheduled");
        ((long)(await life.House.PostAsync($"subscriptions/{subscription}/renew"))["total"]!).ShouldBe(990 + 650);
    }

    [Theory, BothEngines]
    public async Task What_is_scheduled_waits_for_the_payment_of_the_period_that_it_begins(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (_, license) = await life.SoldAsync();
        await ChangeAsync(life, license, Features(Hosting.Domains10), "PeriodEnd");
        await life.House.AfterAsync(TimeSpan.FromDays(27) + TimeSpan.FromHours(12));
        await life.House.AfterAsync(TimeSpan.FromDays(2));
        Words(await life.House.GetAsync($"licenses/{license}"), "features").ShouldBe("30_DOMAINS");
        (await life.House.AttentionCountAsync()).ShouldBe(0);

        await life.House.PayAsync(await life.House.OrderAsync(2));
        await life.UntilAsync(license, l => Words(l, "features") == "10_DOMAINS" && l["goingOn"] is null, TimeSpan.FromMinutes(10));
    }

    [Theory, BothEngines]
    public async Task Paid_after_the_lease_ran_out_the_new_license_is_what_was_scheduled(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, license) = await life.SoldAsync();
        await ChangeAsync(life, license, Features(Hosting.Domains10), "PeriodEnd");
        await life.House.AfterAsync(TimeSpan.FromDays(28));
        await life.House.AfterAsync(TimeSpan.FromHours(1));
        await life.House.AfterAsync(TimeSpan.FromDays(7) + TimeSpan.FromHours(2));
        await life.UntilAsync(license, l => l["suspendedAt"] is not null);
        await life.House.AfterAsync(TimeSpan.FromDays(10));
        ((string)(await life.House.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Expired");

        ((long)(await life.House.OrderAsync(2))["total"]!).ShouldBe(990 + 650);
        await life.House.PayAsync(await life.House.OrderAsync(2));
        var done = await life.House.UntilStateAsync(2, "CP");
        Words(await life.House.GetAsync($"licenses/{done["licenses"]![0]!["id"]}"), "features").ShouldBe("10_DOMAINS");
        Held(await life.House.GetAsync($"subscriptions/{subscription}")).Order(StringComparer.Ordinal).ShouldBe(["10_DOMAINS 1", "PLESK_10_FOR_VZ 1"]);
        (await life.House.AttentionCountAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task A_quantity_is_changed_at_once_when_it_is_paid(Engine engine)
    {
        await using var life = await StartAsync(engine);
        var (subscription, _) = await SoldWith10Async(life);
        var more = new JsonObject { ["resource"] = "DISK", ["quantity"] = 5 };
        var preview = await life.House.PostAsync($"subscriptions/{subscription}/quantity/preview", more.DeepClone());

        // Two are included.
        ((int)preview["from"]!, (int)preview["to"]!, (long)preview["now"]!, (long)preview["difference"]!).ShouldBe((0, 5, 300 + 150, 300));
        (await life.House.RefusedAsync($"subscriptions/{subscription}/quantity", more.DeepClone(), HttpStatusCode.BadRequest)).ToJsonString().ShouldContain("change-token-missing");
        more["token"] = (string)preview["token"]!;
        var order = await life.House.PostAsync($"subscriptions/{subscription}/quantity", more.DeepClone());
        ((string)order["type"]!, (string)order["state"]!).ShouldBe(("CH", "WP"));
        ((string)(await life.House.PayAsync(order))["state"]!).ShouldBe("CP");
        Held(await life.House.GetAsync($"subscriptions/{subscription}")).ShouldContain("DISK 5");
        (await life.House.RefusedAsync($"subscriptions/{subscription}/quantity", more, HttpStatusCode.BadRequest)).ToJsonString().ShouldContain("quantity-unfit");

        // Fewer, half of the month later: what is beyond the included is given back, the setup fee is not.
        await life.House.AfterAsync(TimeSpan.FromDays(14));
        var less = new JsonObject { ["resource"] = "DISK", ["quantity"] = 1 };
        var down = await life.House.PostAsync($"subscriptions/{subscription}/quantity/preview", less.DeepClone());
        ((long)down["now"]!, (long)down["difference"]!).ShouldBe((-150, -300));
        less["token"] = (string)down["token"]!;
        ((string)(await life.House.PostAsync($"subscriptions/{subscription}/quantity", less))["state"]!).ShouldBe("CP");
        Held(await life.House.GetAsync($"subscriptions/{subscription}")).ShouldContain("DISK 1");
        foreach (var (resource, quantity, code) in new[] { ("DISK", 1, "quantity-unfit"), ("DISK", 21, "quantity-unfit"), (Hosting.Domains30, 1, "quantity-unfit"), ("NONE", 1, "resource-not-in-plan") })
        {
            var (status, fault) = await life.House.SendAsync($"subscriptions/{subscription}/quantity/preview", new JsonObject { ["resource"] = resource, ["quantity"] = quantity }, null);
            ((int)status, (string)fault["code"]!).ShouldBe((400, $"orders.{code}"));
        }
    }

    private static IReadOnlyList<UpgradeOption> Options { get; } =
    [
        new() { From = Hosting.Domains10, To = Hosting.Domains30, Plan = "10_TO_30" },
        new() { From = Hosting.Domains30, To = Hosting.Domains10, Plan = "10_TO_30", Type = UpgradeType.Downgrade },
    ];

    private static async Task<SandboxLife> StartAsync(Engine engine, string script = "")
    {
        var life = await SandboxLife.StartAsync(engine, script, p =>
        {
            p["terms"] = new JsonObject();
            p["rates"]!.AsArray().Add(new JsonObject { ["resource"] = "DISK", ["recurringFee"] = 100, ["setupFee"] = 50, ["includedUnits"] = 2, ["maxUnits"] = 20 });
        });
        await life.House.ChangeCatalogAsync(c => c with { UpgradeOptions = Options });
        return life;
    }

    private static Task<(int Subscription, int License)> SoldWith10Async(SandboxLife life) => life.SoldAsync(change: o => o["resources"] = new JsonArray(Hosting.Plesk, Hosting.Domains10));

    private static JsonObject Features(params string[] features) => new() { ["features"] = new JsonArray([.. features.Select(f => (JsonNode)f)]) };

    private static async Task<(JsonNode Preview, JsonNode Begun)> ChangeAsync(SandboxLife life, int license, JsonObject target, string when = "Now")
    {
        target["when"] = when;
        var preview = await life.House.PostAsync($"licenses/{license}/change/preview", target.DeepClone());
        target["token"] = (string)preview["token"]!;
        return (preview, await life.House.PostAsync($"licenses/{license}/change", target));
    }

    private static string Words(JsonNode of, string member) => string.Join(' ', of[member]!.AsArray().Select(w => (string)w!).Order(StringComparer.Ordinal));

    private static string[] Held(JsonNode subscription) => [.. subscription["resources"]!.AsArray().Select(r => $"{r!["command"]} {r["quantity"]}")];
}
