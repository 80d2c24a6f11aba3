namespace Keygate.Verification;

/// <summary>A signing key that the issuer no longer stands by, as a trust bundle tells it.</summary>
/// <param name="KeyThumbprint">The key's thumbprint, as tokens name it.</param>
/// <param name="Fingerprint">SHA-256 of its certificate in lower-case hexadecimal digits, as files carry it.</param>
/// <param name="Id">The issuer's name of the key.</param>
/// <param name="RevokedAt">When it was revoked.</param>
public sealed record RevokedKey(string KeyThumbprint, string Fingerprint, string? Id, DateTimeOffset RevokedAt);
