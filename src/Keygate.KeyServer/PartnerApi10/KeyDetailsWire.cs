using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>The struct KeyDetails, reference 4.4. Members that real clients read without a guard (9.5) are always there.</summary>
internal static class KeyDetailsWire
{
    public static XmlRpcStruct Of(KeyDetails details)
    {
        var key = details.Key;
        var reported = Reported(details.Addresses);
        return new XmlRpcStruct
        {
            ["clientId"] = key.ClientId.Value,
            ["keyNumber"] = key.Number.ToString(),
            ["keyType"] = NameOf(details),
            ["apiKeyType"] = details.KeyType is { Orderable: false } ? "N/A" : key.KeyType,
            ["type"] = TypeOf(key),
            ["expirationDate"] = key.ExpirationDate,
            ["updateDate"] = key.UpdateDate,
            ["productKey"] = key.ActivationCode,
            ["createDate"] = XmlRpcValue.FromInstant(key.CreatedAt),
            ["terminated"] = key.IsTerminated,
            ["problem"] = key.Problem,
            ["trial"] = details.KeyType is { Trial: true },
            ["lastReportingDate"] = ReportedAt(key),
            ["lastReportingIp"] = reported.Length == 0 ? default : reported,
            ["lastReportingVersion"] = key.ReportedVersion,
            ["additionalKeys"] = Structs(details.Additional.Select(Of)),
            ["features"] = Structs(details.Features.Select(f => new XmlRpcStruct { ["name"] = f.Name, ["apiName"] = f.Id })),
            ["properties"] = new XmlRpcStruct(),
            ["susAndSupportInfo"] = new XmlRpcArray(),
            ["billingType"] = BillingOf(key),
            ["activated"] = key.Activation == ActivationRule.None ? default : (XmlRpcValue)(key.ActivatedAt is not null),
            ["guid"] = key.ActivatedFor,
            ["boundIPAddress"] = details.Addresses.FirstOrDefault(a => a.Source == AddressSource.Bound)?.Address ?? "",
            ["productFamily"] = details.KeyType?.Family ?? "",
            ["parentKeyNumber"] = details.Parent?.ToString(),
        };
    }

    /// <summary>The struct RemoteAPIKeyInfo of getKeyNumbers, reference 4.6.</summary>
    public static XmlRpcStruct ShortOf(KeyDetails details)
    {
        var reported = Reported(details.Addresses);
        return new XmlRpcStruct
        {
            ["keyNumber"] = details.Key.Number.ToString(),
            ["keyType"] = NameOf(details),
            ["type"] = TypeOf(details.Key),
            ["billingType"] = BillingOf(details.Key),
            ["terminated"] = details.Key.IsTerminated,
            ["createDate"] = XmlRpcValue.FromInstant(details.Key.CreatedAt),
            ["lastReportingDate"] = ReportedAt(details.Key),
            ["lastReportingIp"] = reported.Length == 0 ? default : reported,
        };
    }

    public static XmlRpcArray Structs(IEnumerable<XmlRpcStruct> structs)
    {
        var array = new XmlRpcArray();
        foreach (var one in structs)
        {
            array.Add(one);
        }

        return array;
    }

    private static string NameOf(KeyDetails details) => $"{details.KeyTypeName} ({details.Key.Billing})";

    private static string TypeOf(KeyRow key) => key.Kind.ToString().ToUpperInvariant();

    private static string BillingOf(KeyRow key) => key.Billing == BillingType.Lease ? "LEASE" : "PURCHASE";

    private static XmlRpcValue ReportedAt(KeyRow key) => key.ReportedAt is { } at ? XmlRpcValue.FromInstant(at) : default;

    private static string Reported(IReadOnlyList<AddressRow> addresses) =>
        string.Join(", ", addresses.Where(a => a.Source == AddressSource.Reported).Select(a => a.Address));
}
