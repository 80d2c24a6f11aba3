using System.Diagnostics;
using Keygate.Accounts;
using Keygate.Plugins;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>The rows of licenses, their files and their history. Writes come with the state before and after, so that history explains every state.</summary>
internal sealed class LicenseStore(TimeProvider time)
{
    private const string Columns =
        """
        id, parent_id, ordered, key_type, class_name, bill_type_name, activation_name, issuer_id, installer_id, customer_id, customer_name,
        subscription_id, subscription_name, target, request, requested_at, key_number, issued_at, activation_code, expiration_date, update_date,
        sus_date, hardware_id, instance, activated_at, retrieved_at, uploaded_at, installed_at, installed_places, terminated_at, open_step_name,
        trace, installed_by_hand, withdrawn_at, not_assigned_at, ip_addresses, removed_at, suspended_at, hold_removed_at, features, status, changed_at, version
        """;

    public async Task<License?> FindAsync(Session session, LicenseId id, CancellationToken cancellation) =>
        (session as Tx)?.Known<License>(id) ?? await session.FindAsync<License>($"select {Columns} from licenses where id = @id", new { id }, cancellation);

    /// <summary>The license, locked until the transaction ends, so that two steps cannot write it at once.</summary>
    public async Task<License> LockAsync(Tx tx, LicenseId id, CancellationToken cancellation)
    {
        var license = tx.Known<License>(id)
            ?? await tx.FindAsync<License>($"select {Columns} from licenses where id = @id{tx.Dialect.ForUpdate}", new { id }, cancellation)
            ?? throw new InvalidOperationException($"License {id} has work but no row.");
        tx.Know(id, license);
        return license;
    }

    /// <summary>A license and its additional licenses, itself first.</summary>
    public Task<List<License>> WithAddOnsAsync(Session session, LicenseId id, CancellationToken cancellation) => WithAddOnsAsync(session, id, "", cancellation);

    /// <summary>The same, locked until the transaction ends.</summary>
    public async Task<List<License>> LockWithAddOnsAsync(Tx tx, LicenseId id, CancellationToken cancellation)
    {
        var all = await WithAddOnsAsync(tx, id, tx.Dialect.ForUpdate, cancellation);
        all.ForEach(license => tx.Know(license.Id, license));
        tx.Know(id, new Family([.. all.Select(license => license.Id)]));
        return all;
    }

    /// <summary>The additional licenses of a base license, oldest first.</summary>
    public Task<List<License>> AddOnsAsync(Session session, LicenseId parent, CancellationToken cancellation) =>
        session.QueryAsync<License>($"select {Columns} from licenses where parent_id = @parent order by id", new { parent }, cancellation);

    public Task<List<License>> ListAsync(Session session, LicenseFilter filter, long before, int limit, CancellationToken cancellation) =>
        Ask(session, filter, before, limit, cancellation).AllAsync();

    public Question<License> Ask(Session session, LicenseFilter filter, long before, int limit, CancellationToken cancellation)
    {
        var where = new List<string> { "id < @before" };
        if (filter.State is not null)
        {
            where.Add("status = @Status");
        }

        if (filter.KeyType is not null)
        {
            where.Add("key_type = @KeyType");
        }

        if (filter.CustomerId is not null)
        {
            where.Add("customer_id = @CustomerId");
        }

        if (filter.SubscriptionId is not null)
        {
            where.Add("subscription_id = @SubscriptionId");
        }

        if (filter.Assignment is { } assignment)
        {
            where.Add(assignment switch
            {
                AssignmentState.NotAssigned => "not_assigned_at is not null",
                AssignmentState.Subscription => "subscription_id is not null and not_assigned_at is null",
                _ => "subscription_id is null",
            });
        }

        if (filter.Issuer is not null)
        {
            where.Add("issuer_id = @Issuer");
        }

        if (filter.KeyNumber is not null)
        {
            // A range instead of LIKE: the same on both engines, and it runs on the index.
            where.Add("key_number >= @KeyNumber and key_number < @KeyNumberEnd");
        }

        return session.Ask<License>(
            $"select {Columns} from licenses where {string.Join(" and ", where)} order by id desc limit @limit",
            new
            {
                before, limit, Status = filter.State?.ToString(), filter.KeyType, filter.CustomerId, filter.SubscriptionId,
                filter.Issuer, filter.KeyNumber, KeyNumberEnd = filter.KeyNumber + "\uffff",
            }, cancellation);
    }

    /// <summary>The licenses of a subscription that wait for its dedicated server, oldest first.</summary>
    public Task<List<License>> NotAssignedAsync(Session session, int subscription, CancellationToken cancellation) =>
        session.QueryAsync<License>(
            $"select {Columns} from licenses where subscription_id = @subscription and not_assigned_at is not null order by id", new { subscription }, cancellation);

    /// <summary>Base license requests that wait for a key, newest first; of one issuer, or of certain numbers, where these are named.</summary>
    public Task<List<License>> RequestsAsync(Session session, int? issuer, int[]? ids, long before, int limit, CancellationToken cancellation) =>
        session.QueryAsync<License>(
            $"""
            select {Columns} from licenses where status = 'Pending' and parent_id is null and withdrawn_at is null and id < @before
            {(issuer is null ? "" : "and issuer_id = @issuer")} {(ids is null ? "" : $"and id {session.Dialect.AnyOf("ids")}")} order by id desc limit @limit
            """, new { before, limit, issuer, ids }, cancellation);

    /// <summary>Facts without a change of state, with the history row that explains them.</summary>
    public async Task NoteAsync(Tx tx, License license, Actor actor, string what, string facts, object values, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var parameters = new Dapper.DynamicParameters(values);
        parameters.AddDynamicParams(new { license.Id, now });
        await tx.ExecuteAsync($"update licenses set {facts}, changed_at = @now, version = version + 1 where id = @Id", parameters, cancellation);
        tx.Know<License>(license.Id, null);
        await NoteAsync(tx, license, actor, what, cancellation);
    }

    /// <summary>A sentence beside the facts: a history row alone.</summary>
    public Task NoteAsync(Tx tx, License license, Actor actor, string what, CancellationToken cancellation)
    {
        var state = license.StateAt(time.GetUtcNow());
        return HistoryAsync(tx, license.Id, actor, state, state, what, cancellation);
    }

    public async Task<LicenseId> InsertAsync(Tx tx, License license, Actor actor, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = LicenseId.Of((int)await tx.InsertAsync(
            """
            insert into licenses(parent_id, ordered, key_type, class_name, bill_type_name, activation_name, issuer_id, installer_id, customer_id,
              customer_name, subscription_id, subscription_name, target, request, requested_at, key_number, issued_at, activation_code,
              expiration_date, hardware_id, instance, open_step_name, status, changed_at)
            values (@ParentId, @Ordered, @KeyType, @ClassName, @BillTypeName, @ActivationName, @IssuerId, @InstallerId, @CustomerId,
              @CustomerName, @SubscriptionId, @SubscriptionName, @Target, @Request, @now, @KeyNumber, @IssuedAt, @ActivationCode,
              @ExpirationDate, @HardwareId, @Instance, @OpenStepName, @Status, @now)
            returning id
            """,
            new
            {
                license.ParentId, license.Ordered, license.KeyType, license.ClassName, license.BillTypeName, license.ActivationName, license.IssuerId,
                license.InstallerId, license.CustomerId, license.CustomerName, license.SubscriptionId, license.SubscriptionName, license.Target,
                license.Request, license.KeyNumber, license.IssuedAt, license.ActivationCode, license.ExpirationDate, license.HardwareId,
                license.Instance, license.OpenStepName, Status = license.StateAt(now).ToString(), now,
            }, cancellation));
        tx.Know(id, license with { Id = id, RequestedAt = now, Status = license.StateAt(now).ToString(), ChangedAt = now });
        tx.Know(license.ParentId ?? id, license.ParentId is null ? new Family([id]) : null);
        return id;
    }

    /// <summary>
    /// Writes facts and the history row that explains them. The operation must be in the transition table. Returns the license as it is then.
    /// </summary>
    /// <param name="tx">The transaction in which it was locked.</param>
    /// <param name="license">The license as it is.</param>
    /// <param name="facts">As it is to be; the copied state, moment and version are found here.</param>
    /// <param name="operation">What is done.</param>
    /// <param name="outcome">How it went.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="what">In words.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    public async Task<License> MoveAsync(
        Tx tx, License license, License facts, LicenseOperation operation, MoveOutcome outcome, Actor actor, string what, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (from, to) = (license.StateAt(now), facts.StateAt(now));
        LicenseMoves.Require(from, operation, outcome);

        // That a period is over is written by the expiry job alone, which also tells of it; an answer that comes late must not be taken for that.
        // A renewal takes it back, and a termination ends it all the same.
        var after = facts with { Status = from == LicenseState.Expired && to == from && operation != LicenseOperation.Renew ? license.Status : to.ToString(), ChangedAt = now, Version = license.Version + 1 };
        await tx.OneLaterAsync(
            """
            update licenses set key_number = @KeyNumber, issued_at = @IssuedAt, activation_code = @ActivationCode, expiration_date = @ExpirationDate,
              update_date = @UpdateDate, sus_date = @SusDate, trace = @Trace, activated_at = @ActivatedAt, retrieved_at = @RetrievedAt, uploaded_at = @UploadedAt,
              installed_at = @InstalledAt, installed_places = @InstalledPlaces, installed_by_hand = @InstalledByHand,
              terminated_at = @TerminatedAt, removed_at = @RemovedAt, hold_removed_at = @HoldRemovedAt, suspended_at = @SuspendedAt, open_step_name = @OpenStepName,
              status = @Status, changed_at = @ChangedAt, version = @Version
            where id = @Id and version = @Version - 1
            """, after, () => new InvalidOperationException($"License {license.Id} was changed by somebody else inside its own lock."), cancellation);
        tx.Know(license.Id, after);
        await HistoryAsync(tx, license.Id, actor, from, to, what, cancellation);
        return after;
    }

    public Task HistoryAsync(Tx tx, LicenseId id, Actor actor, LicenseState? from, LicenseState to, string what, CancellationToken cancellation) =>
        tx.LaterAsync(
            """
            insert into license_history(license_id, at, actor, from_state, to_state, what, trace)
            values (@id, @at, @actor, @from, @to, @what, @trace)
            """,
            new { id, at = time.GetUtcNow(), actor = actor.Name, from = from?.ToString(), to = to.ToString(), what, trace = Activity.Current?.TraceId.ToString() },
            cancellation);

    public Task<List<HistoryRow>> HistoryAsync(Session session, IReadOnlyList<LicenseId> ids, CancellationToken cancellation) =>
        session.QueryAsync<HistoryRow>(
            $"select id, license_id, at, actor, from_state, to_state, what, trace from license_history where license_id {session.Dialect.AnyOf("list")} order by id",
            new { list = ids.Select(i => i.Value).ToArray() }, cancellation);

    private static async Task<List<License>> WithAddOnsAsync(Session session, LicenseId id, string locked, CancellationToken cancellation)
    {
        if (session is Tx tx && tx.Known<Family>(id) is { } family && family.Ids.Select(i => tx.Known<License>(i)).ToList() is var known && known.TrueForAll(l => l is not null))
        {
            return known!;
        }

        var rows = await session.QueryAsync<License>($"select {Columns} from licenses where id = @id or parent_id = @id order by id{locked}", new { id }, cancellation);
        return rows.Exists(l => l.Id == id) ? [.. rows.OrderBy(l => l.Id != id)] : throw new InvalidOperationException($"License {id} has work but no row.");
    }

    /// <summary>A fact of the license with a history row of its own, without a change of state: activation data given later.</summary>
    public Task GiveActivationAsync(Tx tx, License license, string? hardwareId, string? instance, Actor actor, CancellationToken cancellation) =>
        NoteAsync(
            tx, license, actor, $"Activation data given: {hardwareId ?? instance}", "hardware_id = @hardwareId, instance = @instance", new { hardwareId, instance }, cancellation);

    /// <summary>True when a license here has the key, whatever its revision.</summary>
    public Task<bool> HasKeyAsync(Session session, PluginId issuer, string keyNumber, CancellationToken cancellation) =>
        HasKeyAsync(session, keyNumber, issuer, LicenseId.Of(0), cancellation);

    /// <summary>True when a license here other than <paramref name="but"/> has the key, whatever its revision and issuer.</summary>
    public Task<bool> HasKeyAsync(Session session, string keyNumber, LicenseId but, CancellationToken cancellation) =>
        HasKeyAsync(session, keyNumber, null, but, cancellation);

    /// <summary>
    /// The newest live key of an issuer that carries a trace, asked for since <paramref name="since"/> where that is given; null where there is none.
    /// </summary>
    public Task<License?> NewestTracedAsync(Session session, PluginId issuer, DateTimeOffset? since, CancellationToken cancellation) =>
        session.FindAsync<License>(
            $"""
            select {Columns} from licenses where issuer_id = @issuer and trace is not null and key_number is not null and terminated_at is null
            {(since is null ? "" : "and requested_at >= @since")} order by id desc limit 1
            """, new { issuer, since }, cancellation);

    /// <summary>What stays of a key number when its revision rises.</summary>
    internal static string StemOf(string keyNumber) => keyNumber.Split('.') is [var prefix, var number, ..] ? $"{prefix}.{number}." : keyNumber;

    // Which licenses stand together: the base first.
    private sealed record Family(IReadOnlyList<LicenseId> Ids);

    private static async Task<bool> HasKeyAsync(Session session, string keyNumber, PluginId? issuer, LicenseId but, CancellationToken cancellation)
    {
        // PREFIX.NUMBER.REVISION: the number stays, the revision rises.
        var stem = StemOf(keyNumber);
        return await session.GetAsync<long>(
            $"select count(*) from licenses where key_number >= @stem and key_number < @end and id <> @but {(issuer is null ? "" : "and issuer_id = @issuer")}",
            new { stem, but, issuer, end = stem + "\uffff" }, cancellation) > 0;
    }

    public Task AddFileAsync(Tx tx, LicenseId id, string keyNumber, string extension, byte[] content, CancellationToken cancellation) =>
        tx.LaterAsync(
            "insert into license_files(license_id, key_number, extension, content, retrieved_at) values (@id, @keyNumber, @extension, @content, @at)",
            new { id, keyNumber, extension, content, at = time.GetUtcNow() }, cancellation);

    /// <summary>The newest file of a license; null where it has none.</summary>
    public Task<LicenseFileRow?> FileAsync(Session session, LicenseId id, CancellationToken cancellation) =>
        session.FindAsync<LicenseFileRow>(
            "select id, license_id, key_number, extension, content, retrieved_at from license_files where license_id = @id order by id desc limit 1",
            new { id }, cancellation);

    public Task<List<LicenseId>> DueToExpireAsync(Tx tx, DateOnly today, int limit, CancellationToken cancellation) =>
        tx.QueryAsync<LicenseId>(
            $"""
            select id from licenses where bill_type_name = 'Lease' and status not in ('Expired', 'Terminated') and expiration_date <= @today
            order by expiration_date, id limit @limit{tx.Dialect.ForUpdateSkipLocked}
            """, new { today, limit }, cancellation);

    /// <summary>Leases with a key that end within so many days and of which nobody was warned that near to this end; nearest end first, locked.</summary>
    public Task<List<License>> ExpiringUnwarnedAsync(Tx tx, DateOnly today, int days, int limit, CancellationToken cancellation) =>
        tx.QueryAsync<License>(
            $"""
            select {Columns} from licenses where bill_type_name = 'Lease' and status not in ('Expired', 'Terminated') and expiration_date > @today and expiration_date <= @until
              and not exists (select 1 from license_warnings w where w.license_id = licenses.id and w.expiration_date = licenses.expiration_date and w.days <= @days)
            order by expiration_date, id limit @limit{tx.Dialect.ForUpdateSkipLocked}
            """, new { today, until = today.AddDays(days), days, limit }, cancellation);

    /// <summary>The licenses of a subscription, oldest first, locked until the transaction ends.</summary>
    public Task<List<License>> LockOfSubscriptionAsync(Tx tx, int subscription, CancellationToken cancellation) =>
        tx.QueryAsync<License>($"select {Columns} from licenses where subscription_id = @subscription order by id{tx.Dialect.ForUpdate}", new { subscription }, cancellation);

    /// <summary>Brings the copied state up to the derived one after a date has passed.</summary>
    public async Task ExpireAsync(Tx tx, License license, CancellationToken cancellation)
    {
        var before = Enum.Parse<LicenseState>(license.Status);
        LicenseMoves.Require(before, LicenseOperation.Expire, MoveOutcome.Done);
        await tx.ExecuteAsync(
            "update licenses set status = 'Expired', changed_at = @now, version = version + 1 where id = @Id",
            new { license.Id, now = time.GetUtcNow() }, cancellation);
        tx.Know<License>(license.Id, null);
        await HistoryAsync(tx, license.Id, Actor.Keygate, before, LicenseState.Expired, $"The period ended on {license.ExpirationDate:yyyy-MM-dd}", cancellation);
    }
}

/// <summary>Which licenses a list shows; null members do not filter.</summary>
/// <param name="State">The derived state.</param>
/// <param name="KeyType">The license class.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="KeyNumber">The beginning of the key number.</param>
/// <param name="Assignment">Whose it is.</param>
/// <param name="Issuer">The issuer plug-in.</param>
public sealed record LicenseFilter(LicenseState? State, string? KeyType, int? CustomerId, int? SubscriptionId, string? KeyNumber, AssignmentState? Assignment = null, PluginId? Issuer = null);

internal sealed class HistoryRow
{
    public long Id { get; init; }
    public LicenseId LicenseId { get; init; }
    public DateTimeOffset At { get; init; }
    public string Actor { get; init; } = "";
    public string? FromState { get; init; }
    public string ToState { get; init; } = "";
    public string What { get; init; } = "";
    public string? Trace { get; init; }
}

internal sealed class LicenseFileRow
{
    public long Id { get; init; }
    public LicenseId LicenseId { get; init; }
    public string KeyNumber { get; init; } = "";
    public string Extension { get; init; } = "";
    public byte[] Content { get; init; } = [];
    public DateTimeOffset RetrievedAt { get; init; }
}
