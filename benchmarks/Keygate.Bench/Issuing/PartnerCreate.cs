using System.Globalization;
using Keygate.Bench.Provisioning;
using Keygate.Bench.Wire;
using Keygate.Testing;

namespace Keygate.Bench.Issuing;

/// <summary><c>createKey</c> with 16 clients, each key durable on PostgreSQL, against pgbench with the same rows and indexes in their smallest form.</summary>
internal static class PartnerCreate
{
    private const int Connections = 16;
    private const int WarmUpsMax = 10;
    private const double Floor = 0.5, LimitSeen = 7_600;

    public static Bench Bench { get; } = new("partner-create", "createKey, durable on PostgreSQL, 16 clients, against pgbench with the same rows and indexes", RunAsync);

    private static async Task<BenchResult> RunAsync(BenchSettings settings)
    {
        if (Postgres.Missing is { } why)
        {
            var nothing = new BenchResult(0, Floor);
            nothing.Invalid.Add(why);
            return nothing;
        }

        var files = Path.Combine(AppContext.BaseDirectory, "Issuing");
        await using var server = await KeyServerUnderLoad.StartAsync("bench_create");
        var limit = new PgbenchLimit((await Postgres.RunningAsync()).Port, Path.Combine(files, "limit-create-key.sql"), "keygate_create_limit");
        await limit.SetUpAsync(Path.Combine(files, "limit-schema.sql"));
        var request = server.Request("createKey",
            $"""
            <param><value><struct><member><name>ips</name><value><array><data><value><string>198.51.100.24</string></value></data></array></value></member></struct></value></param>
            <param><value><string>northwind</string></value></param><param><value><string>{KeyServerUnderLoad.KeyType}</string></value></param>
            <param><value><array><data/></array></value></param><param><value><string>billing</string></value></param>
            """);
        if (await server.AskAsync(request, 0) is var answer && !answer.Contains("<int>100</int>", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"createKey answered {answer}");
        }

        var (ours, limits, cpu) = (new List<double>(), new List<double>(), new List<double>());
        await Compiling.WarmUpAsync(() => LoadClient.MeasureAsync(server.Port, request, Connections, settings.Seconds), WarmUpsMax);
        await limit.RunAsync(1);
        var made = await CountAsync(server);
        var answered = 0.0;
        var compiling = new Compiling();
        for (var round = 0; round < settings.Rounds; round++)
        {
            limits.Add(await limit.RunAsync(settings.Seconds));
            var before = Environment.CpuUsage.TotalTime;
            ours.Add(await LoadClient.MeasureAsync(server.Port, request, Connections, settings.Seconds));
            cpu.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / (ours[^1] * settings.Seconds));
            answered += ours[^1] * settings.Seconds;
        }

        made = await CountAsync(server) - made;
        var result = new BenchResult(Figures.Median(ours.Zip(limits, (o, l) => o / l)), Floor);
        result.Lines.Add($"createKey {Figures.Rates(ours)}");
        result.Lines.Add($"pgbench {Figures.Rates(limits)}");
        result.Lines.Add(string.Create(CultureInfo.InvariantCulture, $"the server's processor time for each call, PostgreSQL apart: {Figures.Median(cpu):0.0} us ({compiling.Share:0%} of it compiling)"));
        result.ComparePeer("pgbench", Figures.Median(limits), LimitSeen);
        if (made < answered * 0.99)
        {
            result.Broken.Add(string.Create(CultureInfo.InvariantCulture, $"{answered:0} calls were answered, {made} keys are in the books"));
        }

        return result;
    }

    private static Task<long> CountAsync(KeyServerUnderLoad server) =>
        server.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from keys", null, CancellationToken.None), CancellationToken.None);
}
