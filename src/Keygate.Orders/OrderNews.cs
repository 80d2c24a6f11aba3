namespace Keygate.Orders;

/// <summary>What the world outside hears of orders and subscriptions.</summary>
internal static class OrderNews
{
    /// <summary>The topic of an order that has come to a state; null where that is no news.</summary>
    public static string? TopicOf(OrderState state) => state switch
    {
        OrderState.NW => "order.placed",
        OrderState.HL => "order.held",
        OrderState.WP => "order.awaiting-payment",
        OrderState.WA => "order.awaiting-approval",
        OrderState.PD => "order.paid",
        OrderState.PF => "order.failed",
        OrderState.LO => "order.waiting",
        OrderState.CP => "order.completed",
        OrderState.CL => "order.cancelled",
        OrderState.FR => "order.fraudulent",
        _ => null,
    };

    /// <summary>The same of a subscription.</summary>
    public static string? TopicOf(SubscriptionStatus status) => status switch
    {
        SubscriptionStatus.Active => "subscription.activated",
        SubscriptionStatus.Graced => "subscription.graced",
        SubscriptionStatus.Expired => "subscription.expired",
        SubscriptionStatus.Suspended => "subscription.suspended",
        SubscriptionStatus.Canceled => "subscription.cancelled",
        SubscriptionStatus.Terminated => "subscription.terminated",
        _ => null,
    };
}
