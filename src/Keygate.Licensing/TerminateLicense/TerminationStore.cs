using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>That a license is to be terminated, and why its key is not.</summary>
internal sealed class Termination
{
    public LicenseId LicenseId { get; init; }
    public DateTimeOffset AskedAt { get; init; }
    public string Actor { get; init; } = "";
    public string Why { get; init; } = "";

    /// <summary>Why the last try to end the key failed, JSON; null where none did.</summary>
    public string? Error { get; init; }

    public Error? LastError => Error is null ? null : Json.Read<Error>(Error);
}

/// <summary>The rows of terminations. A license that nobody wants terminated has none.</summary>
internal sealed class TerminationStore(TimeProvider time)
{
    public async Task<Dictionary<LicenseId, Termination>> FindAsync(Session session, IReadOnlyList<LicenseId> ids, CancellationToken cancellation) =>
        (await session.QueryAsync<Termination>(
            $"select license_id, asked_at, actor, why, error from license_terminations where license_id {session.Dialect.AnyOf("list")}",
            new { list = ids.Select(i => i.Value).ToArray() }, cancellation)).ToDictionary(t => t.LicenseId);

    /// <summary>Asked for, or asked for again: what failed before no longer counts.</summary>
    public Task AskAsync(Tx tx, LicenseId id, string why, Actor actor, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        insert into license_terminations(license_id, asked_at, actor, why) values (@id, @now, @actor, @why)
        on conflict (license_id) do update set asked_at = excluded.asked_at, actor = excluded.actor, why = excluded.why, error = null
        """, new { id, now = time.GetUtcNow(), actor = actor.Name, why }, cancellation);

    public Task FailAsync(Tx tx, LicenseId id, Error error, CancellationToken cancellation) =>
        tx.ExecuteAsync("update license_terminations set error = @error where license_id = @id", new { id, error = Json.Write(error) }, cancellation);

    public Task EndedAsync(Tx tx, LicenseId id, CancellationToken cancellation) =>
        tx.ExecuteAsync("update license_terminations set error = null where license_id = @id", new { id }, cancellation);

    /// <summary>It is stock, and may be terminated in another subscription's name.</summary>
    public Task ForgetAsync(Tx tx, LicenseId id, CancellationToken cancellation) =>
        tx.ExecuteAsync("delete from license_terminations where license_id = @id", new { id }, cancellation);
}
