using Keygate.Accounts;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Api;

/// <summary>How long answers are kept for repeats.</summary>
public sealed record RetentionOptions
{
    /// <summary>How long an idempotency key keeps its answer.</summary>
    public TimeSpan KeepIdempotencyKeysFor { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>Removes idempotency keys that are older than they are kept.</summary>
public sealed class PruneIdempotencyKeys(RetentionOptions options, TimeProvider time) : RecurringJob
{
    private const int Batch = 1000;

    /// <inheritdoc/>
    public override string Name => "api.prune-idempotency-keys";

    /// <inheritdoc/>
    public override TimeSpan Every => TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation) =>
        await IdempotencyKeys.PruneAsync(tx, time.GetUtcNow() - options.KeepIdempotencyKeysFor, Batch, cancellation) == Batch;
}
