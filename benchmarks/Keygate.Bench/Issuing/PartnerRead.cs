using System.Globalization;
using Keygate.Bench.Wire;
using Keygate.Testing;

namespace Keygate.Bench.Issuing;

/// <summary>
/// An authenticated <c>getKeyInfo</c> of random keys out of a million on PostgreSQL, over a plain loopback listener with 32 connections, against
/// xmlrpc-c's server in C that echoes without a database.
/// </summary>
internal static class PartnerRead
{
    private const int Connections = 32, Keys = 1_000_000;
    private const int WarmUpsMax = 10;
    private const double Floor = 0.7, AbyssSeen = 14_200;

    public static Bench Bench { get; } = new("partner-read", "getKeyInfo of random keys out of a million on PostgreSQL, against xmlrpc-c's echo without a database", RunAsync);

    private static async Task<BenchResult> RunAsync(BenchSettings settings)
    {
        var echo = Path.Combine(AppContext.BaseDirectory, "payloads", "createkey-request.xml");
        await using var peer = Postgres.Missing is null ? await PeerProcess.TryStartAbyssAsync(Path.Combine(AppContext.BaseDirectory, "peers", "abyss-echo.c")) : null;
        if (peer is null)
        {
            var nothing = new BenchResult(0, Floor);
            nothing.Invalid.Add(Postgres.Missing ?? "xmlrpc-c's Abyss is not installed here (apt: gcc libxmlrpc-core-c3-dev)");
            return nothing;
        }

        await using var server = await KeyServerUnderLoad.StartAsync("bench_read");
        await server.FillAsync(Keys);
        var request = server.Request("getKeyInfo", $"<param><value><string>PLSK.{LoadClient.Number}.0000</string></value></param>");
        if (await server.AskAsync(request, 4711) is var answer && !answer.Contains("<int>100</int>", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"getKeyInfo answered {answer}");
        }

        var (ours, theirs, cpu) = (new List<double>(), new List<double>(), new List<double>());
        await Compiling.WarmUpAsync(() => LoadClient.MeasureAsync(server.Port, request, Connections, settings.Seconds, numbers: Keys), WarmUpsMax);
        var compiling = new Compiling();
        for (var round = 0; round < settings.Rounds; round++)
        {
            theirs.Add(await LoadClient.MeasureAsync(peer.Port, echo, Connections, settings.Seconds));
            var before = Environment.CpuUsage.TotalTime;
            ours.Add(await LoadClient.MeasureAsync(server.Port, request, Connections, settings.Seconds, numbers: Keys));
            cpu.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / (ours[^1] * settings.Seconds));
        }

        var result = new BenchResult(Figures.Median(ours.Zip(theirs, (o, t) => o / t)), Floor);
        result.Lines.Add($"getKeyInfo {Figures.Rates(ours)}");
        result.Lines.Add($"xmlrpc-c's Abyss {Figures.Rates(theirs)}");
        result.Lines.Add(string.Create(CultureInfo.InvariantCulture, $"the server's processor time for each call, PostgreSQL apart: {Figures.Median(cpu):0.0} us ({compiling.Share:0%} of it compiling)"));
        result.ComparePeer("xmlrpc-c's Abyss", Figures.Median(theirs), AbyssSeen);
        return result;
    }
}
