using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keygate.Kernel;
using Microsoft.Extensions.Logging;

namespace Keygate.Server;

/// <summary>
/// The operator's own certificate: a PEM file with certificate, chain and key (or the key in a file of its own), or a PFX file. A handshake looks whether the
/// files have changed, so a renewed certificate is served without a restart; one that cannot be read leaves the one before in place. Thread-safe.
/// </summary>
internal sealed class OperatorCertificate
{
    private readonly CertificateFiles _files;
    private readonly Lock _lock = new();
    private Loaded _loaded;
    private string? _complaint;

    private OperatorCertificate(CertificateFiles files, Loaded loaded) => (_files, _loaded) = (files, loaded);

    /// <summary>Where a failed reload is told.</summary>
    public ILogger? Logger { get; set; }

    /// <summary>The certificate with its chain and key, as the files have it now.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                Look();
                return _loaded.Context;
            }
        }
    }

    /// <summary>Reads the files; refused with the file and the reason where they do not hold a certificate with its key.</summary>
    public static Result<OperatorCertificate> Load(Setting setting, CertificateFiles files) => Read(files).TryGet(out var loaded, out var error)
        ? new OperatorCertificate(files, loaded)
        : error.Mend($"Set {setting.Key} to a PEM file with certificate and key, or to a PFX file with its password, that this user may read.");

    private void Look()
    {
        if (Stamp(_files) == _loaded.Stamp)
        {
            return;
        }

        if (Read(_files).TryGet(out var loaded, out var error))
        {
            (_loaded, _complaint) = (loaded, null);
            Logger?.LogInformation("The certificate in {File} is served from now on; it ends {End:u}", _files.Certificate, loaded.Context.TargetCertificate.NotAfter.ToUniversalTime());
        }
        else if (_complaint != error.Detail)
        {
            _complaint = error.Detail;
            Logger?.LogWarning("{Cause} The certificate before it is served on. {Remedy}", error.Detail, error.Remedy);
        }
    }

    private static Result<Loaded> Read(CertificateFiles files)
    {
        try
        {
            var stamp = Stamp(files);
            var bytes = File.ReadAllBytes(files.Certificate);
            var text = Encoding.ASCII.GetString(bytes);
            var (own, others) = text.Contains("-----BEGIN", StringComparison.Ordinal) ? ReadPem(text, files) : ReadPfx(bytes, files);
            return new Loaded(SslStreamCertificateContext.Create(own, others, offline: true), stamp);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or InvalidOperationException)
        {
            return ServerErrors.CertificateUnusable.Because($"{files.Certificate}: {e.Message.TrimEnd('.')}.");
        }
    }

    private static (X509Certificate2 Own, X509Certificate2Collection Others) ReadPem(string text, CertificateFiles files)
    {
        var key = files.Key is null ? text : File.ReadAllText(files.Key);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(text);
        var own = files.Password is null ? X509Certificate2.CreateFromPem(text, key) : X509Certificate2.CreateFromEncryptedPem(text, key, files.Password);
        return (own, [.. all.Skip(1)]);
    }

    private static (X509Certificate2 Own, X509Certificate2Collection Others) ReadPfx(byte[] bytes, CertificateFiles files)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(bytes, files.Password);
        var own = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new InvalidOperationException("It holds no certificate with its private key");
        return (own, [.. all.Where(c => c != own)]);
    }

    private static (DateTime, DateTime) Stamp(CertificateFiles files) =>
        (File.GetLastWriteTimeUtc(files.Certificate), files.Key is null ? default : File.GetLastWriteTimeUtc(files.Key));

    private sealed record Loaded(SslStreamCertificateContext Context, (DateTime, DateTime) Stamp);
}
