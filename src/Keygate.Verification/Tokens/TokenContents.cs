namespace Keygate.Verification;

/// <summary>
/// A token's payload: the facts of a license file as JSON, in one spelling. Reading means to read and to write again: what does not come out as it went
/// in, octet by octet, is none of version 1.
/// </summary>
internal static class TokenContents
{
    private const long DaySeconds = 86_400;

    public static byte[] Write(LicenseFile license, string signingKeyId)
    {
        var json = new JsonWriting().Open('{')
            .Member("ver", 1)
            .Member("sub", license.KeyNumber)
            .Member("key-version", license.KeyVersion)
            .Member("nbf", license.StartDate?.Begins.ToUnixTimeSeconds())
            .Member("exp", license.ExpirationDate?.Begins.ToUnixTimeSeconds())
            .Member("keytype", license.KeyType);
        List(json, "features", license.Features, f => json.Text(f));
        json.Member("product", license.Product)
            .Member("product-version", license.ProductVersion)
            .Member("owner", license.Owner)
            .Member("update-date", license.UpdateDate?.ToString())
            .Member("sus-date", license.SusDate?.ToString())
            .Member("license-server-url", license.LicenseServerUrl)
            .Member("update-ticket", license.UpdateTicket);
        List(json, "bindings", license.Bindings, b => json.Open('{').Member("kind", LicenseRules.KindText(b.Kind)).Member("value", b.Value).Close('}'));
        List(json, "properties", license.Properties, p => json.Open('{').Member("name", p.Name).Member("type", p.Type).Member("value", p.Value).Close('}'));
        return json.Member("key-body", license.KeyBody is { } body ? Convert.ToBase64String(body) : null)
            .Member("signing-key-id", signingKeyId)
            .Close('}').ToUtf8();
    }

    /// <summary>Returns the license, or the reason why this payload is none of version 1.</summary>
    public static LicenseFile? Read(byte[] payload, out string reason)
    {
        reason = "its payload is not a JSON object";
        if (JsonReading.Object(payload) is not { } json)
        {
            return null;
        }
        if (json.Number("ver") != 1)
        {
            reason = "its version is not 1";
            return null;
        }
        var license = new LicenseFile
        {
            KeyNumber = json.Text("sub") ?? "",
            KeyVersion = json.Number("key-version") is { } version and >= 0 and <= LicenseFormat.KeyVersionMax ? (int)version : -1,
            KeyType = json.Text("keytype") ?? "",
            Features = Items(json, "features", f => f as string),
            Product = json.Text("product") ?? "",
            ProductVersion = json.Text("product-version"),
            Owner = json.Text("owner"),
            StartDate = Midnight(json.Number("nbf")),
            ExpirationDate = Midnight(json.Number("exp")),
            UpdateDate = Day(json.Text("update-date")),
            SusDate = Day(json.Text("sus-date")),
            LicenseServerUrl = json.Text("license-server-url"),
            UpdateTicket = json.Text("update-ticket"),
            Bindings = Items(json, "bindings", Binding),
            Properties = Items(json, "properties", Property),
            KeyBody = json.Text("key-body") is { } body && StrictBase64.TryDecode(body, out var octets) ? octets : null,
            SigningKeyId = json.Text("signing-key-id") ?? "",
        };
        var faults = license.Check();
        if (faults.Count > 0)
        {
            reason = faults[0].ToString();
            return null;
        }
        reason = "it holds what version 1 does not know, or spells it otherwise";
        return Write(license, license.SigningKeyId).SequenceEqual(payload) ? license : null;
    }

    private static void List<T>(JsonWriting json, string name, IReadOnlyList<T> items, Action<T> write)
    {
        // An empty list says nothing.
        if (items.Count > 0)
        {
            json.Name(name).Open('[');
            foreach (var item in items)
            {
                write(item);
            }
            json.Close(']');
        }
    }

    // An item of another kind is dropped here and found by the comparison.
    private static List<T> Items<T>(JsonMembers json, string name, Func<object?, T?> read)
        where T : class => json.Items(name)?.Select(read).OfType<T>().ToList() ?? [];

    private static LicenseBinding? Binding(object? item) =>
        item is JsonMembers m && LicenseRules.KindOf(m.Text("kind") ?? "") is { } kind ? new LicenseBinding(kind, m.Text("value") ?? "") : null;

    private static LicenseProperty? Property(object? item) =>
        item is JsonMembers m ? new LicenseProperty(m.Text("name") ?? "", m.Text("type") ?? "", m.Text("value") ?? "") : null;

    private static LicenseDate? Midnight(long? seconds) =>
        seconds is { } at && at % DaySeconds == 0 && at >= new LicenseDate(1, 1, 1).Begins.ToUnixTimeSeconds() && at <= new LicenseDate(9999, 12, 31).Begins.ToUnixTimeSeconds()
            ? LicenseDate.Of(DateTimeOffset.FromUnixTimeSeconds(at)) : null;

    private static LicenseDate? Day(string? text) => LicenseDate.TryParse(text, out var date) ? date : null;
}
