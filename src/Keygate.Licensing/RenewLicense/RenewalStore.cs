using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>What is known of a license's renewals beside its dates.</summary>
internal sealed class Renewal
{
    /// <summary>The key as the issuer had it before the renewal that is under way, JSON; null where none is.</summary>
    public string? ReadBefore { get; init; }

    /// <summary>True from the renewal until its file is fetched.</summary>
    public bool FileDue { get; init; }

    /// <summary>Days on which it was tried since the last success.</summary>
    public int Tries { get; init; }

    /// <summary>When the job may try again.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>Why the last try failed, JSON; null where none did since the last success.</summary>
    public string? Error { get; init; }

    /// <summary>The generation of the process in which it failed: a later one begins anew.</summary>
    public int? FailedIn { get; init; }

    public DateTimeOffset? RenewedAt { get; init; }

    public ShownKey? Before => ReadBefore is null ? null : Json.Read<ShownKey>(ReadBefore);

    public Error? LastError => Error is null ? null : Json.Read<Error>(Error);
}

/// <summary>The rows of renewals. A license that was never renewed has none.</summary>
internal sealed class RenewalStore(TimeProvider time)
{
    /// <summary>Days before its end from which a license counts as due whose issuer told no update date: the Key Administrator's own distance.</summary>
    public const int DueDaysBefore = 10;

    /// <summary>Days before its end at which the window opens at the earliest: bounds the rows that are looked at.</summary>
    public const int WindowDaysMax = 31;

    /// <summary>Which leases renew by themselves, but for their dates, their class and the time of the next try.</summary>
    internal const string Renewable =
        "l.bill_type_name = 'Lease' and (l.status = 'Installed' or (l.status in ('Retrieved', 'Uploaded') and l.subscription_id is not null))";

    public async Task<Renewal> FindAsync(Session session, LicenseId id, CancellationToken cancellation) =>
        await session.FindAsync<Renewal>(
            "select read_before, file_due, tries, next_at, error, failed_in, renewed_at from license_renewals where license_id = @id", new { id }, cancellation) ?? new Renewal();

    /// <summary>Leases of these classes whose update date has come, in good standing, that were not tried today; nearest end first.</summary>
    public Task<List<LicenseId>> DueAsync(Tx tx, IReadOnlyList<string> keyTypes, int limit, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        return tx.QueryAsync<LicenseId>(
            $"""
            select l.id from licenses l left join license_renewals r on r.license_id = l.id
            where {Renewable} and l.status not in ('Expired', 'Terminated') and l.expiration_date > @today and l.expiration_date <= @horizon
              and (l.update_date <= @today or (l.update_date is null and l.expiration_date <= @soon))
              and l.key_type {tx.Dialect.AnyOf("keyTypes")} and (r.next_at is null or r.next_at <= @now)
              and not exists (select 1 from license_standings s where s.license_id = l.id)
            order by l.expiration_date, l.id limit @limit
            """,
            new { today, horizon = today.AddDays(WindowDaysMax), soon = today.AddDays(DueDaysBefore), keyTypes = keyTypes.ToArray(), now, limit }, cancellation);
    }

    /// <summary>Another day's try begins.</summary>
    public Task BeginAsync(Tx tx, LicenseId id, DateTimeOffset next, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        insert into license_renewals(license_id, tries, next_at) values (@id, 1, @next)
        on conflict (license_id) do update set tries = license_renewals.tries + 1, next_at = excluded.next_at
        """, new { id, next }, cancellation);

    /// <summary>The key as the issuer has it now, before it is renewed; the last failure no longer counts.</summary>
    public Task SetBeforeAsync(Tx tx, LicenseId id, ShownKey before, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        insert into license_renewals(license_id, read_before) values (@id, @before)
        on conflict (license_id) do update set read_before = excluded.read_before, error = null, failed_in = null
        """, new { id, before = Json.Write(before) }, cancellation);

    public Task FailAsync(Tx tx, LicenseId id, Error error, int generation, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        insert into license_renewals(license_id, error, failed_in) values (@id, @error, @generation)
        on conflict (license_id) do update set error = excluded.error, failed_in = excluded.failed_in, read_before = null
        """, new { id, error = Json.Write(error), generation }, cancellation);

    /// <summary>The last failure was read by a person and counts no more.</summary>
    public Task ForgetAsync(Tx tx, LicenseId id, CancellationToken cancellation) =>
        tx.ExecuteAsync("update license_renewals set error = null, failed_in = null where license_id = @id", new { id }, cancellation);

    public Task DoneAsync(Tx tx, LicenseId id, bool fileDue, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        insert into license_renewals(license_id, file_due, renewed_at) values (@id, @fileDue, @now)
        on conflict (license_id) do update set
          file_due = excluded.file_due, renewed_at = excluded.renewed_at, read_before = null, tries = 0, next_at = null, error = null, failed_in = null
        """, new { id, fileDue, now = time.GetUtcNow() }, cancellation);

    /// <summary>The key was changed: its file is to be fetched anew.</summary>
    public Task FileDueAsync(Tx tx, LicenseId id, CancellationToken cancellation) => tx.ExecuteAsync(
        """
        insert into license_renewals(license_id, file_due) values (@id, true)
        on conflict (license_id) do update set file_due = excluded.file_due
        """, new { id }, cancellation);

    public Task FetchedAsync(Tx tx, LicenseId id, CancellationToken cancellation) =>
        tx.ExecuteAsync("update license_renewals set file_due = false where license_id = @id", new { id }, cancellation);

    /// <summary>Why a license is not in good standing; null where it is.</summary>
    public Task<Standing?> StandingAsync(Session session, LicenseId id, CancellationToken cancellation) =>
        session.FindAsync<Standing>("select since, why, held from license_standings where license_id = @id", new { id }, cancellation);

    /// <summary>It is nobody's any more.</summary>
    public Task ForgetStandingAsync(Tx tx, LicenseId id, CancellationToken cancellation) =>
        tx.ExecuteAsync("delete from license_standings where license_id = @id", new { id }, cancellation);

    /// <summary>True on the days on which a license may be renewed by itself.</summary>
    public static bool IsDue(License license, DateOnly today) =>
        license is { BillType: Catalog.BillType.Lease, ExpirationDate: { } end } && today < end && (license.UpdateDate ?? end.AddDays(-DueDaysBefore)) <= today;
}

/// <summary>Why a license is not renewed.</summary>
internal sealed class Standing
{
    public DateTimeOffset Since { get; init; }
    public string Why { get; init; } = "";

    /// <summary>True where it is stopped as well, not only no longer renewed.</summary>
    public bool Held { get; init; }
}
