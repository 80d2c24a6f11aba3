using System.Net;
using System.Text.Json.Nodes;
using Keygate.Orders;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders.Subscriptions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.CancelSubscriptionSlice;

/// <summary>A subscription ends by an order, which gives back what was previewed, and never more than was charged.</summary>
public sealed class CancelSubscriptionTests
{
    [Theory, BothEngines]
    public async Task The_rest_of_the_period_is_given_back_as_it_was_previewed(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine, planned: plan => plan["terms"] = new JsonObject());
        var (subscription, license) = await life.SoldAsync(Hosting.Antivirus);
        await life.House.AfterAsync(TimeSpan.FromDays(13));
        await life.House.AfterAsync(TimeSpan.FromMinutes(1));
        var before = await PreviewAsync(life, subscription, "Credit");
        await life.House.AfterAsync(TimeSpan.FromDays(1));
        var preview = await PreviewAsync(life, subscription, "Credit");

        // Half of the 28 days of February is left.
        var sale = await life.House.OrderAsync(1);
        ((long)preview["total"]!).ShouldBe(-(long)sale["total"]! / 2);
        preview["lines"]!.AsArray().ShouldAllBe(l => (string)l!["kind"]! == "Credit" && ((string)l["description"]!).EndsWith("14 days until 2026-03-01", StringComparison.Ordinal));
        preview["licenses"]!.AsArray().Select(l => (string)l!["call"]!).ShouldBe(
            ["Terminate SIM.00000001.0000, and remove its copy", "Terminate SIMA.00000002.0000, and remove its copy"]);
        ((bool)preview["reversible"]!).ShouldBeFalse();

        var stale = await life.House.RefusedAsync($"subscriptions/{subscription}/cancel", Body("Credit", token: (string)before["token"]!), HttpStatusCode.Conflict);
        ((string)stale["code"]!).ShouldBe("orders.cancellation-stale");
        ((string)(await life.House.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Installed");
        await life.House.PostAsync($"subscriptions/{subscription}/cancel", Body("Credit", token: (string)preview["token"]!));
        await life.UntilSubscriptionAsync(subscription, s => (string)s["status"]! == "Terminated");

        var order = await life.House.OrderAsync(2);
        ((string)order["type"]!, (string)order["state"]!, (long)order["total"]!).ShouldBe(("CL", "CP", (long)preview["total"]!));
        var item = order["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)item["type"]!, (int)item["typeCode"]!, (string)item["status"]!).ShouldBe(("OI_CANCEL", 40, "Completed"));
        (await life.House.CountAsync("orders")).ShouldBe(2);
        await life.House.AfterAsync(TimeSpan.FromMinutes(2));
        var documents = (await life.House.GetAsync("invoices"))["items"]!.AsArray();
        documents.Select(d => ((string)d!["kind"]!, (int?)d["credits"], (int?)d["byOrder"], (long)d["total"]!)).ShouldBe(
            [("CreditNote", 1, 2, (long)preview["total"]!), ("Invoice", null, null, (long)sale["total"]!)]);
    }

    [Theory, BothEngines]
    public async Task Never_more_is_given_back_than_is_left_of_what_was_charged_and_nothing_where_nothing_is_asked_for(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine);
        var (subscription, _) = await life.SoldAsync();
        await life.House.AfterAsync(TimeSpan.FromMinutes(1));
        await life.House.PostAsync("invoices/1/credit", new JsonObject { ["amount"] = 1600, ["reason"] = "A week without service." });
        ((long)(await PreviewAsync(life, subscription, "Refund"))["total"]!).ShouldBe(-290);
        ((long)(await PreviewAsync(life, subscription, "None"))["total"]!).ShouldBe(0);

        await life.House.PostAsync($"subscriptions/{subscription}/cancel", Body("Refund"));
        await life.UntilSubscriptionAsync(subscription, s => (string)s["status"]! == "Terminated");
        ((string)(await life.House.OrderAsync(2))["comment"]!).ShouldBe("He leaves. (2.90 EUR are to be refunded by hand.)");
        await life.House.AfterAsync(TimeSpan.FromMinutes(2));
        (await life.House.GetAsync("invoices"))["items"]!.AsArray().Sum(d => (long)d!["total"]!).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task A_fee_is_paid_before_the_end_and_an_unpaid_one_keeps_nothing_from_going_on(Engine engine)
    {
        await using var life = await SandboxLife.StartAsync(engine, planned: plan => plan["terms"] = new JsonObject());
        var (subscription, license) = await life.SoldAsync();
        var waiting = await life.House.PostAsync($"subscriptions/{subscription}/cancel", Body("None", fee: 500));
        ((string)waiting["status"]!).ShouldBe("Active");
        var charge = await life.House.OrderAsync(2);
        ((string)charge["type"]!, (string)charge["state"]!, (long)charge["total"]!).ShouldBe(("CF", "WP", 500));

        // He does not pay: the period is renewed as if nothing had been said.
        await life.House.AfterAsync(TimeSpan.FromDays(21));
        await life.House.AfterAsync(TimeSpan.FromHours(2));
        ((string)(await life.House.OrderAsync(2))["state"]!).ShouldBe("CL");
        var renewal = await life.House.OrderAsync(3);
        ((string)renewal["type"]!, (string)renewal["state"]!).ShouldBe(("RN", "WP"));

        // He asks again and pays.
        await life.House.PostAsync($"subscriptions/{subscription}/cancel", Body("None", fee: 500));
        ((string)(await life.House.OrderAsync(3))["state"]!).ShouldBe("CL");
        await life.House.PayAsync(await life.House.OrderAsync(4));
        await life.UntilSubscriptionAsync(subscription, s => (string)s["status"]! == "Terminated");
        ((string)(await life.House.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Terminated");
        ((string)(await life.House.OrderAsync(4))["state"]!).ShouldBe("CP");
        (await life.House.RefusedAsync($"subscriptions/{subscription}/cancel/preview", Body("None", fee: -1), HttpStatusCode.BadRequest)).ToJsonString().ShouldContain("orders.cancellation-invalid");
    }

    [Theory]
    [InlineData("2026-01-31", "2026-02-28", "2026-02-14", 14, 28)]
    [InlineData("2026-02-01", "2026-03-01", "2026-02-01", 28, 28)]
    [InlineData("2026-02-01", "2026-03-01", "2026-03-01", 0, 0)]
    [InlineData("2026-02-01", "2026-04-01", "2026-02-22", 38, 59)]
    public void The_rest_is_counted_in_days_of_each_paid_period(string start, string end, string today, int left, int all)
    {
        var rest = Proration.Rest(new PlanPeriod { Period = 1, PeriodType = PeriodType.Month }, Day(start), Day(end), Day(today));
        (rest.Sum(r => r.Left), rest.Sum(r => r.All)).ShouldBe((left, all));
        Proration.Of(rest, 0).ShouldBe(0);
    }

    private static Task<JsonNode> PreviewAsync(SandboxLife life, int subscription, string credit) => life.House.PostAsync($"subscriptions/{subscription}/cancel/preview", Body(credit));

    private static JsonObject Body(string credit, long fee = 0, string? token = null) => new() { ["reason"] = "He leaves.", ["credit"] = credit, ["fee"] = fee, ["token"] = token };

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
