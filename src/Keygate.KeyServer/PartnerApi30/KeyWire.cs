using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>How a license key looks on the way out: the full structure of reference section 4, fields in its order.</summary>
internal static class KeyWire
{
    /// <summary>How all JSON of this door is written.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The full structure.</summary>
    public static byte[] Full(KeyStructure structure) => Write(json =>
    {
        var key = structure.Key;
        json.WriteStartObject();
        json.WriteString("ownerId", key.ClientId.Value.ToString(CultureInfo.InvariantCulture));
        json.WritePropertyName("keyIdentifiers");
        Identifiers(json, key);
        json.WritePropertyName("parentKeyIdentifiers");
        if (structure.Parent is { } parent)
        {
            Identifiers(json, parent);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteStartArray("childKeyIdentifiers");
        foreach (var child in structure.Children)
        {
            Identifiers(json, child);
        }

        json.WriteEndArray();

        // Official modules read both without a guard (reference 10.1).
        json.WriteStartObject("activationInfo");
        json.WriteBoolean("activated", key.ActivatedAt is not null);
        json.WriteString("uid", key.ActivatedFor ?? "");
        json.WriteEndObject();
        json.WriteString("ipAddressBinding", structure.BoundAddress);
        json.WriteString("nickname", key.Nickname);
        Number(json, "productConfigurationId", key.ProductConfigurationId?.Value);
        json.WriteStartArray("items");
        foreach (var item in structure.Items)
        {
            json.WriteStartObject();
            json.WriteString("item", item.Item);
            json.WritePropertyName("externalId");
            json.WriteRawValue(item.ExternalId ?? "null");
            json.WriteNumber("quantity", item.Quantity);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Date(json, "creationDate", key.CreatedAt);
        Date(json, "lastModificationDate", key.ChangedAt);
        Date(json, "updateDate", Midnight(key.UpdateDate));
        Date(json, "expirationDate", Midnight(key.ExpirationDate));
        Date(json, "susExpirationDate", key.SusDate is { } sus ? Midnight(sus) : null);
        json.WriteString("susStatus", key.SusDate is null ? null : key.SusDate > structure.Today ? "ACTIVE" : "EXPIRED");
        json.WriteNull("supportExpirationDate");
        json.WriteNull("supportStatus");
        json.WriteString("status", StatusOf(key, structure.Today));
        json.WriteBoolean("terminated", key.IsTerminated);
        json.WriteBoolean("suspended", key.Problem);
        json.WriteBoolean("ownerSuspended", structure.OwnerSuspended);
        json.WriteBoolean("autoRenew", key.AutoRenew);
        json.WriteBoolean("restrictIPBinding", key.RestrictAddress);
        json.WriteString("lastReportingOs", key.ReportedOs);
        json.WriteBoolean("isEls", structure.List.IsEls(key.KeyType, structure.Features.Select(f => f.Feature)));
        json.WriteEndObject();
    });

    /// <summary>The state of a key: the first that holds.</summary>
    public static string StatusOf(KeyRow key, DateOnly today) =>
        key.IsTerminated ? "TERMINATED" : key.Problem ? "SUSPENDED" : key.IsExpired(today) ? "EXPIRED" : "ACTIVE";

    private static void Identifiers(Utf8JsonWriter json, KeyRow key)
    {
        json.WriteStartObject();
        json.WriteNumber("keyId", key.Id.Value);
        json.WriteString("keyNumber", key.Number.ToString());
        json.WriteString("activationCode", key.ActivationCode);
        // There is no page to activate a key at; the modules that read the field need a text (reference 10.1).
        json.WriteString("activationLink", "");
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static DateTimeOffset Midnight(DateOnly date) => new(date, TimeOnly.MinValue, TimeSpan.Zero);

    // Reference 4.4: ISO 8601 with milliseconds and Z.
    private static void Date(Utf8JsonWriter json, string name, DateTimeOffset? at) =>
        json.WriteString(name, at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
