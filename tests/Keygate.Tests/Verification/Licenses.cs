using Keygate.Verification;

namespace Keygate.Tests.Verification;

/// <summary>Makes valid licenses and signing keys; a test names only what matters to it.</summary>
internal static class Licenses
{
    public static readonly DateTimeOffset Made = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<LicenseSigner> LazyEcdsa = new(() => NewSigner(SigningAlgorithm.EcdsaP256, "ec-1"));
    private static readonly Lazy<LicenseSigner> LazyRsa = new(() => NewSigner(SigningAlgorithm.Rsa, "rsa-1"));
    private static readonly Lazy<LicenseSigner> LazyRsa3072 = new(() => NewSigner(SigningAlgorithm.Rsa, "rsa-2", 3072));
    private static readonly Lazy<LicenseSigner> LazyEd25519 = new(() => NewSigner(SigningAlgorithm.Ed25519, "ed-1"));
    private static readonly Lazy<LicenseSigner> LazyRoot = new(() => NewSigner(SigningAlgorithm.EcdsaP256, "root-1"));
    private static readonly Lazy<LicenseSigner> LazyForeign = new(() => NewSigner(SigningAlgorithm.EcdsaP256, "ec-1"));

    public static LicenseSigner Ecdsa => LazyEcdsa.Value;

    public static LicenseSigner Rsa => LazyRsa.Value;

    public static LicenseSigner Rsa3072 => LazyRsa3072.Value;

    /// <summary>Only where libcrypto offers it: <see cref="NeedsEd25519"/>.</summary>
    public static LicenseSigner Ed25519 => LazyEd25519.Value;

    /// <summary>A root key, which signs no license.</summary>
    public static LicenseSigner Root => LazyRoot.Value;

    /// <summary>A signer whose certificate stands in no bundle.</summary>
    public static LicenseSigner Foreign => LazyForeign.Value;

    public static TrustBundle Trust { get; } = TrustBundle.Parse(
        TrustBundle.Parse(PemOf(Ecdsa)).ToPem() + TrustBundle.Parse(PemOf(Rsa)).ToPem());

    public static LicenseVerifier Verifier { get; } = new(Trust);

    public static LicenseSigner Signer(SigningAlgorithm algorithm) => algorithm == SigningAlgorithm.Rsa ? Rsa : Ecdsa;

    public static void NeedsEd25519() => Xunit.Assert.SkipUnless(SigningAlgorithm.Ed25519.IsOffered(), "The libcrypto of this machine does not offer Ed25519.");

    public static LicenseSigner NewSigner(SigningAlgorithm algorithm, string keyId, int rsaBits = 2048)
    {
        var key = LicenseSigningKey.Create(algorithm, "Keygate test " + keyId, Made, Made.AddYears(30), rsaBits);
        return LicenseSigner.FromPem(keyId, key.CertificatePem, key.PrivateKeyPem);
    }

    public static string PemOf(LicenseSigner signer) =>
        "-----BEGIN CERTIFICATE-----\n" + Convert.ToBase64String(signer.Certificate.ToDer(), Base64FormattingOptions.InsertLineBreaks) + "\n-----END CERTIFICATE-----\n";

    /// <summary>A bundle of some signers' certificates.</summary>
    public static TrustBundle TrustIn(params LicenseSigner[] signers) => TrustBundle.Parse(string.Concat(signers.Select(PemOf)));

    public static LicenseFile Small() => new()
    {
        KeyNumber = "PLSK.00041207",
        KeyVersion = 1,
        KeyType = "PLESK_100_FOR_VZ",
        Product = "plesk",
    };

    /// <summary>A license with every field, and texts that want every escape.</summary>
    public static LicenseFile Full() => Small() with
    {
        Features = ["30_DOMAINS", "Sprachpaket <Grün> & 中文 \U0001F600", "LP_2"],
        ProductVersion = "10.0",
        Owner = "Müller & Söhne <\"GmbH\">\n\tZweite Zeile ]]> '中文' \U0001F680",
        StartDate = new LicenseDate(2026, 2, 1),
        ExpirationDate = new LicenseDate(2026, 3, 1),
        UpdateDate = new LicenseDate(2026, 2, 19),
        SusDate = new LicenseDate(2027, 2, 1),
        LicenseServerUrl = "https://ka.example.com:7050/product/v1?a=1&b=2",
        UpdateTicket = "00112233445566778899aabbccddeeff",
        Bindings = [new(BindingKind.Ip, "192.0.2.7"), new(BindingKind.HardwareId, "a<b>"), new(BindingKind.Instance, "7f9c")],
        Properties = [new("max \"sites\" & <more>", "integer", "30"), new("note", "string", ""), new("é", "string", " white  space\n")],
        KeyBody = [0, 1, 2, 253, 254, 255, 60],
    };
}
