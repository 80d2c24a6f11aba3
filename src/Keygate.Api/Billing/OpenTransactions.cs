using System.Collections.Concurrent;
using System.Security.Cryptography;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keygate.Api.Billing;

/// <summary>
/// The transactions that callers hold open at this node. Their ids name the node that began them, so that another one can say so: a transaction lives on one connection to the
/// database and cannot be joined from elsewhere. Thread-safe.
/// </summary>
internal sealed class OpenTransactions
{
    // How many ended ones are remembered to say why.
    private const int RememberedMax = 1000;
    private readonly string _node = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly ConcurrentDictionary<string, OpenTransaction> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<OpenTransaction> _ended = new();
    private readonly Database _database;
    private readonly BillingOptions _options;
    private readonly ILogger<OpenTransactions> _log;

    // What is open is rolled back then: work that ends its last steps would wait for it.
    private readonly CancellationToken _stopping;
    private int _number;

    public OpenTransactions(Database database, BillingOptions options, IHostApplicationLifetime life, ILogger<OpenTransactions> log)
    {
        (_database, _options, _log, _stopping) = (database, options, log, life.ApplicationStopping);
    }

    /// <summary>Those that are open now.</summary>
    public int Count => _open.Count;

    /// <summary>Begins one; throws <see cref="DatabaseBusyException"/> where the database takes one at a time and another is open.</summary>
    public async Task<Result<OpenTransaction>> BeginAsync(Actor actor)
    {
        if (_open.Count >= _options.OpenMax)
        {
            return ApiErrors.BillingTransactionsTooMany.Because($"{_options.OpenMax} transactions are open.");
        }

        var id = FormattableString.Invariant($"{_node}-{Interlocked.Increment(ref _number)}");
        var open = await OpenTransaction.BeginAsync(id, actor, _database, _options, Ended, _stopping);
        if (open.Over is not null)
        {
            return ApiErrors.BillingTransactionOver.Because($"The transaction {id} is not open: {open.Over}.");
        }

        _open[id] = open;

        // It may have ended before it stood in the list.
        if (open.Over is not null)
        {
            _open.TryRemove(id, out _);
        }

        return open;
    }

    /// <summary>One of the caller's own; a refusal that says where it is, or why it is over.</summary>
    public Result<OpenTransaction> Find(string id, Actor actor)
    {
        if (!id.StartsWith(_node + "-", StringComparison.Ordinal))
        {
            return ApiErrors.BillingTransactionForeign.Because($"The transaction {id} was begun by another node, or before this one was restarted; this node is {_node}.");
        }

        if (_open.TryGetValue(id, out var open))
        {
            return open.Actor == actor ? open : ApiErrors.BillingTransactionNotYours.Because($"The transaction {id} was begun by somebody else.");
        }

        return ApiErrors.BillingTransactionOver.Because($"The transaction {id} is not open: {_ended.FirstOrDefault(e => e.Id == id)?.Over ?? "it was never begun, or ended long ago"}.");
    }

    private void Ended(OpenTransaction open)
    {
        _ended.Enqueue(open);
        _open.TryRemove(open.Id, out _);
        while (_ended.Count > RememberedMax)
        {
            _ended.TryDequeue(out _);
        }

        _log.LogInformation("Billing API: transaction {Transaction} of {Actor} is over: {Why}", open.Id, open.Actor.Name, open.Over);
    }
}
