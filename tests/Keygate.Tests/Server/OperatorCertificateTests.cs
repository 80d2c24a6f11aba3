using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keygate.Server;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Server;

/// <summary>The operator's certificate on the Partner API listener, as a client sees it over TLS.</summary>
public sealed class OperatorCertificateTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Is_shown_and_told_and_a_renewed_one_is_shown_without_a_restart()
    {
        var file = _folder.File("own.pem");
        using var first = Make("CN=first");
        await WritePemAsync(file, first);
        await using var server = await HostUnderTest.StartAsync(with: s => s with { PartnerApiCertificate = new CertificateFiles(file, null, null) });

        (await ShownAsync(server)).ShouldBe(first.Thumbprint);
        ((string)(await server.GetAsync("/keyserver/door")).Json!["certificate"]!).ShouldContain(first.ExportCertificatePem());

        // One that cannot be read leaves the one before in place.
        await File.WriteAllTextAsync(file, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
        (await ShownAsync(server)).ShouldBe(first.Thumbprint);

        using var second = Make("CN=second");
        await WritePemAsync(file, second);
        (await ShownAsync(server)).ShouldBe(second.Thumbprint);
        ((string)(await server.GetAsync("/keyserver/door")).Json!["certificate"]!).ShouldContain(second.ExportCertificatePem());
    }

    [Fact]
    public async Task May_be_a_pfx_file_with_a_password_or_have_its_key_in_a_file_of_its_own()
    {
        using var made = Make("CN=own");
        var pfx = _folder.File("own.pfx");
        await File.WriteAllBytesAsync(pfx, made.Export(X509ContentType.Pkcs12, "s3cret"));
        await using (var server = await HostUnderTest.StartAsync(with: s => s with { PartnerApiCertificate = new CertificateFiles(pfx, null, "s3cret") }))
        {
            (await ShownAsync(server)).ShouldBe(made.Thumbprint);
        }

        var (certificate, key) = (_folder.File("own.crt"), _folder.File("own.key"));
        await File.WriteAllTextAsync(certificate, made.ExportCertificatePem());
        await File.WriteAllTextAsync(key, made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await using (var server = await HostUnderTest.StartAsync(with: s => s with { PartnerApiCertificate = new CertificateFiles(certificate, key, null) }))
        {
            (await ShownAsync(server)).ShouldBe(made.Thumbprint);
        }
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("no key")]
    [InlineData("wrong password")]
    public async Task Is_refused_at_start_with_its_file_where_it_cannot_be_used(string what)
    {
        using var made = Make("CN=own");
        var file = _folder.File("own");
        if (what == "no key")
        {
            await File.WriteAllTextAsync(file, made.ExportCertificatePem());
        }
        else if (what == "wrong password")
        {
            await File.WriteAllBytesAsync(file, made.Export(X509ContentType.Pkcs12, "s3cret"));
        }

        var settings = KeygateSettings.ForFolder(_folder.File("data")) with { PartnerApiCertificate = new CertificateFiles(file, null, what == "wrong password" ? "other" : null) };
        var refusal = KeygateHost.Build(settings).Error.ShouldNotBeNull();

        refusal.Code.ShouldBe("server.certificate-unusable");
        refusal.Detail.ShouldStartWith($"{file}: ");
        refusal.ToString().ShouldNotContain("s3cret");
    }

    public void Dispose() => _folder.Dispose();

    private static X509Certificate2 Make(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        using var made = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private static Task WritePemAsync(string file, X509Certificate2 certificate) =>
        File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");

    private static async Task<string> ShownAsync(HostUnderTest server)
    {
        var shown = "";
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host.PartnerUrl.Host, server.Host.PartnerUrl.Port);
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) =>
        {
            shown = certificate!.GetCertHashString();
            return true;
        });
        await tls.AuthenticateAsClientAsync("localhost");
        return shown;
    }
}
