using Keygate.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.CompleteItemSlice;

public sealed class CreationCompletedTests
{
    [Fact]
    public void Reads_the_parameters_of_the_reference()
    {
        var read = Read("OrderItemID=5; SubscrID=3; IssuedSuccessfully=1; Message=Created on node 4").Value;

        read.Item.ShouldBe(ItemId.Of(5));
        read.Subscription.ShouldBe(SubscriptionId.Of(3));
        read.Answer.IssuedSuccessfully.ShouldBeTrue();
        read.Answer.Message.ShouldBe("Created on node 4");
    }

    [Fact]
    public void Reads_a_failure_without_subscription_whatever_the_order_and_spelling()
    {
        var read = Read("message=no free IP address;ISSUEDSUCCESSFULLY=0;orderitemid=12;").Value;

        read.Item.ShouldBe(ItemId.Of(12));
        read.Subscription.ShouldBeNull();
        read.Answer.IssuedSuccessfully.ShouldBeFalse();
        read.Answer.Message.ShouldBe("no free IP address");
    }

    [Fact]
    public void Keeps_semicolons_and_equal_signs_of_a_message() =>
        Read("OrderItemID=5; IssuedSuccessfully=0; Message=disk=full; node=4; retry").Value.Answer.Message.ShouldBe("disk=full; node=4; retry");

    [Theory]
    [InlineData("", "OrderItemID is missing.")]
    [InlineData("OrderItemID=five; IssuedSuccessfully=1", "OrderItemID is 'five'.")]
    [InlineData("OrderItemID=5", "IssuedSuccessfully is missing.")]
    [InlineData("OrderItemID=5; IssuedSuccessfully=yes", "IssuedSuccessfully is 'yes'.")]
    [InlineData("OrderItemID=5; SubscrID=x; IssuedSuccessfully=1", "SubscrID is 'x'.")]
    public void Refuses_what_it_cannot_read(string parameters, string detail)
    {
        var refusal = Read(parameters).Error.ShouldNotBeNull();

        refusal.Code.ShouldBe("orders.event-unreadable");
        refusal.Detail.ShouldBe(detail);
    }

    private static Kernel.Result<CreationCompleted> Read(string parameters) =>
        CreationCompleted.Read(new EventRequest { Type = "Creation Completed", Parameters = parameters });
}
