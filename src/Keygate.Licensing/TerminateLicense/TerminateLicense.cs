using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Why a license is terminated.</summary>
public sealed record TerminateLicenseRequest
{
    /// <summary>The most that a reason may have.</summary>
    internal const int ReasonMax = 1000;

    /// <summary>In the person's words; stands in the license's history.</summary>
    public string? Reason { get; init; }

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() => string.IsNullOrWhiteSpace(Reason) || Reason.Length > ReasonMax ? [LicensingErrors.ReasonMissing.At("reason")] : [];
}

/// <summary>
/// Terminates a license for good: its additional keys, its key, the installed copies. A Purchase cannot be terminated: it is taken back to stock. What will
/// happen, and what became of each key, is told by <see cref="ShowTermination"/>.
/// </summary>
public sealed class TerminateLicense
{
    private readonly LicenseStore _store;
    private readonly TerminationStore _terminations;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal TerminateLicense(LicenseStore store, TerminationStore terminations, WorkQueue queue, Audit audit) =>
        (_store, _terminations, _queue, _audit) = (store, terminations, queue, audit);

    /// <summary>Begins it; the work runs after the commit. May be repeated: what has ended is not ended twice, and what stopped goes on.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, TerminateLicenseRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (await _store.FindAsync(tx, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var license = (await _store.LockWithAddOnsAsync(tx, id, cancellation))[0];
        if (license is { BillType: Catalog.BillType.Purchase, SubscriptionId: null, InstalledAt: null, KeyNumber: not null })
        {
            return LicensingErrors.PurchaseKept.Because($"License {id} is a Purchase, and its key {license.KeyNumber} is the provider's for good.");
        }

        if (license is { ParentId: { } parent, KeyNumber: null })
        {
            return LicensingErrors.MoveNotAllowed.Because($"License {id} is additional and has no key.").Mend($"Terminate its base, license {parent}.");
        }

        if (await LicenseWork.OpenAsync(_queue, tx, ProvisionLicense.KindName, license.Leader, cancellation) is { State: "ready" or "running" } open)
        {
            return LicensingErrors.UnderWay.Because($"License {id} is being worked on: step {open.Step}, attempt {open.Attempt}.");
        }

        await _audit.AddAsync(tx, actor, "license.terminate", id.Subject, request.Reason, cancellation);
        await StartAsync(tx, id, request.Reason!.Trim(), actor, null, cancellation);
        return new LicenseAccepted(id, LicenseOperation.Terminate);
    }

    /// <summary>
    /// The base licenses of a subscription that are not over and whose termination was not begun since a process started: what a person gave up is not begun again.
    /// </summary>
    public async Task<IReadOnlyList<LicenseId>> ToEndAsync(Tx tx, int subscription, long since, CancellationToken cancellation)
    {
        var all = await _store.LockOfSubscriptionAsync(tx, subscription, cancellation);
        var views = await _queue.ViewAsync(tx, [.. all.Select(l => l.Id.Subject)], cancellation);
        return
        [
            .. all.Where(b => b.ParentId is null && all.Exists(m => (m.Id == b.Id || m.ParentId == b.Id) && (m.InstalledAt is not null || (m.TerminatedAt is null && m.WithdrawnAt is null)))
                && !views.Any(v => v.Kind == TerminationProcess.KindName && v.Subject == b.Id.Subject && (v.IsOpen || v.Id > since))).Select(b => b.Id),
        ];
    }

    /// <summary>A base license of a subscription whose termination is not over, and whether its process, which is under way, will end by itself.</summary>
    public async Task<(LicenseId? Open, bool Moves)> StillEndingAsync(Tx tx, int subscription, CancellationToken cancellation)
    {
        // Facts come first: a process whose end wakes the caller still counts as open in its own commit.
        var all = await _store.LockOfSubscriptionAsync(tx, subscription, cancellation);
        var views = (await _queue.ViewAsync(tx, [.. all.Select(l => l.Id.Subject)], cancellation)).Where(v => v.IsOpen).ToList();
        foreach (var license in all.Where(l => l.ParentId is null))
        {
            var family = all.Where(m => m.Id == license.Id || m.ParentId == license.Id).ToList();
            var own = Open(TerminationProcess.KindName, license);
            var copies = family.Exists(m => m.InstalledAt is not null);
            var left = family.Exists(m => TerminationSteps.IsToEnd(m) && Open(TerminationProcess.KindName, m) is not null)
                || (copies && Open(RemovalProcess.KindName, license) is not null)
                || (own is not null && license is { KeyNumber: null, WithdrawnAt: null })
                || (own is not null && !copies && license is { BillType: Catalog.BillType.Purchase, TerminatedAt: null, KeyNumber: not null });
            if (left)
            {
                return (license.Id, own is { IsStopped: false });
            }
        }

        return (null, false);

        WorkView? Open(string kind, License license) => views.Find(v => v.Kind == kind && v.Subject == license.Id.Subject);
    }

    /// <summary>Starts the process, or takes up again the one that stopped; false while one is under way.</summary>
    /// <param name="tx">The caller's transaction.</param>
    /// <param name="id">The license.</param>
    /// <param name="why">Why, in one sentence.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="parent">The process that waits for this one; null where none does.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task<bool> StartAsync(Tx tx, LicenseId id, string why, Actor actor, long? parent, CancellationToken cancellation)
    {
        var license = await _store.LockAsync(tx, id, cancellation);
        if (license is { TerminatedAt: not null, InstalledAt: null })
        {
            return true;
        }

        if (await LicenseWork.OpenAsync(_queue, tx, TerminationProcess.KindName, id, cancellation) is null)
        {
            await _terminations.AskAsync(tx, id, why, actor, cancellation);
            await _store.NoteAsync(tx, license, actor, $"To be terminated: {why}", cancellation);
        }

        return await TerminationProcess.StartAsync(_queue, tx, new TerminationPayload(id, why, Cascade: false), parent, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/terminate",
        (LicenseId id, TerminateLicenseRequest request, HttpContext http, WriteDoor door, TerminateLicense handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("TerminateLicense").WithTags("Licenses").WithSummary("Terminate a license with its additional keys, and remove the installed copies; a Purchase goes to stock.");
}
