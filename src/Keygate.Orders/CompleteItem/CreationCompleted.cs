using System.Globalization;
using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>An event that somebody triggers by hand or by script.</summary>
public sealed record EventRequest
{
    /// <summary>Its type; <c>Creation Completed</c> is the one that is known.</summary>
    public string Type { get; init; } = "";

    /// <summary>Its parameters: <c>Name=Value; Name=Value</c>.</summary>
    public string Parameters { get; init; } = "";
}

/// <summary>Reads the event <c>Creation Completed</c>: OrderItemID, SubscrID, IssuedSuccessfully (1 or 0), Message.</summary>
internal sealed record CreationCompleted(ItemId Item, SubscriptionId? Subscription, CompleteItemRequest Answer)
{
    public const string TypeName = "Creation Completed";

    private static readonly string[] Names = ["OrderItemID", "SubscrID", "IssuedSuccessfully", "Message"];

    public static Result<CreationCompleted> Read(EventRequest request)
    {
        if (!string.Equals(request.Type.Trim(), TypeName, StringComparison.OrdinalIgnoreCase))
        {
            return OrdersErrors.EventUnknown.Because($"'{request.Type}' is no event type that can be triggered.").At("type");
        }

        var values = Split(request.Parameters);
        if (!int.TryParse(values.GetValueOrDefault(Names[0]), NumberStyles.None, CultureInfo.InvariantCulture, out var item))
        {
            return Unreadable($"OrderItemID is {Shown(values, Names[0])}.");
        }

        if (values.GetValueOrDefault(Names[2]) is not ("1" or "0"))
        {
            return Unreadable($"IssuedSuccessfully is {Shown(values, Names[2])}.");
        }

        int? subscription = null;
        if (values.TryGetValue(Names[1], out var subscr))
        {
            if (!int.TryParse(subscr, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return Unreadable($"SubscrID is {Shown(values, Names[1])}.");
            }

            subscription = number;
        }

        return new CreationCompleted(
            ItemId.Of(item), subscription is { } s ? SubscriptionId.Of(s) : null,
            new CompleteItemRequest { IssuedSuccessfully = values[Names[2]] == "1", Message = values.GetValueOrDefault(Names[3]) ?? "" });
    }

    // A message may itself hold semicolons: what does not begin with a known name belongs to the value before it.
    private static Dictionary<string, string> Split(string parameters)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        foreach (var part in parameters.Split(';'))
        {
            var name = part.Split('=', 2)[0].Trim();
            if (part.Contains('=', StringComparison.Ordinal) && Names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                values[name] = part.Split('=', 2)[1].Trim();
                last = name;
            }
            else if (last is not null && part.Trim().Length > 0)
            {
                values[last] = $"{values[last]};{part.TrimEnd()}";
            }
        }

        return values;
    }

    private static string Shown(Dictionary<string, string> values, string name) => values.TryGetValue(name, out var value) ? $"'{value}'" : "missing";

    private static Error Unreadable(string what) => OrdersErrors.EventUnreadable.Because(what).At("parameters");
}
