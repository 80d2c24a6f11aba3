using Keygate.Kernel;
using Keygate.Orders;
using Shouldly;
using Xunit;
using static Keygate.Tests.Orders.Hosting;

namespace Keygate.Tests.Orders.PlaceOrderSlice;

public sealed class PlaceOrderRulesTests
{
    private static readonly Plan Offer = Plan(
        (Plesk, 0, 5, 0, 0, 650), (Virtuozzo, 0, 1, 0, 0, 900), (Domains10, 0, 1, 1, 0, 100), (Domains30, 0, 1, 0, 50, 250), (Languages2, 0, 1, 0, 0, 20),
        (Antivirus, 0, 1, 0, 0, 130), ("DISK", 5, 100, 5, 0, 3));

    [Fact]
    public void Puts_class_features_and_add_ons_of_one_license_together()
    {
        var contents = Order(new(Plesk), new(Domains30), new(Antivirus));

        contents.KeyType.ShouldBe(Plesk);
        contents.Licenses.ShouldBe(1);
        contents.Features.ShouldBe([Domains30]);
        contents.AddOns.ShouldBe([Antivirus]);
    }

    [Fact]
    public void Adds_what_the_plan_puts_into_each_order() =>
        Order(new ResourceInput(Plesk), new(Domains10)).Lines.Select(l => (l.Rate.Command, l.Quantity)).ShouldBe([(Plesk, 1), (Domains10, 1), ("DISK", 5)]);

    [Fact]
    public void Orders_hosting_alone_where_no_class_is_named()
    {
        var contents = Order();

        contents.KeyType.ShouldBeNull();
        contents.Licenses.ShouldBe(0);
    }

    [Fact]
    public void Charges_units_beyond_those_included_and_the_plans_own_fees()
    {
        var lines = PlaceOrderRules.Details(Offer, Offer.Periods[0], Order(new(Plesk, 2), new(Domains30), new("DISK", 12)));

        lines.Select(l => (l.Kind, l.Quantity, l.UnitAmount, l.Amount)).ShouldBe(
        [
            (DetailKind.Setup, 1, 500L, 500L),
            (DetailKind.Subscription, 1, 990L, 990L),
            (DetailKind.ResourceRecurring, 2, 650L, 1300L),
            (DetailKind.ResourceSetup, 2, 50L, 100L),
            (DetailKind.ResourceRecurring, 2, 250L, 500L),
            (DetailKind.ResourceRecurring, 7, 3L, 21L),
        ]);
    }

    [Fact]
    public void Charges_nothing_for_a_feature_that_each_license_includes() =>
        PlaceOrderRules.Details(Offer, Offer.Periods[0], Order(new(Plesk, 3), new(Domains10))).ShouldNotContain(l => l.Description.Contains("10 domains"));

    [Fact]
    public void Refuses_two_features_of_one_group() =>
        Faults(new(Plesk), new(Domains10), new(Domains30)).ShouldHaveSingleItem().Code.ShouldBe("catalog.feature-group-taken");

    [Fact]
    public void Refuses_a_missing_mandatory_feature_and_names_those_that_would_do()
    {
        var fault = Faults(new ResourceInput(Plesk)).ShouldHaveSingleItem();

        fault.Code.ShouldBe("catalog.feature-group-missing");
        fault.Remedy.ShouldContain(Domains30);
        fault.Field.ShouldBe("resources");
    }

    [Fact]
    public void Refuses_a_feature_of_another_class() =>
        Faults(new(Virtuozzo), new(Domains30)).ShouldHaveSingleItem().Code.ShouldBe("catalog.feature-foreign");

    [Fact]
    public void Refuses_an_add_on_of_another_class() =>
        Faults(new(Virtuozzo), new(Antivirus)).ShouldHaveSingleItem().Code.ShouldBe("catalog.add-on-foreign");

    [Fact]
    public void Refuses_two_main_classes() =>
        Faults(new(Plesk), new(Domains10), new(Virtuozzo)).ShouldContain(f => f.Code == "orders.classes-conflict");

    [Fact]
    public void Refuses_features_and_add_ons_without_a_class() =>
        Faults(new(Domains10), new(Antivirus)).ShouldHaveSingleItem().Code.ShouldBe("orders.class-missing");

    [Fact]
    public void Tells_a_resource_that_the_plan_lacks_from_one_that_nobody_knows()
    {
        var faults = Faults(new(Plesk), new(Domains10), new(Containers), new("PLEKS"));

        faults.Select(f => (f.Code, f.Field)).ShouldBe([("orders.resource-not-in-plan", "resources[2]"), ("orders.resource-unknown", "resources[3]")]);
        faults[0].Detail.ShouldContain("belongs to another license class");
    }

    [Theory]
    [InlineData(Plesk, 6)]
    [InlineData("DISK", 4)]
    [InlineData("DISK", 101)]
    public void Refuses_a_quantity_outside_the_rate(string resource, int quantity) =>
        Faults(resource == Plesk ? [new(Plesk, quantity), new(Domains10)] : [new(resource, quantity)]).ShouldHaveSingleItem().Code.ShouldBe("orders.quantity-unfit");

    [Fact]
    public void Refuses_a_number_of_features_that_is_not_that_of_the_licenses()
    {
        Faults(new(Plesk, 2), new(Domains10, 1)).ShouldHaveSingleItem().Code.ShouldBe("orders.quantity-unfit");
        Faults(new(Plesk, 2), new(Domains10, 2)).ShouldBeEmpty();
    }

    [Fact]
    public void Tells_all_faults_of_the_shape_at_once()
    {
        var faults = new PlaceOrderRequest
        {
            SubscriptionName = new string('x', 251),
            IpAddresses = ["198.51.100.24", "not an address"],
            Resources = [new(Plesk), new(Plesk), new(Domains10, 0)],
        }.Faults();

        faults.Select(f => (f.Code, f.Field)).ShouldBe(
        [
            ("orders.name-invalid", "subscriptionName"), ("orders.address-invalid", "ipAddresses[1]"), ("orders.resource-twice", "resources[1]"),
            ("orders.quantity-unfit", "resources[2].quantity"),
        ]);
    }

    [Theory]
    [InlineData("\"30_DOMAINS\"", "30_DOMAINS", null)]
    [InlineData("""{"resource": "30_DOMAINS", "quantity": 2}""", "30_DOMAINS", 2)]
    [InlineData("""{"keyType": "PLESK"}""", "PLESK", null)]
    [InlineData("""{"command": "DISK", "quantity": 7}""", "DISK", 7)]
    public void Understands_a_resource_by_name_or_as_object(string json, string resource, int? quantity)
    {
        var read = Json.Read<ResourceInput>(json);

        read.ShouldBe(new ResourceInput(resource, quantity));
        Json.Read<ResourceInput>(Json.Write(read)).ShouldBe(read);
    }

    private static OrderContents Order(params ResourceInput[] resources)
    {
        var faults = new List<Error>();
        var contents = PlaceOrderRules.Contents(resources, Offer, View, faults);
        faults.ShouldBeEmpty();
        return contents;
    }

    private static List<Error> Faults(params ResourceInput[] resources)
    {
        var faults = new List<Error>();
        PlaceOrderRules.Contents(resources, Offer, View, faults);
        return faults;
    }
}
