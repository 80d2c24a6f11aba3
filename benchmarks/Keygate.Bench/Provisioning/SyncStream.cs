using System.Diagnostics;
using System.Globalization;
using Keygate.Accounts;
using Keygate.Licensing;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Bench.Provisioning;

/// <summary>
/// Compares a million licenses with an issuer that hands out full records, in a whole server in this process: a pass under 60 s, in which no more than 250 MB are resident. One
/// license in ten thousand differs.
/// </summary>
internal static class SyncStream
{
    private const int Licenses = 1_000_000, SecondsMax = 60, OneIn = 10_000;
    private const long ResidentMax = 250L << 20;

    public static Bench Bench { get; } = new("sync-stream", "a pass over 1,000,000 licenses of an issuer that hands out full records, on PostgreSQL and SQLite; the ratio is to 60 s", RunAsync);

    private static async Task<BenchResult> RunAsync(BenchSettings settings)
    {
        var passes = new List<double>();
        var (lines, invalid, broken) = (new List<string>(), new List<string>(), new List<string>());
        if (Postgres.Missing is { } why)
        {
            invalid.Add(why);
        }
        else
        {
            var postgres = await Postgres.RunningAsync();
            await MeasureAsync("PostgreSQL", DatabaseAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"postgres://keygate@127.0.0.1:{postgres.Port}/keygate?schema=bench_sync")).Value);
        }

        await MeasureAsync("SQLite", null);
        var result = new BenchResult(passes.Max() / SecondsMax, Floor: 1.0, IsCeiling: true);
        result.Lines.AddRange(lines);
        result.Invalid.AddRange(invalid);
        result.Broken.AddRange(broken);
        return result;

        async Task MeasureAsync(string engine, DatabaseAddress? address)
        {
            using var folder = new TempFolder();
            await using var provider = await ProviderUnderLoad.StartAsync(address, folder.Path, builder => builder.Services.AddSingleton<IPluginFactory, StreamingIssuerFactory>());
            var issuer = await provider.PluginAsync("Stream", StreamingIssuerFactory.Kind, []);
            await FillAsync(provider.Database, issuer);
            GC.Collect();

            using var over = new CancellationTokenSource();
            var resident = PeakAsync(over.Token);
            var watch = Stopwatch.StartNew();
            var run = await PassAsync(provider, issuer);
            var seconds = watch.Elapsed.TotalSeconds;
            await over.CancelAsync();
            var peak = await resident;

            passes.Add(seconds);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{engine}: {run.Compared:#,0} licenses in {seconds:0.0} s ({run.Compared / seconds:#,0}/s), {run.Differing} differ, {peak / 1048576.0:0} MiB resident at the most"));
            if ((run.Compared, run.Differing) != (Licenses, Licenses / OneIn))
            {
                broken.Add(string.Create(CultureInfo.InvariantCulture, $"{engine}: {run.Compared:#,0} compared, {run.Differing} differ"));
            }

            if (peak > ResidentMax)
            {
                broken.Add(string.Create(CultureInfo.InvariantCulture, $"{engine}: {peak >> 20} MiB resident, and {ResidentMax >> 20} are allowed"));
            }
        }
    }

    private static async Task<SyncRunView> PassAsync(ProviderUnderLoad provider, PluginId issuer)
    {
        var services = provider.Host.Services;
        var started = await provider.Database.WriteAsync(
            tx => services.GetRequiredService<SyncLicenses>().HandleAsync(tx, new SyncLicensesRequest { Issuer = issuer }, Actor.Keygate, CancellationToken.None), CancellationToken.None);
        var id = started.Value.Runs.Single().Id;
        while (true)
        {
            var run = (await provider.Database.ReadAsync(s => services.GetRequiredService<SyncStore>().RunAsync(s, id, CancellationToken.None), CancellationToken.None))!;
            if (run.EndedAt is not null)
            {
                return SyncRunView.Of(run);
            }

            await Task.Delay(50);
        }
    }

    private static async Task<long> PeakAsync(CancellationToken over)
    {
        var peak = 0L;
        while (!over.IsCancellationRequested)
        {
            peak = Math.Max(peak, Environment.WorkingSet);
            await Task.Delay(20, CancellationToken.None);
        }

        return peak;
    }

    private static async Task FillAsync(Database database, PluginId issuer)
    {
        const int batch = 50_000;
        var series = database.Engine == Engine.PostgreSql
            ? "generate_series(@from, @to) as n(i)"
            : "(with recursive n(i) as (select @from union all select i + 1 from n where i < @to) select i from n) as n";
        var number = database.Engine == Engine.PostgreSql ? "lpad(i::text, 8, '0')" : "printf('%08d', i)";
        for (var from = 1; from <= Licenses; from += batch)
        {
            await database.WriteAsync(tx => tx.ExecuteAsync(
                $$"""
                insert into licenses(ordered, key_type, class_name, bill_type_name, activation_name, issuer_id, target, request, requested_at, key_number, issued_at, expiration_date, update_date, open_step_name,
                  status, changed_at)
                select @yes, 'PLESK_10', 'Plesk 10', 'Lease', 'None', @issuer, '', '{"keyType":"PLESK_10","features":["30_DOMAINS"],"addOns":[],"issuer":1,"target":"","ipAddresses":[]}', 0,
                  'BNCH.' || {{number}} || '.0000', 0, '2099-12-31', '2099-12-21', 'None', 'Issued', 0
                from {{series}}
                """, new { from, to = Math.Min(Licenses, from + batch - 1), yes = true, issuer }, CancellationToken.None), CancellationToken.None);
        }

        await database.WriteAsync(tx => tx.ExecuteAsync("analyze", null, CancellationToken.None), CancellationToken.None);
    }

    /// <summary>An issuer in this process that makes its records up as they are asked for.</summary>
    private sealed class StreamingIssuerFactory : IPluginFactory
    {
        public const string Kind = "issuer.bench-stream";
        private const int PageSize = 5_000;

        public PluginManifest Manifest { get; } = new(Kind, "Streaming bench issuer", "Hands out a million keys.", []);

        public IPlugin Create(PluginContext context) => new Streaming();

        private sealed class Streaming : IIssuer, IListsKeys
        {
            public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

            public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked("It answers.")));

            public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation) =>
                Task.FromResult(Answer.Refused<IssuedKey>(new Reason("It issues nothing.", "Use another one.")));

            public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) =>
                Task.FromResult(Answer.Refused<RetrievedFile>(new Reason("It has no files.", "Use another one.")));

            public Task<Answer<KeyPage>> ListAsync(string? after, CancellationToken cancellation)
            {
                var from = after is null ? 1 : int.Parse(after.AsSpan(5), CultureInfo.InvariantCulture) + 1;
                var to = Math.Min(Licenses, from + PageSize - 1);
                var keys = new List<ShownKey>(PageSize);
                for (var i = from; i <= to; i++)
                {
                    keys.Add(new ShownKey(
                        new IssuedKey
                        {
                            KeyNumber = string.Create(CultureInfo.InvariantCulture, $"BNCH.{i:00000000}.0000"), ExpirationDate = new DateOnly(2099, 12, 31), UpdateDate = new DateOnly(2099, 12, 21),
                        }, "PLESK_10", i % OneIn == 0 ? ["100_DOMAINS"] : ["30_DOMAINS"]) { BillType = BillType.Lease });
                }

                return Task.FromResult(Answer.Done(new KeyPage(keys, to == Licenses ? null : string.Create(CultureInfo.InvariantCulture, $"BNCH.{to:00000000}"))));
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
