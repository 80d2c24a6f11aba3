namespace Keygate.Verification;

/// <summary>The signature algorithms of version 1. The key decides which one applies, never the file.</summary>
public enum SigningAlgorithm
{
    /// <summary>ECDSA on the curve P-256 with SHA-256: the default.</summary>
    EcdsaP256 = 0,

    /// <summary>RSA, PKCS #1 v1.5, with SHA-256 and 2048 bits or more, for verifiers that know no elliptic curves.</summary>
    Rsa = 1,
}
