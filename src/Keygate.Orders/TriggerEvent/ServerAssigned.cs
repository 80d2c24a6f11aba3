using System.Globalization;
using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>Reads the event <c>Server Assigned</c>: SubscrID, Server, and where known IPAddresses (with commas between) and Target.</summary>
internal sealed record ServerAssigned(SubscriptionId Subscription, AssignServerRequest Request)
{
    public const string TypeName = "Server Assigned";

    private static readonly string[] Names = ["SubscrID", "Server", "IPAddresses", "Target"];

    public static Result<ServerAssigned> Read(EventRequest request)
    {
        var values = EventParameters.Split(request.Parameters, Names);
        if (!int.TryParse(values.GetValueOrDefault(Names[0]), NumberStyles.None, CultureInfo.InvariantCulture, out var subscription))
        {
            return EventParameters.Unreadable(values, Names[0]);
        }

        if (values.GetValueOrDefault(Names[1]) is not { Length: > 0 } server)
        {
            return EventParameters.Unreadable(values, Names[1]);
        }

        return new ServerAssigned(SubscriptionId.Of(subscription), new AssignServerRequest
        {
            Server = server,
            IpAddresses = (values.GetValueOrDefault(Names[2]) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            Target = values.GetValueOrDefault(Names[3]) ?? "",
        });
    }
}
