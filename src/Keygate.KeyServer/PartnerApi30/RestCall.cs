using System.Globalization;
using Keygate.Kernel;
using Microsoft.AspNetCore.Http;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>One command of Partner API 3.0.</summary>
internal interface IRestMethod
{
    /// <summary>GET, POST, PUT or DELETE.</summary>
    string Verb { get; }

    /// <summary>The path after the base, such as <c>keys/{id}/renew</c>.</summary>
    string Path { get; }

    /// <summary>Its next of kin in Partner API 1.0, by whose name it is denied to single logins.</summary>
    string Name { get; }

    /// <summary>The least role that may call it.</summary>
    LoginRole Least { get; }

    /// <summary>Carries out a call whose login may make it. A refusal becomes its status and error.</summary>
    Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation);
}

/// <summary>An answer that is not a refusal.</summary>
internal sealed record RestAnswer
{
    /// <summary>200 without a body.</summary>
    public static readonly RestAnswer Empty = new();

    /// <summary>The method has written the body itself.</summary>
    public static readonly RestAnswer Written = new();

    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The body; null for none.</summary>
    public ReadOnlyMemory<byte>? Json { get; init; }

    /// <summary>A license file in place of JSON.</summary>
    public MadeFile? File { get; init; }

    /// <summary>Where what was made is found.</summary>
    public Uri? Location { get; init; }
}

/// <summary>A call that was let in.</summary>
/// <param name="Http">The call itself.</param>
/// <param name="Caller">The login, with its client.</param>
/// <param name="Id">What the path names a key by; empty where it names none.</param>
/// <param name="Received">When the call came in, as a timestamp of real time.</param>
internal sealed record RestCall(HttpContext Http, CallerRow Caller, string Id, long Received)
{
    /// <summary>On whose behalf keys are touched.</summary>
    public KeyCaller Key { get; } = new(Caller.Login, Caller.ClientId, Caller.FeatureKeys) { EndsProblemKeys = true };

    /// <summary>The key of the path: its number (leading zeros or not, full number or not) or its activation code. Anything else is no key.</summary>
    public Result<KeyName> Name => NameOf(Id) is { } name ? name : KeyServerErrors.KeyUnknown.Because($"There is no key \"{Shown(Id)}\".");

    /// <summary>The key of a path that takes the bare number alone.</summary>
    public Result<KeyName> Number => Id.All(char.IsAsciiDigit) ? Name : KeyServerErrors.KeyUnknown.Because($"There is no key \"{Shown(Id)}\": the bare number is asked for here.");

    /// <summary>True where the call asks for the key's structure in the answer (reference 2).</summary>
    public Result<bool> ReturnsState => Flag("return-key-state") is var flag && flag.TryGet(out var given, out var error) ? given ?? false : error;

    /// <summary>A key by its number, in any of its forms, or its activation code; null for anything else.</summary>
    public static KeyName? NameOf(string text) =>
        text.Length <= 8 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? KeyName.Of(KeyId.Of(number))
        : KeyName.TryParse(text, out var name) ? name : null;

    /// <summary>A text of the query; null where it is missing or empty. Of several the last counts.</summary>
    public string? Text(string parameter) => Http.Request.Query[parameter] is [.., { } last] && last.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>A flag of the query: true or yes, false or no, 1 or 0; null where it is missing.</summary>
    public Result<bool?> Flag(string parameter) => Text(parameter) switch
    {
        null => (bool?)null,
        { } text => TryFlag(text, out var flag) ? flag : KeyServerErrors.ParameterMalformed.Because($"{parameter}=\"{Shown(text)}\" is neither true nor false."),
    };

    /// <summary>Reads a flag as clients write it.</summary>
    public static bool TryFlag(string text, out bool flag)
    {
        flag = text.ToUpperInvariant() is "TRUE" or "YES" or "1";
        return flag || text.ToUpperInvariant() is "FALSE" or "NO" or "0";
    }

    /// <summary>A text of the caller's, cut where it is long.</summary>
    public static string Shown(string text) => text.Length <= 60 ? text : $"{text[..60]}...";
}
