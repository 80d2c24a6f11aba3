using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keygate.Server;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Server;

/// <summary>The listener of the Billing API: where it is, who may come in, and over what.</summary>
public sealed class BillingListenerTests
{
    private const string Call =
        "<?xml version=\"1.0\"?><methodCall><methodName>Execute</methodName><params><param><value><struct><member><name>Server</name><value>KAGATE</value></member>"
        + "<member><name>Method</name><value>KA_FeatureGroupMoveToArc</value></member><member><name>Params</name><value><array><data><value>NONE</value></data></array></value></member>"
        + "</struct></value></param></params></methodCall>";

    [Fact]
    public async Task Answers_on_its_own_port_alone_and_tells_where_it_is()
    {
        await using var host = await HostUnderTest.StartAsync(with: s => s with { BillingApiAllow = [IPNetwork.Parse("127.0.0.1/32")] });
        using var http = new HttpClient();

        (await PostAsync(http, host.Host.BillingUrl)).ShouldContain("<fault>");
        ((string?)(await host.GetAsync("/billing-api")).Json!["url"]).ShouldBe(host.Host.BillingUrl.ToString());
        (await http.PostAsync(new Uri(host.Host.HttpUrl, "RPC2"), new StringContent(Call))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.GetAsync(new Uri(host.Host.BillingUrl, "/api/v1/plans"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.GetAsync(host.Host.BillingUrl)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Speaks_TLS_with_the_operators_certificate()
    {
        using var folder = new TempFolder();
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest("CN=billing.example.org", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(120));
        var file = folder.File("billing.pem");
        await File.WriteAllTextAsync(file, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        await using var host = await HostUnderTest.StartAsync(with: s => s with { BillingApi = new Uri("https://127.0.0.1:0"), BillingApiCertificate = new CertificateFiles(file, null, null) });
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString() },
        });

        host.Host.BillingUrl.Scheme.ShouldBe("https");
        (await PostAsync(http, host.Host.BillingUrl, HttpStatusCode.Unauthorized)).ShouldContain("<fault>");
    }

    [Theory]
    [InlineData("http://0.0.0.0:5224", null, null, "KEYGATE_BILLING_API")]
    [InlineData("http://192.0.2.1:5224", "no", null, "KEYGATE_BILLING_API")]
    [InlineData("http://0.0.0.0:5224", "yes", null, null)]
    [InlineData("https://0.0.0.0:5224", null, null, "KEYGATE_BILLING_API_CERTIFICATE")]
    [InlineData("https://0.0.0.0:5224", null, "/etc/billing.pem", null)]
    [InlineData("http://127.0.0.1:5224", "maybe", null, "KEYGATE_BILLING_API_PLAIN")]
    [InlineData("http://127.0.0.1:8080", null, null, "KEYGATE_BILLING_API")]
    [InlineData("off", null, null, null)]
    public void Does_not_start_beyond_loopback_without_TLS_unless_told(string url, string? plain, string? certificate, string? fault)
    {
        var environment = new Dictionary<string, string?> { ["KEYGATE_BILLING_API"] = url, ["KEYGATE_BILLING_API_PLAIN"] = plain, ["KEYGATE_BILLING_API_CERTIFICATE"] = certificate };

        var read = SettingsReader.Read(_ => null, environment.GetValueOrDefault, _ => null);

        (read.Error?.Field).ShouldBe(fault);
        if (read.IsDone)
        {
            (read.Value.BillingApi?.Port).ShouldBe(url == "off" ? null : 5224);
        }
    }

    private static async Task<string> PostAsync(HttpClient http, Uri url, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await http.PostAsync(url, new StringContent(Call, Encoding.UTF8, "text/xml"));
        answer.StatusCode.ShouldBe(expected);
        return await answer.Content.ReadAsStringAsync();
    }
}
