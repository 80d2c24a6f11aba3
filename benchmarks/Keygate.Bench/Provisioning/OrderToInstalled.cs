using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime;
using Keygate.Storage;
using Keygate.Testing;

namespace Keygate.Bench.Provisioning;

/// <summary>
/// From the paid order to the installed file, everything durable, 16 in flight: payment with request and process, intent, Issued, Retrieved,
/// Installed with the complete order. Against the smallest statements that do the same in the same five commits. Both sides take turns, so
/// that what else runs on the machine hits both.
/// </summary>
internal static class OrderToInstalled
{
    private const double Floor = 0.5;
    private const int Commits = 5;
    private const int WarmedAtOnce = 400;
    private const int WarmedMax = 6000;
    private const double LimitSeen = 1050;

    public static Bench OnPostgreSql { get; } = new(
        "order-to-installed", "paid order to installed file on PostgreSQL, 16 in flight, against pgbench with the same five commits", RunPostgresAsync);

    public static Bench OnSqlite { get; } = new(
        "order-to-installed-sqlite", "the same on SQLite, synchronous full, against a raw loop of the same statements", RunSqliteAsync);

    private static async Task<BenchResult> RunPostgresAsync(BenchSettings settings)
    {
        if (Postgres.Missing is { } why)
        {
            var missing = new BenchResult(0, Floor);
            missing.Invalid.Add(why);
            return missing;
        }

        var postgres = await Postgres.RunningAsync();
        var files = Path.Combine(AppContext.BaseDirectory, "Provisioning");
        var limit = new PgbenchLimit(postgres.Port, Path.Combine(files, "limit-order.sql"));
        await limit.SetUpAsync(Path.Combine(files, "limit-schema.sql"));
        var address = DatabaseAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"postgres://keygate@127.0.0.1:{postgres.Port}/keygate?schema=bench")).Value;
        var result = await RunAsync(settings, address, "pgbench", limit.RunAsync);
        return result;
    }

    private static async Task<BenchResult> RunSqliteAsync(BenchSettings settings)
    {
        using var folder = new TempFolder();
        using var limit = new SqliteLimit(folder.File("limit.db"));
        return await RunAsync(settings, null, "raw loop", seconds => Task.Run(() => limit.Run(seconds)));
    }

    private static async Task<BenchResult> RunAsync(BenchSettings settings, DatabaseAddress? address, string peer, Func<double, Task<double>> limit)
    {
        using var folder = new TempFolder();
        await using var provider = await ProviderUnderLoad.StartAsync(address, folder.Path);
        using var statements = new StatementCount();

        // The first orders also fill the caches, and tell how many fit into a round.
        var (rate, warmed) = (0.0, 0);
        for (var compiling = true; compiling && warmed < WarmedMax; warmed += WarmedAtOnce)
        {
            await provider.PlaceAsync(WarmedAtOnce);
            var share = new Compiling();
            rate = WarmedAtOnce / (await provider.PayAsync(WarmedAtOnce)).TotalSeconds;
            compiling = !share.IsOver;
        }

        await limit(1);

        if (address is not null)
        {
            // As autovacuum leaves a server that has run for more than a minute: plans made while a table was empty read all of it.
            await provider.Database.ReadAsync(s => s.QueryAsync<int>("analyze", null, CancellationToken.None), CancellationToken.None);
        }

        var (ours, limits, paid) = (new List<double>(), new List<double>(), 0);
        long commits = 0, counted = 0, bytes = 0;
        var (cpu, compilation) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var round = 0; round < settings.Rounds; round++)
        {
            limits.Add(await limit(settings.Seconds));
            var count = Math.Max(50, (int)(rate * settings.Seconds));
            await provider.PlaceAsync(count);
            var before = (Compilation: JitInfo.GetCompilationTime(), Commits: provider.Database.Commits, Statements: statements.Count, Bytes: GC.GetTotalAllocatedBytes(), Cpu: Environment.CpuUsage.TotalTime);
            ours.Add(count / (await provider.PayAsync(count)).TotalSeconds);
            commits += provider.Database.Commits - before.Commits;
            counted += statements.Count - before.Statements;
            bytes += GC.GetTotalAllocatedBytes() - before.Bytes;
            cpu += Environment.CpuUsage.TotalTime - before.Cpu;
            compilation += JitInfo.GetCompilationTime() - before.Compilation;
            paid += count;
            rate = ours[^1];
        }

        var ratios = ours.Zip(limits, (o, l) => o / l).ToList();
        var result = new BenchResult(Figures.Median(ratios), Floor);
        result.Lines.Add($"ours: {Figures.Rates(ours)}");
        result.Lines.Add($"{peer}: {Figures.Rates(limits)}");
        result.Lines.Add(string.Create(CultureInfo.InvariantCulture, $"ratio by rounds: min {ratios.Min():0.00}, median {result.Ratio:0.00}, max {ratios.Max():0.00}"));
        result.Lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"an order: {(double)commits / paid:0.0} commits, {(double)counted / paid:0.0} statements (counted on PostgreSQL only), {cpu.TotalMilliseconds / paid:0.00} ms of processor time in this process ({compilation / cpu:0%} of it compiling, after {warmed} orders before), {bytes / paid / 1024:#,0} KB allocated"));
        if (address is not null)
        {
            result.ComparePeer(peer, Figures.Median(limits), LimitSeen);
        }

        var (completed, files) = await provider.CountAsync();
        if (completed != paid + warmed || files != completed)
        {
            result.Broken.Add(string.Create(CultureInfo.InvariantCulture, $"{paid + warmed} orders were paid, {completed} are complete, {files} files are installed"));
        }

        return result;
    }

    // What the driver counts itself; it costs a measurement for each statement, on our side only.
    private sealed class StatementCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public StatementCount()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Npgsql", Name: "db.client.operation.duration" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _count));
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
