using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>A key that an allowed order asks for and that needs nothing of the database but rows of its own: nothing is held, looked up or asked for it.</summary>
/// <param name="Row">The key, without its number.</param>
/// <param name="Features">Its features.</param>
/// <param name="Addresses">The addresses that the order gave.</param>
/// <param name="Detail">What its history says of its creation.</param>
/// <param name="Actor">Who made it.</param>
internal sealed record PlainKey(KeyRow Row, IReadOnlyList<KeyFeatureRow> Features, IReadOnlyList<string> Addresses, string Detail, string Actor)
{
    /// <summary>The lines in which a partner has written its items.</summary>
    public IReadOnlyList<KeyItemRow> Lines { get; init; } = [];
}

/// <summary>
/// Makes the plain keys of calls that come at the same time in one transaction, on PostgreSQL (ADR 0032). Each is committed within its call's time, or not at all.
/// </summary>
internal sealed class KeysTogether
{
    // What is left of the time is for the commit itself, which is not cut once it is sent.
    private const double BeforeCommit = 0.9;

    private readonly Database _database;
    private readonly KeyStore _store;
    private readonly IOptions<KeyServerOptions> _options;
    private readonly WriteTogether<Wanted, Result<KeyRow>> _together;

    public KeysTogether([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyStore store, IOptions<KeyServerOptions> options)
    {
        (_database, _store, _options) = (database, store, options);
        _together = new WriteTogether<Wanted, Result<KeyRow>>(WriteAsync);
    }

    /// <summary>True where keys are made so: on SQLite a transaction has no round trips to save.</summary>
    public bool IsWorthIt => _database.Dialect.Engine == Engine.PostgreSql;

    /// <summary>Makes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="received">When the call came in, as a timestamp of real time.</param>
    public Task<Result<KeyRow>> AddAsync(PlainKey key, long received) => _together.WriteAsync(new Wanted(key, received));

    private async Task<IReadOnlyList<Result<KeyRow>>> WriteAsync(IReadOnlyList<Wanted> wanted)
    {
        // A client that lost the answer stops waiting for the key after a known time: a key that came later would be a second one.
        var inTime = wanted.Where(w => Left(w) > TimeSpan.Zero).ToList();
        var made = inTime.Count == 0 ? [] : await InTimeAsync(inTime);
        return [.. wanted.Select(w => inTime.IndexOf(w) is >= 0 and var at ? made[at] : KeyServerErrors.TooLate)];
    }

    private async Task<IReadOnlyList<Result<KeyRow>>> InTimeAsync(List<Wanted> wanted)
    {
        using var deadline = new CancellationTokenSource();
        var left = wanted.Min(Left);
        deadline.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            var written = await _database.WriteAsync<Result<List<KeyId>>>(async tx =>
            {
                var ids = await _store.AddAtOnceAsync(tx, [.. wanted.Select(w => w.Key)], deadline.Token);
                return ids.Exists(id => id.Value > KeyNumber.NumberMax) ? KeyServerErrors.NumbersUsedUp
                    : wanted.Exists(w => Left(w) <= TimeSpan.Zero) ? KeyServerErrors.TooLate
                    : ids;
            }, deadline.Token);
            return written.TryGet(out var numbers, out var refusal)
                ? [.. wanted.Zip(numbers, (w, id) => (Result<KeyRow>)(w.Key.Row with { Id = id }))]
                : [.. wanted.Select(_ => (Result<KeyRow>)refusal)];
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return [.. wanted.Select(_ => (Result<KeyRow>)KeyServerErrors.TooLate)];
        }
    }

    private TimeSpan Left(Wanted wanted) => (_options.Value.CommitWithin * BeforeCommit) - TimeProvider.System.GetElapsedTime(wanted.Received);

    // Two calls may want the same, and each gets a key of its own.
    private sealed class Wanted(PlainKey key, long received)
    {
        public PlainKey Key => key;

        public long Received => received;
    }
}
