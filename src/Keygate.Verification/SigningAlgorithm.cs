namespace Keygate.Verification;

/// <summary>The signature algorithms of version 1. The key decides which one applies, never the file or token.</summary>
public enum SigningAlgorithm
{
    /// <summary>ECDSA on the curve P-256 with SHA-256, <c>ES256</c> in tokens: the default.</summary>
    EcdsaP256 = 0,

    /// <summary>RSA, PKCS #1 v1.5, with SHA-256 and 2048 bits or more, <c>RS256</c> in tokens, for verifiers that know no elliptic curves.</summary>
    Rsa = 1,

    /// <summary>Ed25519, <c>EdDSA</c> in tokens. For tokens alone: XML signature tools do not know it. See <see cref="SigningAlgorithms.IsOffered"/>.</summary>
    Ed25519 = 2,
}

/// <summary>What each algorithm is called and where it can be used.</summary>
public static class SigningAlgorithms
{
    /// <summary>The algorithm's name in a token's header.</summary>
    public static string TokenName(this SigningAlgorithm algorithm) => algorithm switch
    {
        SigningAlgorithm.EcdsaP256 => "ES256",
        SigningAlgorithm.Rsa => "RS256",
        SigningAlgorithm.Ed25519 => "EdDSA",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Whether license files can be signed with it, and not tokens alone.</summary>
    public static bool SignsFiles(this SigningAlgorithm algorithm) => algorithm != SigningAlgorithm.Ed25519;

    /// <summary>
    /// Whether this process can sign and verify with it. ECDSA and RSA always; Ed25519 on Linux where .NET's libcrypto (OpenSSL 1.1.1 or later) has it,
    /// and never in the build for .NET Standard 2.0.
    /// </summary>
    public static bool IsOffered(this SigningAlgorithm algorithm) =>
#if NET
        algorithm != SigningAlgorithm.Ed25519 || Ed25519.IsOffered;
#else
        algorithm != SigningAlgorithm.Ed25519;
#endif
}
