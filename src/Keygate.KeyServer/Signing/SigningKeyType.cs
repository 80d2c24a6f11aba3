using Keygate.Verification;

namespace Keygate.KeyServer;

/// <summary>The kinds of signing keys that are made here.</summary>
public enum SigningKeyType
{
    /// <summary>ECDSA P-256: the default.</summary>
    EcdsaP256,

    /// <summary>RSA with 2048 bits, for verifiers that know no elliptic curves.</summary>
    Rsa2048,

    /// <summary>RSA with 3072 bits.</summary>
    Rsa3072,

    /// <summary>Ed25519, for tokens alone, where libcrypto offers it.</summary>
    Ed25519,
}

internal static class SigningKeyTypes
{
    public static SigningAlgorithm Algorithm(this SigningKeyType type) => type switch
    {
        SigningKeyType.EcdsaP256 => SigningAlgorithm.EcdsaP256,
        SigningKeyType.Ed25519 => SigningAlgorithm.Ed25519,
        _ => SigningAlgorithm.Rsa,
    };

    /// <summary>What a given certificate's key is called, of whatever size.</summary>
    public static string TypeName(this TrustedCertificate certificate) =>
        certificate.Algorithm == SigningAlgorithm.Rsa ? FormattableString.Invariant($"Rsa{certificate.KeyBits}") : certificate.Algorithm.ToString();
}
