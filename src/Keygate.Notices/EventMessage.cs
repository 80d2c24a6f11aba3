using System.Text;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.Notices.Storage;

namespace Keygate.Notices;

/// <summary>The body of a webhook, in the form that Standard Webhooks recommend.</summary>
/// <param name="Type">The topic.</param>
/// <param name="Timestamp">When it happened, not when it is sent.</param>
/// <param name="Data">What the event says.</param>
internal sealed record EventMessage(string Type, DateTimeOffset Timestamp, object Data)
{
    /// <summary>The id by which a receiver knows a repeat.</summary>
    public static string IdOf(long number) => FormattableString.Invariant($"event-{number}");

    /// <summary>The bytes of an event: the same at every repeat.</summary>
    public static byte[] Of(EventRow row)
    {
        using var payload = JsonDocument.Parse(row.Payload);
        var data = new Dictionary<string, object?>(StringComparer.Ordinal) { ["event"] = row.Number, ["subject"] = row.Subject };
        foreach (var member in payload.RootElement.EnumerateObject())
        {
            data[member.Name] = member.Value;
        }

        return Encoding.UTF8.GetBytes(Json.Write(new EventMessage(row.Topic, row.HappenedAt, data)));
    }
}
