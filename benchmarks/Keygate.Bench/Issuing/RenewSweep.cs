using System.Diagnostics;
using System.Globalization;
using Keygate.KeyServer;
using Keygate.Testing;
using Keygate.Verification;

namespace Keygate.Bench.Issuing;

/// <summary>
/// 100,000 leases due at once: the sweep as the key server runs it, from the call that begins it to its end, each lease with new dates, a new revision, its history and
/// its signed file, committed in batches on PostgreSQL. Against one core that builds, canonicalizes and signs the same files and keeps none.
/// </summary>
internal static class RenewSweep
{
    private const int Keys = 100_000, Sample = 20_000;
    private const double Floor = 0.5;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    public static Bench Bench { get; } = new("renew-sweep", "100,000 leases due at once: new revision, signed, committed in batches, against one core signing the same files", RunAsync);

    private static async Task<BenchResult> RunAsync(BenchSettings settings)
    {
        if (Postgres.Missing is { } why)
        {
            var nothing = new BenchResult(0, Floor);
            nothing.Invalid.Add(why);
            return nothing;
        }

        await using var server = await KeyServerUnderLoad.StartAsync("bench_renew");
        await server.FillAsync(Keys);
        var (ours, limits, broken) = (new List<double>(), new List<double>(), new List<string>());
        for (var round = 0; round < Math.Min(settings.Rounds, 3); round++)
        {
            await DueAsync(server);
            limits.Add(await SignAloneAsync(server));
            ours.Add(Keys / (await SweepAsync(server)).TotalSeconds);
            limits.Add(await SignAloneAsync(server));
            if (await WrongAsync(server, round + 1) is { } wrong)
            {
                broken.Add(wrong);
            }
        }

        var (rate, limit) = (Figures.Median(ours), Figures.Median(limits));
        var result = new BenchResult(rate / limit, Floor);
        result.Lines.Add($"ours {Figures.Rates(ours)} leases renewed, one core signing alone {Figures.Rates(limits)}");
        result.Broken.AddRange(broken);
        return result;
    }

    /// <summary>All leases reach their update date today, and renew by themselves.</summary>
    private static async Task DueAsync(KeyServerUnderLoad server)
    {
        var today = TimeProvider.System.Utc();
        await server.Database.WriteAsync(tx => tx.ExecuteAsync(
            "update keys set auto_renew = @yes, start_date = @start, terms = 1, update_date = @today, expiration_date = @end",
            new { yes = true, start = today.AddDays(-30), today, end = today.AddDays(10) }, CancellationToken.None), CancellationToken.None);
        await server.Database.WriteAsync(tx => tx.ExecuteAsync("analyze keys", null, CancellationToken.None), CancellationToken.None);
    }

    private static async Task<TimeSpan> SweepAsync(KeyServerUnderLoad server)
    {
        var clock = Stopwatch.StartNew();
        var sweep = (int)(await server.StaffPostAsync("/api/v1/keyserver/renewals"))["sweep"]!;
        while (clock.Elapsed < LongestWait)
        {
            var ended = await server.Database.ReadAsync(s => s.GetAsync<bool>("select ended_at is not null from renewal_sweeps where id = @sweep", new { sweep }, CancellationToken.None), CancellationToken.None);
            if (ended)
            {
                return clock.Elapsed;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        throw new InvalidOperationException("The sweep did not end.");
    }

    /// <summary>The files of the same leases, one after the other, on one thread.</summary>
    private static async Task<double> SignAloneAsync(KeyServerUnderLoad server)
    {
        var (signer, list, keys, owner) = (await server.Get<SigningRing>().ActiveAsync(CancellationToken.None), default(PriceList)!, default(List<KeyRow>)!, "Northwind Hosting");
        await server.Database.ReadAsync(async s =>
        {
            keys = await s.QueryAsync<KeyRow>($"select {KeyStore.Columns} from keys k order by k.id limit @Sample", new { Sample }, CancellationToken.None);
            list = await server.Get<PriceListStore>().GetAsync(s, keys[0].PriceListId, CancellationToken.None);
            return 0;
        }, CancellationToken.None);
        var (keyType, today, local) = (list.KeyType(KeyServerUnderLoad.KeyType)!, TimeProvider.System.Utc(), (LicenseSigner)signer);
        return await Task.Run(() =>
        {
            var clock = Stopwatch.StartNew();
            foreach (var key in keys)
            {
                var dates = key.Dates.Next(today, keyType.Period, key.Billing, keyType.SusMonthsFor(key.Billing));
                var next = key with { Revision = key.Revision + 1, Terms = dates.Terms, UpdateDate = dates.Update, ExpirationDate = dates.Expiration, SusDate = dates.Sus };
                _ = local.Sign(LicenseFileMaker.Contents(next, list, keyType, [], [], owner, new Uri("https://127.0.0.1:7050")));
            }

            return keys.Count / clock.Elapsed.TotalSeconds;
        });
    }

    /// <summary>What is wrong with the leases after so many sweeps; null where each has its revision, dates, history and a file that verifies.</summary>
    private static async Task<string?> WrongAsync(KeyServerUnderLoad server, int sweeps)
    {
        var (left, files, one) = await server.Database.ReadAsync(async s => (
            await s.GetAsync<long>("select count(*) from keys where revision <> @sweeps or update_date <= @today", new { sweeps, today = TimeProvider.System.Utc() }, CancellationToken.None),
            await s.GetAsync<long>("select count(*) from key_files f join key_history h on h.key_id = f.key_id and h.revision = f.revision where f.revision = @sweeps", new { sweeps }, CancellationToken.None),
            await s.GetAsync<byte[]>("select content from key_files where key_id = 4711 and revision = @sweeps", new { sweeps }, CancellationToken.None)), CancellationToken.None);
        var verified = new LicenseVerifier(await server.Get<SigningRing>().TrustAsync(CancellationToken.None)).Verify(one);
        return left == 0 && files == Keys && verified.IsAuthentic && verified.License!.KeyVersion == sweeps ? null
            : string.Create(CultureInfo.InvariantCulture, $"after sweep {sweeps} {left} leases are as they were, {files} have file and history, one file verifies: {verified.IsAuthentic}");
    }
}
