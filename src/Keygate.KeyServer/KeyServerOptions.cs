using Keygate.Verification;

namespace Keygate.KeyServer;

/// <summary>Settings of the key server.</summary>
public sealed class KeyServerOptions
{
    /// <summary>
    /// The public address of the Partner API listener (<c>KEYGATE_PARTNER_API_PUBLIC</c>): the name in its own certificate, and the license
    /// server address in license files. Default <c>https://127.0.0.1:7050</c>.
    /// </summary>
    public Uri PublicUrl { get; set; } = new("https://127.0.0.1:7050");

    /// <summary>
    /// The algorithm of the key that signs license files. When it is changed, a key of the other algorithm is made and the old one stays
    /// trusted. Default ECDSA P-256; RSA (2048 bits) for verifiers that know no elliptic curves.
    /// </summary>
    public SigningAlgorithm SigningAlgorithm { get; set; } = SigningAlgorithm.EcdsaP256;

    /// <summary>
    /// How long after a createKey call came in its key may still be committed; later it is refused with 300. Clients that lost the answer
    /// rely on it: what they don't find after this time was not made. Default and upper bound 30 seconds.
    /// </summary>
    public TimeSpan CommitWithin { get; set; } = TimeSpan.FromSeconds(30);
}
