using System.Globalization;
using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>Reads the event <c>Creation Completed</c>: OrderItemID, SubscrID, IssuedSuccessfully (1 or 0), Message.</summary>
internal sealed record CreationCompleted(ItemId Item, SubscriptionId? Subscription, CompleteItemRequest Answer)
{
    public const string TypeName = "Creation Completed";

    private static readonly string[] Names = ["OrderItemID", "SubscrID", "IssuedSuccessfully", "Message"];

    public static Result<CreationCompleted> Read(EventRequest request)
    {
        var values = EventParameters.Split(request.Parameters, Names);
        if (!int.TryParse(values.GetValueOrDefault(Names[0]), NumberStyles.None, CultureInfo.InvariantCulture, out var item))
        {
            return EventParameters.Unreadable(values, Names[0]);
        }

        if (values.GetValueOrDefault(Names[2]) is not ("1" or "0"))
        {
            return EventParameters.Unreadable(values, Names[2]);
        }

        int? subscription = null;
        if (values.TryGetValue(Names[1], out var subscr))
        {
            if (!int.TryParse(subscr, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return EventParameters.Unreadable(values, Names[1]);
            }

            subscription = number;
        }

        return new CreationCompleted(
            ItemId.Of(item), subscription is { } s ? SubscriptionId.Of(s) : null,
            new CompleteItemRequest { IssuedSuccessfully = values[Names[2]] == "1", Message = values.GetValueOrDefault(Names[3]) ?? "" });
    }
}
