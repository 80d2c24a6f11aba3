using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>How far a change has come.</summary>
internal sealed class ChangeRow
{
    public LicenseId LicenseId { get; init; }

    /// <summary>The change as it was previewed, JSON.</summary>
    public string Change { get; init; } = "";

    public DateTimeOffset AskedAt { get; init; }
    public string Actor { get; init; } = "";

    /// <summary>When it is to take effect; null for at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How many of its acts are done.</summary>
    public int Done { get; init; }

    /// <summary>The license that takes its place; null where none does, and before it is requested.</summary>
    public LicenseId? ReplacementId { get; init; }

    public LicenseChange What => Json.Read<LicenseChange>(Change);
}

/// <summary>The rows of changes: the last one of each license.</summary>
internal sealed class ChangeStore(TimeProvider time)
{
    public Task<ChangeRow?> FindAsync(Session session, LicenseId id, CancellationToken cancellation) => session.FindAsync<ChangeRow>(
        "select license_id, change, asked_at, actor, due_at, done, replacement_id from license_changes where license_id = @id", new { id }, cancellation);

    public Task AskAsync(Tx tx, LicenseChange change, DateTimeOffset? due, string actor, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        insert into license_changes(license_id, change, asked_at, actor, due_at, done) values (@License, @what, @now, @actor, @due, 0)
        on conflict (license_id) do update set change = excluded.change, asked_at = excluded.asked_at, actor = excluded.actor, due_at = excluded.due_at, done = 0, replacement_id = null
        """, new { change.License, what = Json.Write(change), now = time.GetUtcNow(), actor, due }, cancellation);

    public Task DoneAsync(Tx tx, LicenseId id, int done, CancellationToken cancellation) =>
        tx.ExecuteAsync("update license_changes set done = @done where license_id = @id", new { id, done }, cancellation);

    public Task ReplacedByAsync(Tx tx, LicenseId id, LicenseId by, CancellationToken cancellation) =>
        tx.ExecuteAsync("update license_changes set replacement_id = @by where license_id = @id", new { id, by }, cancellation);
}
