namespace Keygate.Verification;

/// <summary>
/// What stands before the payload of everything that we sign as a token: constant for a key and a type, so that a token is compared with it and nothing
/// is taken from there.
/// </summary>
internal static class TokenHeader
{
    /// <summary>The type of a license token.</summary>
    public const string License = "keygate-license+jwt";

    /// <summary>The type of a signed trust bundle.</summary>
    public const string Trust = "keygate-trust+jwt";

    /// <summary>The type of a signed status list.</summary>
    public const string Status = "keygate-status+jwt";

    /// <summary>The type of what a root key says of the one that follows it.</summary>
    public const string Root = "keygate-root+jwt";

    /// <summary>The one header in base64url.</summary>
    public static string Of(SigningAlgorithm algorithm, string keyThumbprint, string type) => Base64Url.Encode(
        new JsonWriting().Open('{').Member("alg", algorithm.TokenName()).Member("kid", keyThumbprint).Member("typ", type).Close('}').ToUtf8());
}
