using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keygate.Accounts;
using Keygate.KeyServer;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Verification;
using Keygate.Work;
using Keygate.XmlRpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace Keygate.Tests.KeyServer;

/// <summary>
/// A key server of its own for one test, on a database of its own: the hosting sample's price list, two clients, a login each, and the Partner API
/// over TLS on a socket.
/// </summary>
internal sealed class TestKeyServer : IAsyncDisposable
{
    public static readonly Actor Staff = new(ActorKind.Staff, 1, "issuer");

    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly List<XmlRpcClient> _clients = [];
    private HttpClient? _raw;

    private TestKeyServer(TestDatabase database, WebApplication app, ManualTime time) => (_database, _app, Time) = (database, app, time);

    public ManualTime Time { get; }

    public IServiceProvider Services => _app.Services;

    public Database Database => _database.Database;

    public Uri Url { get; private set; } = new("https://127.0.0.1/");

    /// <summary>The same without TLS, for callers that know nothing of the test's certificate.</summary>
    public Uri PlainUrl { get; private set; } = new("http://127.0.0.1/");

    public string Password { get; private set; } = "";

    /// <summary>The credentials of the client northwind, for all methods.</summary>
    public XmlRpcStruct Auth => new() { ["login"] = "northwind-api", ["password"] = Password };

    /// <summary>The credentials of another client.</summary>
    public XmlRpcStruct OtherAuth { get; private set; } = new();

    public static async Task<TestKeyServer> StartAsync(Engine engine, Action<KeyServerOptions>? settings = null, DatabaseOptions? database = null, ManualTime? clock = null)
    {
        var own = await TestDatabase.CreateAsync(engine, database, typeof(MasterKey).Assembly, typeof(Process).Assembly, typeof(KeyServerModule).Assembly);
        var time = clock ?? new ManualTime(new DateTimeOffset(2026, 3, 9, 14, 30, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddKeyedSingleton(KeyServerModule.DatabaseKey, own.Database);
        builder.Services.AddSingleton(MasterKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Value);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddKeyServer();
        builder.Services.Configure<KeyServerOptions>(options => settings?.Invoke(options));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(https =>
                https.ServerCertificateSelector = (_, _) => kestrel.ApplicationServices.GetRequiredService<PartnerTlsCertificate>().GetAsync(CancellationToken.None).GetAwaiter().GetResult()));
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        app.MapPartnerApi();
        app.MapTrust();
        var server = new TestKeyServer(own, app, time);
        await server.SetUpAsync();
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        server.Url = addresses.Single(a => a.Scheme == "https");
        server.PlainUrl = addresses.Single(a => a.Scheme == "http");
        return server;
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Calls a method as northwind's login.</summary>
    public Task<XmlRpcStruct> CallAsync(string method, params ReadOnlySpan<XmlRpcValue> arguments) => CallAsAsync(Auth, method, arguments);

    /// <summary>Calls a method with credentials of any kind.</summary>
    public Task<XmlRpcStruct> CallAsAsync(XmlRpcValue auth, string method, params ReadOnlySpan<XmlRpcValue> arguments)
    {
        XmlRpcArray all = [auth, .. arguments];
        return SendAsync(method, all);
    }

    /// <summary>Calls a method and returns the reply, fault or not.</summary>
    public async Task<XmlRpcReply> ReplyAsync(string method, XmlRpcArray arguments)
    {
        var client = new XmlRpcClient(new() { Url = Url, Pins = XmlRpcPins.Parse(await Get<PartnerTlsCertificate>().ToPemAsync(CancellationToken.None)) });
        _clients.Add(client);
        return await client.CallAsync($"partner10.{method}", arguments, CancellationToken.None);
    }

    /// <summary>Fetches what products fetch, without a login.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, string? known = null)
    {
        using var http = await PinnedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, path));
        if (known is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        }

        return await http.SendAsync(request);
    }

    /// <summary>The text of what products fetch.</summary>
    public async Task<string> FetchAsync(string path)
    {
        using var answer = await GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Posts raw text, as somebody else's client would, and returns the raw answer.</summary>
    public async Task<(HttpStatusCode Status, string Body)> PostAsync(string xml, string path = "/")
    {
        _raw ??= await PinnedAsync();
        using var content = new StringContent(xml, Encoding.UTF8, "text/xml");
        using var answer = await _raw.PostAsync(new Uri(Url, path), content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Orders a key that needs no features and returns its number.</summary>
    public async Task<string> BareKeyAsync(string keyType = "PLESK_9_FOR_VZ", string billing = "billing", XmlRpcStruct? address = null)
    {
        var answer = await CallAsync("createKey", address ?? [], "northwind", keyType, new XmlRpcArray(), billing);
        answer["resultCode"].AsInt().ShouldBe(100, answer["resultDesc"].AsString());
        return answer["mainKeyNumber"].AsString();
    }

    /// <summary>A key as it stands in the database.</summary>
    public async Task<KeyRow> KeyAsync(string number)
    {
        KeyName.TryParse(number, out var name).ShouldBeTrue();
        return (await Database.ReadAsync(s => Get<KeyStore>().FindAsync(s, name!, CancellationToken.None), CancellationToken.None)).ShouldNotBeNull();
    }

    /// <summary>Marks a key as problem, as the issuer's staff would.</summary>
    public async Task MarkProblemAsync(string number)
    {
        var key = await KeyAsync(number);
        await Database.WriteAsync(async tx =>
        {
            await Get<KeyStore>().SetProblemAsync(tx, key.Id, true, Time.GetUtcNow(), CancellationToken.None);
            return Done.It;
        }, CancellationToken.None);
    }

    /// <summary>Does all of the key server's work that is due now.</summary>
    public Task<int> WorkAsync() => Services.GetRequiredKeyedService<WorkEngine>(KeyServerModule.DatabaseKey).RunUntilIdleAsync(CancellationToken.None);

    public Task<int> CountKeysAsync() => Database.ReadAsync(s => s.GetAsync<int>("select count(*) from keys", null, CancellationToken.None), CancellationToken.None);

    /// <summary>The license file in an answer of retrieveKey, verified under the server's trust bundle.</summary>
    public async Task<LicenseFile> VerifiedAsync(XmlRpcStruct retrieved)
    {
        var trust = await Get<SigningRing>().TrustAsync(CancellationToken.None);
        var verified = new LicenseVerifier(trust).Verify(retrieved["key"].AsBytes().ToArray());
        verified.IsAuthentic.ShouldBeTrue(verified.Refusal?.ToString());
        return verified.License!;
    }

    public static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "samples", name, "price-list.json"));

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        _raw?.Dispose();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>A client that trusts the listener's certificate alone.</summary>
    public async Task<HttpClient> PinnedAsync()
    {
        var trusted = X509CertificateLoader.LoadCertificate((await Get<PartnerTlsCertificate>().GetAsync(CancellationToken.None)).RawData);
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted }, RevocationMode = X509RevocationMode.NoCheck } },
        });
    }

    private async Task<XmlRpcStruct> SendAsync(string method, XmlRpcArray arguments)
    {
        var reply = await ReplyAsync(method, arguments);
        reply.Kind.ShouldBe(XmlRpcReplyKind.Answered, reply.ToString() + reply.Fault);
        return reply.Value.AsStruct();
    }

    private static string Here([CallerFilePath] string here = "") => here;

    private async Task SetUpAsync()
    {
        var none = CancellationToken.None;
        await DoAsync(tx => Get<ImportPriceListHandler>().HandleAsync(tx, Sample("hosting"), Staff, none));
        var northwind = await DoAsync(tx => Get<AddClientHandler>().HandleAsync(tx, new() { Login = "northwind", Name = "Northwind Hosting", PriceList = "hosting" }, Staff, none));
        Password = (await DoAsync(tx => Get<AddLoginHandler>().HandleAsync(tx, northwind.Id, new() { Login = "northwind-api" }, Staff, none))).Password;
        var other = await DoAsync(tx => Get<AddClientHandler>().HandleAsync(tx, new() { Login = "contoso", Name = "Contoso", PriceList = "hosting" }, Staff, none));
        var login = await DoAsync(tx => Get<AddLoginHandler>().HandleAsync(tx, other.Id, new() { Login = "contoso-api" }, Staff, none));
        OtherAuth = new XmlRpcStruct { ["login"] = login.Login, ["password"] = login.Password };
    }

    public async Task<T> DoAsync<T>(Func<Tx, Task<Result<T>>> act)
    {
        var result = await Database.WriteAsync(act, CancellationToken.None);
        result.Error.ShouldBeNull();
        return result.Value;
    }
}
