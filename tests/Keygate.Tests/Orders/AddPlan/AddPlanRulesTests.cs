using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Plugins;
using Shouldly;
using Xunit;
using static Keygate.Tests.Orders.Hosting;

namespace Keygate.Tests.Orders.AddPlanSlice;

public sealed class AddPlanRulesTests
{
    private static readonly AddPlanRequest Sound = new()
    {
        Name = "Virtual server",
        Currency = "EUR",
        IssuerId = PluginId.Of(1),
        Periods = [new PeriodInput { Period = 1, SubscriptionFee = 990 }],
        Rates = [Rate(Plesk), Rate(Domains10), Rate(Antivirus)],
    };

    [Fact]
    public void Finds_nothing_wrong_with_a_sound_plan() => All(Sound).ShouldBeEmpty();

    [Fact]
    public void Tells_all_faults_of_the_shape_at_once() =>
        (Sound with
        {
            Name = " ",
            Currency = "Eur",
            Periods = [new PeriodInput { Period = 0 }, new PeriodInput { Period = 1, RenewalFee = -1 }, new PeriodInput { Period = 1 }],
            Rates = [Rate(Plesk) with { MinUnits = 3, MaxUnits = 2 }, Rate(Domains10) with { SetupFee = -5 }],
        }).Faults().Select(f => (f.Code, f.Field)).ShouldBe(
        [
            ("orders.name-invalid", "name"), ("orders.currency-invalid", "currency"), ("orders.period-invalid", "periods[0].period"),
            ("orders.fee-invalid", "periods[1].renewalFee"), ("orders.period-invalid", "periods[2]"), ("orders.units-invalid", "rates[0]"),
            ("orders.fee-invalid", "rates[1].setupFee"),
        ]);

    [Fact]
    public void Refuses_a_plan_without_a_period() => (Sound with { Periods = [] }).Faults().ShouldHaveSingleItem().Field.ShouldBe("periods");

    [Fact]
    public void Refuses_a_resource_that_nobody_knows_and_one_that_stands_there_twice() =>
        All(Sound with { Rates = [.. Sound.Rates, Rate("PLEKS"), Rate(Domains10)] }).Select(f => (f.Code, f.Field))
            .ShouldBe([("orders.resource-unknown", "rates[3].resource"), ("orders.resource-twice", "rates[4].resource")]);

    [Fact]
    public void Refuses_features_and_add_ons_without_their_class() =>
        All(Sound with { Rates = [Rate(Virtuozzo), Rate(Domains10), Rate(Antivirus)] }).Select(f => (f.Code, f.Field))
            .ShouldBe([("orders.class-missing", "rates[1].resource"), ("orders.class-missing", "rates[2].resource")]);

    [Fact]
    public void Refuses_a_class_whose_mandatory_group_has_no_feature_in_the_plan()
    {
        var fault = All(Sound with { Rates = [Rate(Plesk)] }).ShouldHaveSingleItem();

        fault.Code.ShouldBe("orders.group-without-feature");
        fault.Remedy.ShouldContain(Domains30);
    }

    [Fact]
    public void Refuses_what_would_put_two_classes_or_two_features_of_a_group_into_each_order() =>
        All(Sound with { Rates = [Always(Plesk), Always(Virtuozzo), Always(Domains10), Always(Domains30)] }).Select(f => f.Code)
            .ShouldBe(["orders.classes-conflict", "orders.group-taken-twice"]);

    [Fact]
    public void Refuses_licenses_without_an_issuer() => All(Sound with { IssuerId = null }).ShouldHaveSingleItem().Code.ShouldBe("orders.issuer-missing");

    [Fact]
    public void Needs_no_issuer_for_hosting_alone() => All(Sound with { IssuerId = null, Rates = [Rate("DISK")] }).ShouldBeEmpty();

    [Theory]
    [InlineData("2026-01-31", 1, PeriodType.Month, "2026-02-28")]
    [InlineData("2026-01-31", 13, PeriodType.Month, "2027-02-28")]
    [InlineData("2024-02-29", 1, PeriodType.Year, "2025-02-28")]
    [InlineData("2026-02-01", 30, PeriodType.Day, "2026-03-03")]
    [InlineData("2026-02-01", 36, PeriodType.Hour, "2026-02-03")]
    public void Counts_a_period_from_its_anchor_day(string start, int period, PeriodType type, string end) =>
        new PlanPeriod { Period = period, PeriodType = type }
            .EndFrom(new DateTimeOffset(DateOnly.Parse(start, System.Globalization.CultureInfo.InvariantCulture), new TimeOnly(12, 0), TimeSpan.Zero))
            .ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture).ShouldBe(end);

    private static RateInput Rate(string resource) => new() { Resource = resource };

    private static RateInput Always(string resource) => new() { Resource = resource, MinUnits = 1 };

    private static IReadOnlyList<Error> All(AddPlanRequest request) => [.. request.Faults(), .. AddPlanRules.Offer(request, View, Resources)];
}
