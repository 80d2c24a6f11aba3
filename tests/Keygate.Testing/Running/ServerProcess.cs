using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Keygate.Testing;

/// <summary>A real <c>keygate serve</c> in a process of its own, on free ports and a folder of the test's.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const int Sigterm = 15, Sigcont = 18;

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServerProcess(Process process, Uri url, Uri partnerUrl) => (_process, Url, PartnerUrl) = (process, url, partnerUrl);

    public Uri Url { get; }

    public Uri PartnerUrl { get; }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(string data, string? database, IReadOnlyDictionary<string, string>? settings = null)
    {
        var ports = FreePort.Take(2);
        var url = new Uri($"http://127.0.0.1:{ports[0]}");
        var partner = new Uri($"https://127.0.0.1:{ports[1]}");
        var start = Programs.Keygate("serve");
        start.Environment["KEYGATE_DATA"] = data;
        start.Environment["KEYGATE_DB"] = database ?? "";
        start.Environment["KEYGATE_HTTP"] = url.ToString().TrimEnd('/');
        start.Environment["KEYGATE_PARTNER_API"] = partner.ToString().TrimEnd('/');
        start.Environment["KEYGATE_BILLING_API"] = "http://127.0.0.1:0";
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(Process.Start(start)!, url, partner);
        server._process.OutputDataReceived += (_, line) => server.Keep(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        try
        {
            await server.ReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to end, as a supervisor would; returns its exit code and how long it took.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> TerminateAsync()
    {
        var watch = Stopwatch.StartNew();
        _ = Kill(_process.Id, Sigterm);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return (_process.ExitCode, watch.Elapsed);
    }

    /// <summary>Waits until it has died by itself.</summary>
    public async Task DiedAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The server lives on:\n{Output}", e);
        }
    }

    /// <summary>Waits until it has frozen itself.</summary>
    public async Task FrozeAsync()
    {
        var watch = Stopwatch.StartNew();
        while (!(await File.ReadAllTextAsync($"/proc/{_process.Id}/stat")).Contains(") T ", StringComparison.Ordinal))
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException($"The server did not freeze:\n{Output}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Lets a frozen one go on.</summary>
    public void Thaw() => _ = Kill(_process.Id, Sigcont);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task ReadyAsync()
    {
        using var http = new HttpClient();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(60))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"The server ended with {_process.ExitCode}:\n{Output}");
            }

            try
            {
                using var answer = await http.GetAsync(new Uri(Url, "/health/ready"));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"The server was not ready after 60 seconds:\n{Output}");
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
