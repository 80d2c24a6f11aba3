using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Keygate.Testing;
using Xunit;

namespace Keygate.Scenarios.Faults;

/// <summary>
/// The Key Administrator in Python (tests/key-administrator-py), a process of its own with a certificate of its own. Keys are counted in its books.
/// </summary>
internal sealed class PythonAdministrator : IAsyncDisposable
{
    public const string Login = "northwind-api", Password = "s3cret", Client = "northwind";

    private readonly TempFolder _folder = new();
    // It closes behind each answer, so no connection is used twice.
    private readonly HttpClient _admin = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromSeconds(20) };
    private Process _process = null!;

    private PythonAdministrator() => Certificate = MakeCertificate();

    /// <summary>Its certificate in PEM form.</summary>
    public string Certificate { get; }

    public int Port { get; private set; }

    public static async Task<PythonAdministrator> StartAsync()
    {
        var administrator = new PythonAdministrator();
        try
        {
            await administrator.RestartAsync();
            return administrator;
        }
        catch
        {
            await administrator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, again on the same port and books when it was started before.</summary>
    public async Task RestartAsync()
    {
        var start = new ProcessStartInfo("python3",
        [
            Path.Combine(Repository.Root, "tests", "key-administrator-py", "key_administrator.py"), "--journal", _folder.File("journal"),
            "--certificate", _folder.File("certificate.pem"), "--key", _folder.File("key.pem"), "--port", FormattableString.Invariant($"{Port}"),
            "--login", Login, "--password", Password, "--client", Client,
        ]) { RedirectStandardOutput = true };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("Python is not installed here (apt: python3).");
        }

        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) ?? throw new InvalidOperationException("The Python administrator did not start.");
        var doors = JsonNode.Parse(line)!;
        Port = (int)doors["port"]!;
        _adminUrl = new Uri($"http://127.0.0.1:{doors["adminPort"]}");
    }

    /// <summary>Waits until it has killed itself.</summary>
    public Task DiedAsync() => _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>The keys in its books.</summary>
    public async Task<IReadOnlyList<JsonNode>> KeysAsync() => [.. (await GetAsync("keys")).AsArray().Select(k => k!)];

    /// <summary>The numbers of its live keys, in order.</summary>
    public async Task<IReadOnlyList<string>> LiveAsync() =>
        [.. (await KeysAsync()).Where(k => !(bool)k["terminated"]!).Select(k => (string)k["number"]!).Order(StringComparer.Ordinal)];

    /// <summary>How often a method was called since it was started.</summary>
    public async Task<int> CallsAsync(string method) => (await GetAsync("calls"))["calls"]!.AsArray().Count(c => (string)c! == method);

    /// <summary>What the next orders of keys meet, one each.</summary>
    public Task ScriptAsync(params string[] steps) => PostAsync("script", new JsonArray([.. steps.Select(s => JsonNode.Parse(s))]));

    /// <summary>Waits until an order of a key is held.</summary>
    public async Task HeldAsync()
    {
        var watch = Stopwatch.StartNew();
        while ((int)(await GetAsync("calls"))["held"]! == 0)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "No order of a key is held.");
            await Task.Delay(20);
        }
    }

    /// <summary>Lets the held orders go on, and waits until their keys are in the books.</summary>
    public async Task ReleaseAsync()
    {
        var before = (await KeysAsync()).Count;
        await PostAsync("release", new JsonObject());
        var watch = Stopwatch.StartNew();
        while ((await KeysAsync()).Count == before)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "The held order made no key.");
            await Task.Delay(20);
        }
    }

    /// <summary>Whether it finds keys by the addresses that were given when they were made.</summary>
    public Task IgnoreAddressesAsync(bool ignore) => PostAsync("addresses", new JsonObject { ["ignore"] = ignore });

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _admin.Dispose();
        _folder.Dispose();
    }

    private Uri _adminUrl = null!;

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _admin.GetStringAsync(new Uri(_adminUrl, path)))!;

    private async Task PostAsync(string path, JsonNode body)
    {
        using var content = new StringContent(body.ToJsonString());
        using var answer = await _admin.PostAsync(new Uri(_adminUrl, path), content);
        answer.EnsureSuccessStatusCode();
    }

    private string MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Key Administrator in Python", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(_folder.File("certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        return certificate.ExportCertificatePem();
    }
}
