using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>A call that was let in.</summary>
/// <param name="Caller">The login, with its client.</param>
/// <param name="Received">When the call came in, as a timestamp of real time.</param>
internal sealed record PartnerCall(CallerRow Caller, long Received)
{
    /// <summary>On whose behalf keys are touched.</summary>
    public KeyCaller Key => new(Caller.Login, Caller.ClientId, Caller.FeatureKeys);
}

/// <summary>One method of Partner API 1.0, or one of Keygate's own beside it.</summary>
internal interface IPartnerMethod
{
    /// <summary>What stands before its name: <c>partner10</c> for what the reference has.</summary>
    string Family => "partner10";

    /// <summary>The name without what stands before it.</summary>
    string Name { get; }

    /// <summary>The least role that may call it.</summary>
    LoginRole Least { get; }

    /// <summary>Its forms; the first argument of each is AuthInfo.</summary>
    IReadOnlyList<XmlRpcSignature> Forms { get; }

    /// <summary>Carries out a call whose login may make it. A refusal becomes its result code.</summary>
    Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation);
}

/// <summary>What the methods' arguments and answers have in common.</summary>
internal static class Wire
{
    private const int IdentifierLengthMax = 255;

    /// <summary>A struct whose faults are ours to name: any type is let in, and what is none gets its result code.</summary>
    public static readonly XmlRpcParameter AnyStruct = new(XmlRpcKinds.Struct, (XmlRpcKinds.Any | XmlRpcKinds.Nil) & ~XmlRpcKinds.Struct);

    /// <summary>A text; loosely typed clients send one of digits as a number.</summary>
    public static readonly XmlRpcParameter Text = XmlRpcLenient.Text;

    /// <summary>A list of texts.</summary>
    public static readonly XmlRpcParameter Texts = XmlRpcLenient.Array;

    /// <summary>A list of upgrade plans; a plan that stands alone is another form.</summary>
    public static readonly XmlRpcParameter Plans = new(XmlRpcKinds.Array, XmlRpcKinds.EmptyStruct | XmlRpcKinds.Nil);

    /// <summary>An answer with its code and text.</summary>
    public static XmlRpcStruct Answer(int code, string text) => new() { ["resultCode"] = code, ["resultDesc"] = text };

    /// <summary>An answer about a key: its number, dates and activation code where a method's answer has them.</summary>
    public static XmlRpcStruct Answer(int code, string text, KeyRow key, bool withDates = false)
    {
        var answer = Answer(code, text);
        answer["keyNumber"] = key.Number.ToString();
        if (withDates)
        {
            answer["expirationDate"] = key.ExpirationDate;
            answer["updateDate"] = key.UpdateDate;
            answer["productKey"] = key.ActivationCode;
        }

        return answer;
    }

    /// <summary>A refusal: what happened, and what can be done.</summary>
    public static XmlRpcStruct Answer(Error error) => Answer(ResultCodes.Of(error), $"{error.Detail.TrimEnd('.')}. {error.Remedy}");

    /// <summary>The text of an argument that the signature let in as one.</summary>
    public static string TextOf(XmlRpcValue value) => value.TryToText(out var text) ? text.Trim() : "";

    /// <summary>A key's number or activation code; otherwise 410.</summary>
    public static Result<KeyName> KeyNameOf(XmlRpcValue value) =>
        KeyName.TryParse(TextOf(value), out var name) ? name : KeyServerErrors.KeyNumberMalformed;

    /// <summary><c>purchase</c> or <c>billing</c> in any case; null where the argument is missing or empty.</summary>
    public static Result<BillingType?> BillingOf(XmlRpcValue value) => TextOf(value).ToUpperInvariant() switch
    {
        "" => (BillingType?)null,
        "BILLING" or "LEASE" => BillingType.Lease,
        "PURCHASE" => BillingType.Purchase,
        _ => KeyServerErrors.BillingTypeUnknown.Because($"Unknown billing type {TextOf(value)}."),
    };

    /// <summary>
    /// The addresses of a ServerAddress (reference 4.2), each in the one spelling that it is stored in. Members may be absent, empty, or a single
    /// text in place of a list; unknown members are ignored.
    /// </summary>
    public static Result<IReadOnlyList<string>> AddressesOf(XmlRpcValue value)
    {
        if (!value.TryToStruct(out var members) || !members.GetOrNil("ips").TryToTexts(out var ips) || !members.GetOrNil("macs").TryToTexts(out var macs))
        {
            return KeyServerErrors.AddressesMalformed;
        }

        var addresses = new List<string>();
        foreach (var ip in ips.Select(text => text.Trim()).Where(text => text.Length > 0))
        {
            if (!TryIp(ip, out var canonical))
            {
                return KeyServerErrors.IpMalformed.Because($"\"{Shown(ip)}\" is no IP address.");
            }

            addresses.Add(canonical);
        }

        foreach (var mac in macs.Select(text => text.Trim()).Where(text => text.Length > 0))
        {
            if (!TryMac(mac, out var canonical))
            {
                return KeyServerErrors.MacMalformed.Because($"\"{Shown(mac)}\" is no MAC address.");
            }

            addresses.Add(canonical);
        }

        return addresses.Distinct(StringComparer.Ordinal).ToList();
    }

    /// <summary>The CreationParameters of reference 4.3: what the key is activated for, and the parent it is attached to.</summary>
    public static Result<(ActivationInput Activation, KeyName? Parent)> ParametersOf(XmlRpcValue value)
    {
        if (!value.TryToStruct(out var members) || !TryOptional(members, "hwid", out var hardwareId) || !TryOptional(members, "guid", out var instance)
            || !TryOptional(members, "parentKeyNumber", out var parent))
        {
            return KeyServerErrors.ParametersMalformed;
        }

        KeyName? parentName = null;
        if (parent is not null && !KeyName.TryParse(parent, out parentName))
        {
            return KeyServerErrors.KeyNumberMalformed.Because($"\"{Shown(parent)}\" is no key number.");
        }

        return (new ActivationInput(hardwareId, instance), parentName);
    }

    /// <summary>The hardware id or instance of an activation; null where it is empty.</summary>
    public static Result<string?> IdentifierOf(XmlRpcValue value)
    {
        var text = TextOf(value);
        return text.Length > IdentifierLengthMax || text.Any(char.IsControl) ? KeyServerErrors.ParametersMalformed : text.Length == 0 ? (string?)null : text;
    }

    /// <summary>One IP address in the spelling that it is stored in; otherwise 405.</summary>
    public static Result<string> IpOf(XmlRpcValue value) =>
        TryIp(TextOf(value), out var canonical) ? canonical : KeyServerErrors.IpMalformed.Because($"\"{Shown(TextOf(value))}\" is no IP address.");

    /// <summary>An IPv4 address as four numbers, or an IPv6 address, in its canonical spelling.</summary>
    public static bool TryIp(string text, [NotNullWhen(true)] out string? canonical)
    {
        // The framework also reads "1" and "0x7f.1" as addresses; a person who wrote that meant something else.
        var parses = IPAddress.TryParse(text, out var address) && !text.Contains('%', StringComparison.Ordinal)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.StartsWith('[') : address.ToString() == text);
        canonical = parses ? (address!.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null;
        return parses;
    }

    /// <summary>A MAC address of six groups, in lower case with colons.</summary>
    public static bool TryMac(string text, [NotNullWhen(true)] out string? canonical)
    {
        var groups = text.Split(text.Contains('-', StringComparison.Ordinal) ? '-' : ':');
        var fits = groups.Length == 6 && groups.All(g => g.Length == 2 && g.All(char.IsAsciiHexDigit));
        canonical = fits ? string.Join(':', groups).ToLowerInvariant() : null;
        return fits;
    }

    private static bool TryOptional(XmlRpcStruct members, string name, out string? text)
    {
        text = null;
        var value = members.GetOrNil(name);
        if (value.IsNil)
        {
            return true;
        }

        var fits = value.TryToText(out var given) && given.Length <= IdentifierLengthMax && !given.Any(char.IsControl);
        text = fits && given!.Trim().Length > 0 ? given.Trim() : null;
        return fits;
    }

    private static string Shown(string text) => text.Length <= 60 ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..60]}...");
}
