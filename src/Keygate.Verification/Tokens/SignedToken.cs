using System.Text;

namespace Keygate.Verification;

/// <summary>A token whose signature a trusted key made.</summary>
/// <param name="Payload">The octets of the payload, which the signature covers.</param>
/// <param name="SignedBy">The key.</param>
internal sealed record SignedToken(byte[] Payload, TrustedCertificate SignedBy)
{
    /// <summary>Verifies a token of one type under one of some keys.</summary>
    /// <param name="token">header.payload.signature.</param>
    /// <param name="type">The type that its header must name.</param>
    /// <param name="keys">The keys that may have signed.</param>
    /// <param name="refusal">Why it is refused.</param>
    public static SignedToken? Verify(string token, string type, IReadOnlyList<TrustedCertificate> keys, out LicenseRefusal? refusal)
    {
        foreach (var key in keys)
        {
            var header = key.HeaderOf(type);
            if (token.Length <= header.Length || token[header.Length] != '.' || !token.StartsWith(header, StringComparison.Ordinal))
            {
                continue;
            }
            var end = token.LastIndexOf('.');
            if (end == header.Length || token.IndexOf('.', header.Length + 1) != end
                || !Base64Url.TryDecode(token.Substring(header.Length + 1, end - header.Length - 1), out var payload)
                || !Base64Url.TryDecode(token.Substring(end + 1), out var signature))
            {
                refusal = LicenseRefusals.NotAToken;
                return null;
            }
            if (!key.Algorithm.IsOffered())
            {
                refusal = LicenseRefusals.AlgorithmNotOffered(key.Algorithm.TokenName());
                return null;
            }
            refusal = key.VerifiesToken(Encoding.ASCII.GetBytes(token.Substring(0, end)), signature) ? null : LicenseRefusals.TokenSignatureWrong;
            return refusal is null ? new SignedToken(payload, key) : null;
        }
        refusal = Why(token, type, keys);
        return null;
    }

    // Chooses the words only: whoever comes here is refused.
    private static LicenseRefusal Why(string token, string type, IReadOnlyList<TrustedCertificate> keys)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.TryDecode(parts[0], out var octets) || JsonReading.Object(octets) is not { } header)
        {
            return LicenseRefusals.NotAToken;
        }
        if (header.Text("typ") != type)
        {
            return LicenseRefusals.TokenType(header.Text("typ") ?? "none");
        }
        if (header.ContainsKey("crit"))
        {
            return LicenseRefusals.ForeignHeader("it demands an extension (crit)");
        }
        var key = keys.FirstOrDefault(k => k.KeyThumbprint == header.Text("kid"));
        var algorithm = header.Text("alg") ?? "none";
        if (key is null ? algorithm is not ("ES256" or "RS256" or "EdDSA") : algorithm != key.Algorithm.TokenName())
        {
            return LicenseRefusals.ForeignAlgorithm(algorithm);
        }
        return key is null ? LicenseRefusals.KeyOutsideBundle : LicenseRefusals.ForeignHeader("it says more than alg, kid and typ, or spells them otherwise");
    }

    /// <summary>The thumbprint of the key that a token names, for the words of a refusal.</summary>
    public static string? KeyNamedBy(string token)
    {
        var end = token.IndexOf('.');
        return end > 0 && Base64Url.TryDecode(token.Substring(0, end), out var octets) ? JsonReading.Object(octets)?.Text("kid") : null;
    }
}
