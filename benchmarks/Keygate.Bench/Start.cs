using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Keygate.Bench;

/// <summary>
/// How long a second start on migrated data takes until <c>/health/ready</c> says so, published, against a bare application that renders one
/// Razor component from SQLite; and what the process holds in memory then. The first call of REST, which builds the routes, is told beside.
/// </summary>
internal static class Start
{
    private const double RatioMax = 2.0;
    private const double MegabytesMax = 150;

    public static Bench Bench { get; } = new("start", "second start to ready, published, against a bare Razor application on SQLite", RunAsync);

    private static async Task<BenchResult> RunAsync(BenchSettings settings)
    {
        var folder = Directory.CreateTempSubdirectory("keygate-start-").FullName;
        try
        {
            var root = Root();
            await PublishAsync(Path.Combine(root, "src", "Keygate.Server"), Path.Combine(folder, "ours"));
            await PublishAsync(Path.Combine(root, "benchmarks", "Keygate.Bench.Bare"), Path.Combine(folder, "bare"));
            var data = Path.Combine(folder, "data");

            // The first start of each migrates or makes its database and warms the disk cache; it does not count.
            await OursAsync(folder, data);
            await BareAsync(folder);
            var ours = new List<Started>();
            var bare = new List<Started>();
            for (var round = 0; round < Math.Max(5, settings.Rounds); round++)
            {
                ours.Add(await OursAsync(folder, data));
                bare.Add(await BareAsync(folder));
            }

            var memory = Figures.Median(ours.Select(s => s.Megabytes));
            var result = new BenchResult(Figures.Median(ours.Select(s => s.Seconds)) / Figures.Median(bare.Select(s => s.Seconds)), RatioMax, IsCeiling: true);
            result.Lines.Add(Line("ours", ours));
            result.Lines.Add(Line("bare application", bare));
            if (memory > MegabytesMax)
            {
                result.Broken.Add(string.Create(CultureInfo.InvariantCulture, $"{memory:0} MB resident, at most {MegabytesMax:0} are allowed"));
            }

            return result;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Line(string who, List<Started> starts) => string.Create(
        CultureInfo.InvariantCulture,
        $"{who}: {Figures.Median(starts.Select(s => s.Seconds)):0.000} s ({starts.Min(s => s.Seconds):0.000} to {starts.Max(s => s.Seconds):0.000}), {Figures.Median(starts.Select(s => s.Megabytes)):0} MB resident; the first routed call right after took {Figures.Median(starts.Select(s => s.FirstCall)):0.000} s");

    private static Task<Started> OursAsync(string folder, string data)
    {
        var ports = FreePorts(2);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "ours", "keygate.dll"), "serve"]);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("KEYGATE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["KEYGATE_DATA"] = data;
        start.Environment["KEYGATE_HTTP"] = FormattableString.Invariant($"http://127.0.0.1:{ports[0]}");
        start.Environment["KEYGATE_PARTNER_API"] = FormattableString.Invariant($"https://127.0.0.1:{ports[1]}");
        start.Environment["KEYGATE_BILLING_API"] = "http://127.0.0.1:0";
        return MeasureAsync(start, ports[0]);
    }

    private static Task<Started> BareAsync(string folder)
    {
        var port = FreePorts(1)[0];
        return MeasureAsync(
            new ProcessStartInfo("dotnet", [Path.Combine(folder, "bare", "Keygate.Bench.Bare.dll"), "--urls", FormattableString.Invariant($"http://127.0.0.1:{port}"), "--file", Path.Combine(folder, "bare.db")]),
            port);
    }

    private static async Task<Started> MeasureAsync(ProcessStartInfo start, int port)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var ready = new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}/health/ready"));
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            while (watch.Elapsed < TimeSpan.FromSeconds(60))
            {
                try
                {
                    using var answer = await http.GetAsync(ready);
                    if (answer.IsSuccessStatusCode)
                    {
                        var seconds = watch.Elapsed.TotalSeconds;
                        process.Refresh();
                        var megabytes = process.WorkingSet64 / 1e6;
                        watch.Restart();
                        using var first = await http.GetAsync(new Uri(ready, "/api/v1/plugins"));
                        return new Started(seconds, megabytes, watch.Elapsed.TotalSeconds);
                    }
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    // It does not listen or answer yet.
                }

                await Task.Delay(5);
            }

            throw new TimeoutException($"{start.ArgumentList[0]} was not ready after 60 seconds.");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    // With a lock file of its own below obj: a publish for one platform resolves more than the committed one names.
    private static async Task PublishAsync(string project, string into)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", ["publish", project, "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-p:PublishReadyToRun=true", "-p:NuGetLockFilePath=obj/publish.lock.json", "-p:RestoreLockedMode=false", "-v", "q", "-nologo", "-o", into]))!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{project} could not be published.");
        }
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
        listeners.ForEach(l => l.Dispose());
        return ports;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Keygate.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The bench runs outside the repository.");
        }

        return folder.FullName;
    }

    private sealed record Started(double Seconds, double Megabytes, double FirstCall);
}
