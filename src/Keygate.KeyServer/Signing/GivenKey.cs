using System.Security.Cryptography;
using Keygate.Kernel;
using Keygate.Verification;

namespace Keygate.KeyServer;

/// <summary>
/// A signing key that the operator gives by a setting: a PEM text with certificate and private key, a file with such a text, or the address of a remote
/// signer. All three come out as an <see cref="ILicenseSigner"/>.
/// </summary>
public sealed class GivenKey
{
    private const string FilePrefix = "file:";
    private readonly string _setting;
    private readonly Secret? _token;
    private volatile Loaded? _loaded;

    private GivenKey(string setting, Secret? token) => (_setting, _token) = (setting, token);

    /// <summary>Reads a setting; a refusal where its form, its file or its PEM is wrong. A remote signer is asked only when it is needed.</summary>
    /// <param name="setting"><c>file:PATH</c>, PEM, or an https (on loopback also http) URL.</param>
    /// <param name="token">What a remote signer demands as bearer token.</param>
    public static Result<GivenKey> Read(string setting, Secret? token)
    {
        var key = new GivenKey(setting.Trim(), token);
        if (key.Url is { } url)
        {
            return url.Scheme == Uri.UriSchemeHttps || url.IsLoopback
                ? key
                : KeyServerErrors.SigningKeyUnusable.Because($"{url.Authority} would be asked to sign over plain http.");
        }

        try
        {
            key._loaded = key.OfPem();
            return key;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            return KeyServerErrors.SigningKeyUnusable.Because(e.Message);
        }
    }

    /// <summary>Where it comes from, without secrets.</summary>
    public override string ToString() => Url?.GetLeftPart(UriPartial.Path) ?? (IsFile ? _setting : "***");

    /// <summary>Its certificate as PEM. Throws <see cref="SignerException"/> where the remote signer does not answer.</summary>
    internal async Task<string> CertificateAsync(CancellationToken cancellation) => (await LoadAsync(cancellation)).CertificatePem;

    /// <summary>The key as a signer under a name.</summary>
    internal async Task<ILicenseSigner> OpenAsync(string name, CancellationToken cancellation) => (await LoadAsync(cancellation)).Open(name);

    private bool IsFile => _setting.StartsWith(FilePrefix, StringComparison.Ordinal);

    private Uri? Url => Uri.TryCreate(_setting, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    // Two callers that come first may both ask the signer: it is the same answer.
    private async Task<Loaded> LoadAsync(CancellationToken cancellation) => _loaded ??= await OfSignerAsync(Url!, cancellation);

    private async Task<Loaded> OfSignerAsync(Uri url, CancellationToken cancellation)
    {
        var http = RemoteSigner.ClientOf(_token);
        var pem = await RemoteSigner.CertificateAsync(http, url, cancellation);
        return TrustBundle.TryParse(pem, out var bundle, out var reason) && bundle.Certificates.Count == 1 && bundle.Certificates[0].Algorithm.SignsFiles()
            ? new Loaded(pem, name => RemoteSigner.Of(http, url, name, bundle.Certificates[0]))
            : throw new SignerException($"The signer at {url.Authority} answered no signing certificate. {reason}");
    }

    private Loaded OfPem()
    {
        var pem = IsFile ? File.ReadAllText(_setting[FilePrefix.Length..]) : _setting.Replace("\\n", "\n", StringComparison.Ordinal);
        var certificate = Part(pem, "CERTIFICATE") ?? throw new ArgumentException("There is no certificate in PEM form.");
        var key = Part(pem, "PRIVATE KEY") ?? throw new ArgumentException("There is no private key in PEM form (PKCS #8, not encrypted).");
        using (var trial = LicenseSigner.FromPem("trial", certificate, key))
        {
            return !trial.Algorithm.SignsFiles()
                ? throw new ArgumentException("An Ed25519 key signs tokens alone: give an ECDSA P-256 or RSA key.")
                : new Loaded(certificate, name => LicenseSigner.FromPem(name, certificate, key));
        }
    }

    private static string? Part(string pem, string label)
    {
        string start = $"-----BEGIN {label}-----", end = $"-----END {label}-----";
        var from = pem.IndexOf(start, StringComparison.Ordinal);
        var to = pem.IndexOf(end, StringComparison.Ordinal);
        return from >= 0 && to > from ? pem[from..(to + end.Length)] : null;
    }

    private sealed record Loaded(string CertificatePem, Func<string, ILicenseSigner> Open);
}
