using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Keygate.Accounts;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keygate.Bench.Issuing;

/// <summary>
/// <c>GET /30/keys</c> over a million keys of one client: the whole list, as one answer that is written while it is read. The floor is 50,000 keys a second on either
/// database, and the memory must not grow with the list.
/// </summary>
internal static class PartnerSearch
{
    private const int Keys = 1_000_000, Floor = 50_000;
    private const long GrowthMax = 8L << 20;

    public static Bench Bench { get; } = new("partner-search", "GET /30/keys over 1,000,000 keys, streamed, on PostgreSQL and SQLite; the ratio is to 50,000 keys a second", RunAsync);

    private static async Task<BenchResult> RunAsync(BenchSettings settings)
    {
        var rates = new List<double>();
        var (lines, invalid, broken) = (new List<string>(), new List<string>(), new List<string>());
        if (Postgres.Missing is { } why)
        {
            invalid.Add(why);
        }
        else
        {
            var postgres = await Postgres.RunningAsync();
            await MeasureAsync("PostgreSQL", DatabaseAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"postgres://keygate@127.0.0.1:{postgres.Port}/keygate?schema=bench_search")).Value);
        }

        using var folder = new TempFolder();
        await MeasureAsync("SQLite", DatabaseAddress.SqliteFile(folder.File("keys.db")));
        var result = new BenchResult(rates.Min() / Floor, Floor: 1.0);
        result.Lines.AddRange(lines);
        result.Invalid.AddRange(invalid);
        result.Broken.AddRange(broken);
        return result;

        async Task MeasureAsync(string engine, DatabaseAddress address)
        {
            await using var server = await Server.StartAsync(address);
            await server.FillAsync(Keys);
            await server.ListAsync("keys?status=terminated");
            await server.ListAsync("keys");
            var seen = new List<double>();
            for (var round = 0; round < Math.Min(settings.Rounds, 3); round++)
            {
                var listed = await server.ListAsync("keys");
                seen.Add(Keys / listed.Time.TotalSeconds);
                if (listed.Keys != Keys)
                {
                    broken.Add(string.Create(CultureInfo.InvariantCulture, $"{engine} listed {listed.Keys:#,0} keys"));
                }
            }

            // Apart from the measured calls: what lives is counted by a full collection now and then.
            var growth = (await server.ListAsync("keys", countLiving: true)).Growth;
            rates.Add(Figures.Median(seen));
            var found = await server.ListAsync("keys?nickname=order-500000");
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{engine} {Figures.Rates(seen)} keys; while they are listed {growth / 1048576.0:0.0} MiB more live in memory at the most; one key by its nickname in {found.Time.TotalMilliseconds:0.0} ms"));
            if (growth > GrowthMax)
            {
                broken.Add(string.Create(CultureInfo.InvariantCulture, $"{engine}: {growth / 1048576.0:0} MiB more live in memory while keys are listed, and {GrowthMax >> 20} are allowed"));
            }

            if (found is not { Keys: 1 })
            {
                broken.Add($"{engine}: the nickname was not found once");
            }
        }
    }

    /// <summary>What a call listed.</summary>
    private sealed record Listed(int Keys, TimeSpan Time, long Growth);

    /// <summary>The Partner APIs on a plain loopback listener, over a database of their own.</summary>
    private sealed class Server(WebApplication app, Database database) : IAsyncDisposable
    {
        private static readonly Actor Staff = new(ActorKind.Staff, 1, "bench");
        private string _authorization = "";
        private Uri _url = new("http://127.0.0.1/");

        public static async Task<Server> StartAsync(DatabaseAddress address)
        {
            var database = Database.At(address);
            _ = (await new Migrator(database, [typeof(MasterKey).Assembly, typeof(Keygate.Work.Process).Assembly, typeof(KeyServerModule).Assembly], TestDatabase.Program, TimeProvider.System).MigrateAsync(CancellationToken.None)).Value;
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddKeyedSingleton(KeyServerModule.DatabaseKey, database);
            builder.Services.AddSingleton(MasterKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Value);
            builder.Services.AddKeyServer();
            builder.WebHost.ConfigureKestrel((KestrelServerOptions kestrel) => kestrel.Listen(IPAddress.Loopback, 0));
            var app = builder.Build();
            app.MapPartnerApi();
            await app.StartAsync();
            var server = new Server(app, database) { _url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
            await server.SetUpAsync();
            return server;
        }

        /// <summary>Keys of one client, written in bulk: what a search reads of them, and nothing else.</summary>
        public async Task FillAsync(int count)
        {
            const int batch = 50_000;
            var series = database.Engine == Engine.PostgreSql
                ? "generate_series(@from, @to) as n(i)"
                : "(with recursive n(i) as (select @from union all select i + 1 from n where i < @to) select i from n) as n";
            for (var from = 1; from <= count; from += batch)
            {
                await database.WriteAsync(tx => tx.ExecuteAsync(
                    $"""
                    insert into keys(prefix, revision, client_id, price_list_id, key_type, kind, billing, activation_code, activation, start_date, terms, update_date, expiration_date, update_ticket,
                      problem, nickname, reported_os, created_at, changed_at)
                    select 'PLSK', 0, 1, 1, 'PLESK_12_WEB_HOST', 'Main', 'Lease', 'CODE-' || i, 'None', '2026-03-09', 1, '2099-04-09', '2099-04-19', '0', @no, 'order-' || i,
                      case when i % 2 = 0 then 'Debian 12' end, 0, 0
                    from {series}
                    """, new { from, to = Math.Min(count, from + batch - 1), no = false }, CancellationToken.None), CancellationToken.None);
            }

            await database.WriteAsync(tx => tx.ExecuteAsync("analyze", null, CancellationToken.None), CancellationToken.None);
        }

        /// <summary>Reads the whole answer without keeping it, counting its keys and, where asked to, what lives in memory meanwhile. Client and server share the process: the client
        /// keeps one buffer.</summary>
        public async Task<Listed> ListAsync(string path, bool countLiving = false)
        {
            using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_url, $"/30/{path}"));
            request.Headers.TryAddWithoutValidation("Authorization", _authorization);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var clock = Stopwatch.StartNew();
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            _ = answer.EnsureSuccessStatusCode();
            await using var body = await answer.Content.ReadAsStreamAsync();
            var (buffer, keys, peak, reads) = (new byte[64 << 10], 0, before, 0);
            while (await body.ReadAsync(buffer) is var got && got > 0)
            {
                keys += buffer.AsSpan(0, got).Count((byte)'{');
                if (countLiving && ++reads % 200 == 0)
                {
                    peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true));
                }
            }

            return new Listed(keys, clock.Elapsed, peak - before);
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            await database.DisposeAsync();
        }

        private async Task SetUpAsync()
        {
            var none = CancellationToken.None;
            var list = await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "samples", "hosting", "price-list.json"));
            _ = (await database.WriteAsync(tx => app.Services.GetRequiredService<ImportPriceListHandler>().HandleAsync(tx, list, Staff, none), none)).Value;
            var client = (await database.WriteAsync(tx => app.Services.GetRequiredService<AddClientHandler>().HandleAsync(
                tx, new AddClientRequest { Login = "bench", Name = "Bench", PriceList = "hosting" }, Staff, none), none)).Value;
            var login = (await database.WriteAsync(tx => app.Services.GetRequiredService<AddLoginHandler>().HandleAsync(tx, client.Id, new AddLoginRequest { Login = "bench-api" }, Staff, none), none)).Value;
            _authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.Login}:{login.Password}"));
        }
    }
}
