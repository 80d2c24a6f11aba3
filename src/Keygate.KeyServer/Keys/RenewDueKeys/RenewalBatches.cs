using System.Collections.Concurrent;
using System.Diagnostics;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>What a run over due keys did.</summary>
internal sealed record RenewedBatches(int Renewed, int Failed)
{
    public RenewedBatches And(RenewedBatches other) => new(Renewed + other.Renewed, Failed + other.Failed);
}

/// <summary>
/// Renews due leases in batches: read, signed outside any transaction, committed together. While batches are written the next one is signed. A key that has changed
/// since it was read is left for the next run; one that fails is kept with its cause and tried again the next day.
/// </summary>
internal sealed class RenewalBatches(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, RenewalStore store, KeyStore keys, PriceListStore priceLists, SignedFormStore forms,
    ProductConfigurationStore configurations, SigningRing ring, IOptions<KeyServerOptions> options, TimeProvider time)
{
    private const int BatchMax = 500;
    private const string Actor = "keygate";

    // More than the processors, for a signing key behind a socket.
    private const int SignersMax = 8;

    // One connection keeps one processor of the database busy; a third would wait for the count of the sweep.
    private const int WritersMax = 2;

    // Short enough to end within the time that a server has to stop.
    private static readonly TimeSpan RunMax = TimeSpan.FromSeconds(4);

    /// <summary>Renews what is due today, for some seconds at the most.</summary>
    public async Task<RenewedBatches> RunAsync(int sweep, CancellationToken cancellation)
    {
        var (today, started, after) = (time.Utc(), Stopwatch.GetTimestamp(), (DateOnly.MinValue, KeyId.Of(0)));
        var done = new RenewedBatches(0, 0);
        var writing = new Queue<Task<RenewedBatches>>();
        try
        {
            while (Stopwatch.GetElapsedTime(started) < RunMax)
            {
                var due = await database.ReadAsync(s => store.DueAsync(s, today, after, BatchMax, cancellation), cancellation);
                if (due.Count == 0)
                {
                    break;
                }

                after = (due[^1].UpdateDate, due[^1].Id);
                var signed = await SignAsync(due, today, cancellation);
                if (writing.Count == WritersMax)
                {
                    done = done.And(await writing.Dequeue());
                }

                writing.Enqueue(WriteAsync(sweep, signed, today, cancellation));
            }
        }
        finally
        {
            done = (await Task.WhenAll(writing)).Aggregate(done, (sum, batch) => sum.And(batch));
        }

        return done;
    }

    private async Task<List<Renewal>> SignAsync(List<KeyRow> due, DateOnly today, CancellationToken cancellation)
    {
        // Found out here, that it is away, and not key by key.
        var signer = await ring.ActiveAsync(cancellation);
        var facts = await database.ReadAsync(s => FactsAsync(s, due, cancellation), cancellation);
        var renewals = new ConcurrentBag<Renewal>();
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = SignersMax, CancellationToken = cancellation }, async (key, none) =>
            renewals.Add(await RenewAsync(signer, key, facts, today, none)));
        return [.. renewals.OrderBy(r => r.Key.Id.Value)];
    }

    private async Task<Facts> FactsAsync(Session session, List<KeyRow> due, CancellationToken cancellation)
    {
        var lists = new Dictionary<PriceListId, PriceList>();
        foreach (var id in due.Select(k => k.PriceListId).Distinct())
        {
            lists[id] = await priceLists.GetAsync(session, id, cancellation);
        }

        var configured = new Dictionary<ProductConfigurationId, IReadOnlyList<PropertyItem>>();
        foreach (var id in due.Select(k => k.ProductConfigurationId).OfType<ProductConfigurationId>().Distinct())
        {
            configured[id] = (await configurations.FindAsync(session, id, cancellation))?.Read() ?? [];
        }

        var features = (await keys.AskFeatures(session, [.. due.Select(k => k.Id.Value)], cancellation).AllAsync())
            .ToLookup(row => row.KeyId, row => new KeyFeatureRow { Feature = row.Feature, Billing = row.Billing, Quantity = row.Quantity });
        return new Facts(lists, features, await store.OwnersAsync(session, due, cancellation), configured);
    }

    private async Task<Renewal> RenewAsync(ILicenseSigner signer, KeyRow key, Facts facts, DateOnly today, CancellationToken cancellation)
    {
        var (list, features) = (facts.Lists[key.PriceListId], facts.Features[key.Id].ToList());
        if (list.KeyType(key.KeyType) is not { } keyType || features.Exists(f => list.Feature(f.Feature) is null))
        {
            return new Renewal(key) { Failure = KeyServerErrors.RenewalFailed.Because($"The price list {list.Name} has lost the key type {key.KeyType} or a feature of {key.Number}.") };
        }

        if (key.Revision == KeyNumber.RevisionMax)
        {
            return new Renewal(key) { Failure = KeyServerErrors.NumbersUsedUp.Because($"{key.Number} has had all its revisions.") };
        }

        var dates = key.Dates.Next(today, keyType.Period, key.Billing, keyType.SusMonthsFor(key.Billing));
        if (key.WaitsForActivation || !keyType.Exportable)
        {
            return new Renewal(key) { Dates = dates };
        }

        var next = key with { Revision = key.Revision + 1, Terms = dates.Terms, UpdateDate = dates.Update, ExpirationDate = dates.Expiration, SusDate = dates.Sus };
        var configured = key.ProductConfigurationId is { } id ? facts.Configured[id] : [];
        try
        {
            var file = LicenseFileMaker.Contents(next, list, keyType, features, configured, facts.Owners.GetValueOrDefault(key.ClientId), options.Value.PublicUrl);
            return (await LicenseFileMaker.SignAsync(signer, file, SignedForm.File, cancellation)).TryGet(out var license, out var refusal)
                ? new Renewal(key) { Dates = dates, License = license }
                : throw new SignerException(refusal.Detail);
        }
        catch (ArgumentException e)
        {
            return new Renewal(key) { Failure = KeyServerErrors.RenewalFailed.Because(e.Message) };
        }
    }

    private Task<RenewedBatches> WriteAsync(int sweep, List<Renewal> renewals, DateOnly today, CancellationToken cancellation) => database.WriteAsync(async tx =>
    {
        var now = time.GetUtcNow();
        var failures = renewals.Where(r => r.Failure is not null).ToList();
        var held = failures.Count == 0 ? [] : await store.HoldAsync(tx, [.. failures.Select(r => r.Key)], cancellation);
        var failed = 0;
        foreach (var (key, failure) in failures.Where(r => held.TryGetValue(r.Key.Id, out var revision) && revision == r.Key.Revision).Select(r => (r.Key, r.Failure!)))
        {
            failed++;
            await store.SetFailedAsync(tx, key.Id, today, failure.Code, failure.Detail, now, cancellation);
        }

        var renewed = renewals.Where(r => r.Dates is not null).Select(r => new RenewedKey(r.Key.Id, r.Key.Revision + 1, r.Dates!, r.License)).ToList();
        var done = await store.WriteAsync(tx, keys, forms, renewed, RenewalActs.ByItself, Actor, now, cancellation);
        await store.ForgetFailedAsync(tx, done, cancellation);
        await store.CountAsync(tx, sweep, done.Count, failed, now, cancellation);
        return new RenewedBatches(done.Count, failed);
    }, cancellation);

    /// <summary>What the files of a batch say beside the keys themselves.</summary>
    private sealed record Facts(
        Dictionary<PriceListId, PriceList> Lists, ILookup<KeyId, KeyFeatureRow> Features, Dictionary<ClientId, string> Owners,
        Dictionary<ProductConfigurationId, IReadOnlyList<PropertyItem>> Configured);

    private sealed record Renewal(KeyRow Key)
    {
        public KeyDates? Dates { get; init; }
        public SignedLicense? License { get; init; }
        public Error? Failure { get; init; }
    }
}
