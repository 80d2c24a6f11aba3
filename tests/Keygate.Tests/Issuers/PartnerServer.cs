using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keygate.XmlRpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keygate.Tests.Issuers;

/// <summary>
/// A Key Administrator for tests: XML-RPC over TLS over a socket, whose answers a test writes by hand, so that it can say things that our
/// own key server never would. <see cref="Wire"/> takes the place of the whole answer.
/// </summary>
internal sealed class PartnerServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PartnerServer(WebApplication app, X509Certificate2 certificate) => (_app, Certificate) = (app, certificate);

    public X509Certificate2 Certificate { get; }

    public int Port { get; private set; }

    /// <summary>Answers by method, without the prefix; the arguments come without the credentials.</summary>
    public ConcurrentDictionary<string, Func<XmlRpcArray, XmlRpcValue>> Methods { get; } = new();

    /// <summary>Every call as it came: method and arguments, credentials first.</summary>
    public ConcurrentQueue<XmlRpcRequest> Calls { get; } = new();

    /// <summary>Answers in place of the methods, after the call was read.</summary>
    public Func<HttpContext, Task>? Wire { get; set; }

    public string Pem => Certificate.ExportCertificatePem();

    public static X509Certificate2 NewCertificate(DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(from ?? now.AddDays(-1), until ?? now.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    public static async Task<PartnerServer> StartAsync(X509Certificate2? certificate = null, bool tls = true)
    {
        certificate ??= NewCertificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (tls)
            {
                listen.UseHttps(certificate);
            }
        }));
        var app = builder.Build();
        var server = new PartnerServer(app, certificate);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return server;
    }

    /// <summary>An answer with a result code, and further members.</summary>
    public static XmlRpcStruct Code(int code, string words, params (string Name, XmlRpcValue Value)[] members)
    {
        var answer = new XmlRpcStruct { ["resultCode"] = code, ["resultDesc"] = words };
        foreach (var (name, value) in members)
        {
            answer[name] = value;
        }

        return answer;
    }

    /// <summary>Makes it as new for the next test.</summary>
    public void Forget()
    {
        Methods.Clear();
        Calls.Clear();
        Wire = null;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var call = XmlRpcReader.ReadRequest(body.ToArray());
        Calls.Enqueue(call);
        if (Wire is { } wire)
        {
            await wire(http);
            return;
        }

        using var buffer = new XmlRpcBuffer();
        if (Methods.TryGetValue(call.Method.Replace("partner10.", "", StringComparison.Ordinal), out var method))
        {
            XmlRpcWriter.WriteResponse(buffer, method(XmlRpcArray.Create([.. call.Parameters.Skip(1)])));
        }
        else
        {
            XmlRpcWriter.WriteFault(buffer, new XmlRpcFault(XmlRpcFaultCodes.MethodNotFound, string.Create(CultureInfo.InvariantCulture, $"There is no method {call.Method}.")));
        }

        http.Response.ContentType = "text/xml";
        await http.Response.Body.WriteAsync(buffer.Memory, http.RequestAborted);
    }
}
