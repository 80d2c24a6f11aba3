using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>How a change of a license stands.</summary>
/// <param name="Change">What it is.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="AskedBy">By whom.</param>
/// <param name="TakesEffectAt">When it takes effect; null for at once.</param>
/// <param name="State"><c>awaiting payment</c> (its order is not paid), <c>scheduled</c> (can be undone), <c>under way</c>, <c>stopped</c> (needs attention), <c>done</c> (also what left with it has ended), <c>undone</c>.</param>
/// <param name="ActsDone">How many of its acts are done.</param>
/// <param name="Replacement">The license that takes its place; null where none does.</param>
/// <param name="Order">The order that it belongs to; null where it costs nothing now.</param>
public sealed record LicenseChangeState(LicenseChange Change, DateTimeOffset AskedAt, string AskedBy, DateTimeOffset? TakesEffectAt, string State, int ActsDone, LicenseId? Replacement, int? Order = null);

/// <summary>
/// Turns a license into another: previews, starts, shows, undoes. Whether the subscription may have it, and what it costs, is for Orders to say. What is executed is
/// what was previewed: a change that comes out otherwise when it begins stops instead.
/// </summary>
public sealed class LicenseChanges
{
    private readonly Database _database;
    private readonly Plugins.PluginHost _plugins;
    private readonly LicenseStore _store;
    private readonly ChangeStore _changes;
    private readonly RenewalStore _renewals;
    private readonly CatalogReader _catalog;
    private readonly WorkQueue _queue;
    private readonly TimeProvider _time;

    internal LicenseChanges(
        Database database, Plugins.PluginHost plugins, LicenseStore store, ChangeStore changes, RenewalStore renewals, CatalogReader catalog, WorkQueue queue, TimeProvider time) =>
        (_database, _plugins, _store, _changes, _renewals, _catalog, _queue, _time) = (database, plugins, store, changes, renewals, catalog, queue, time);

    /// <summary>False where the issuer of a license does not change keys: a replacement is the only way then. Call it outside transactions.</summary>
    public async Task<bool> CanChangeAsync(LicenseId id, CancellationToken cancellation) =>
        await _database.ReadAsync(s => _store.FindAsync(s, id, cancellation), cancellation) is not { } license
        || !(await _plugins.IssuerAsync(license.IssuerId, cancellation)).TryGet(out var issuer, out _) || issuer.CanChange;

    /// <summary>Locks the license and its additional ones until the transaction ends, so that two changes are previewed one after the other.</summary>
    public async Task LockAsync(Tx tx, LicenseId id, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is not null)
        {
            await _store.LockWithAddOnsAsync(tx, id, cancellation);
        }
    }

    /// <summary>What a license is made of now, and its subscription; refused where there is none, and for an additional one.</summary>
    public async Task<Result<(LicenseMake Make, int? Subscription)>> MakeAsync(Session session, LicenseId id, CancellationToken cancellation)
    {
        if (await _store.FindAsync(session, id, cancellation) is not { } license)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        return license.ParentId is { } parent
            ? LicensingErrors.MoveNotAllowed.Because($"License {id} is additional.").Mend($"Change its base, license {parent}.")
            : (await MakeOfAsync(_store, session, license, cancellation), license.SubscriptionId);
    }

    /// <summary>The change to another make; refused where there is no way, where the license is not in good standing, and while other work on it is open.</summary>
    public async Task<Result<LicenseChange>> PreviewAsync(Session session, LicenseId id, LicenseMake to, bool canChange, CancellationToken cancellation)
    {
        if (await _store.FindAsync(session, id, cancellation) is not { } license)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        if (LicenseMoves.Refusal(id, license.StateAt(_time.GetUtcNow()), LicenseOperation.Change) is { } refusal)
        {
            return refusal;
        }

        if (await _renewals.StandingAsync(session, id, cancellation) is { } standing)
        {
            return LicensingErrors.BadStanding.Because($"License {id} is not in good standing since {standing.Since:u}: {standing.Why}");
        }

        var open = (await _queue.ViewAsync(session, [license.Id.Subject], cancellation)).FirstOrDefault(v => v.IsOpen && Excluding.Contains(v.Kind));
        return open is null
            ? (await OfAsync(_store, _catalog, session, license, to, cancellation))
                .Map(c => canChange || c.Acts.All(a => a.Kind == ChangeActKind.EndAddOn) ? c : c with { Acts = [], Replaces = true })
            : LicensingErrors.UnderWay.Because($"License {id} is being worked on: {open.Kind}, step {open.Step}.")
                .Mend(open.Kind == ChangeProcess.KindName ? $"Wait for the change that is open, or undo it with 'keygate license undo-change {id}'." : LicensingErrors.UnderWay.Remedy);
    }

    /// <summary>Starts a change that was previewed in this transaction, now or at a time. The number of its work.</summary>
    public async Task<long> StartAsync(Tx tx, LicenseChange change, DateTimeOffset? due, Actor actor, CancellationToken cancellation)
    {
        var license = await _store.LockAsync(tx, change.License, cancellation);
        await _changes.AskAsync(tx, change, due, actor.Name, cancellation);
        await _store.NoteAsync(tx, license, actor, $"To be changed{(due is { } at ? $" at {at:u}" : "")}: {string.Join("; ", change.Calls)}", cancellation);
        return await ChangeProcess.StartAsync(_queue, tx, change, due, cancellation);
    }

    /// <summary>Changes of these licenses that wait for a time up to one.</summary>
    public async Task<IReadOnlyList<LicenseChange>> ScheduledAsync(Session session, IReadOnlyList<LicenseId> licenses, DateTimeOffset until, CancellationToken cancellation)
    {
        var scheduled = new List<LicenseChange>();
        foreach (var id in licenses)
        {
            if (await _changes.FindAsync(session, id, cancellation) is { DueAt: { } due } row && due <= until
                && await LicenseWork.OpenAsync(_queue, session, ChangeProcess.KindName, id, cancellation) is { } open && IsToBegin(open))
            {
                scheduled.Add(row.What);
            }
        }

        return scheduled;
    }

    /// <summary>The last change of a license; null where there was none.</summary>
    public async Task<Result<LicenseChangeState>> ShowAsync(Session session, LicenseId id, CancellationToken cancellation)
    {
        if (await _changes.FindAsync(session, id, cancellation) is not { } row)
        {
            return LicensingErrors.NoChange.Because($"License {id} was never changed.");
        }

        // The additional licenses that left are ended by processes of their own; what is read after the change's own process is never older.
        var last = (await _queue.ViewAsync(session, [id.Subject], cancellation)).LastOrDefault(v => v.Kind == ChangeProcess.KindName);
        var state = last switch
        {
            { } open when row.DueAt is not null && IsToBegin(open) => "scheduled",
            { IsStopped: true } => "stopped",
            { IsOpen: true } => "under way",
            { State: "cancelled" } => "undone",
            _ => await EndingAsync(session, row, cancellation) switch { { IsStopped: true } => "stopped", not null => "under way", null => "done" },
        };
        return new LicenseChangeState(row.What, row.AskedAt, row.Actor, row.DueAt, state, row.Done, row.ReplacementId);
    }

    /// <summary>What still ends a license that left with the change: an additional one, or the one that was replaced.</summary>
    private async Task<WorkView?> EndingAsync(Session session, ChangeRow row, CancellationToken cancellation)
    {
        var left = row.What.Acts.Where(a => a.Kind == ChangeActKind.EndAddOn).Select(a => a.From).ToList();
        var family = await _store.WithAddOnsAsync(session, row.LicenseId, cancellation);
        var ending = family.Where(m => m.TerminatedAt is null && (m.ParentId is null ? row.ReplacementId is not null : left.Contains(m.KeyType))).Select(m => m.Id.Subject);
        return (await _queue.ViewAsync(session, [.. ending], cancellation)).Where(v => v.IsOpen && v.Kind == TerminationProcess.KindName).MaxBy(v => v.IsStopped);
    }

    /// <summary>Undoes a change that has not taken effect; refused once it has begun.</summary>
    public async Task<Result<LicenseChangeState>> UndoAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (await LicenseWork.OpenAsync(_queue, tx, ChangeProcess.KindName, id, cancellation) is not { } open || await _changes.FindAsync(tx, id, cancellation) is not { } row)
        {
            return LicensingErrors.NoChange.Because($"No change of license {id} is open.");
        }

        if (row.Done > 0 || row.ReplacementId is not null || open.Step != BeginChangeStep.StepName)
        {
            return LicensingErrors.ChangeBegun.Because($"The change of license {id} has begun: step {open.Step}, {row.Done} of {row.What.Acts.Count} acts are done.");
        }

        if (!(await _queue.CancelAsync(tx, open.Id, $"Undone by {actor.Name}", cancellation)).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        var license = await _store.LockAsync(tx, id, cancellation);
        await _store.NoteAsync(tx, license, actor, "The change was undone before it took effect", cancellation);
        return await ShowAsync(tx, id, cancellation);
    }

    // Also while it looks whether its time has come: it may have to wait on, and what is charged for the next period must not hang on that moment.
    private static bool IsToBegin(WorkView work) => work is { IsOpen: true, IsStopped: false, Step: BeginChangeStep.StepName };

    // What must not be going on beside a change.
    private static readonly string[] Excluding =
        [ProvisionLicense.KindName, RenewalProcess.KindName, TerminationProcess.KindName, RemovalProcess.KindName, HoldProcess.KindName, ChangeProcess.KindName];

    /// <summary>What a license is made of: its additional licenses are those that were ordered and live.</summary>
    internal static async Task<LicenseMake> MakeOfAsync(LicenseStore store, Session session, License license, CancellationToken cancellation) => new(
        license.KeyType, license.FeatureList,
        [.. (await store.AddOnsAsync(session, license.Id, cancellation)).Where(a => a is { Ordered: true, TerminatedAt: null, WithdrawnAt: null }).Select(a => a.KeyType)]);

    internal static async Task<Result<LicenseChange>> OfAsync(LicenseStore store, CatalogReader catalog, Session session, License license, LicenseMake to, CancellationToken cancellation)
    {
        var from = await MakeOfAsync(store, session, license, cancellation);
        var path = ChangeRules.Path(await catalog.GetAsync(session, cancellation), from, to);
        return path.Map(p => new LicenseChange(license.Id, license.KeyNumber!, Sorted(from), Sorted(to), p.Acts, p.Replaces));
    }

    private static LicenseMake Sorted(LicenseMake make) =>
        new(make.KeyType, [.. make.Features.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], [.. make.AddOns.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
}
