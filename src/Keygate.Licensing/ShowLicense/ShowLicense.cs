using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Reads licenses for doors and for the rooms above.</summary>
public sealed class LicenseReader
{
    private readonly LicenseStore _store;
    private readonly RenewalStore _renewals;
    private readonly WorkQueue _work;
    private readonly PossibleMoves _possible;
    private readonly TimeProvider _time;

    internal LicenseReader(LicenseStore store, RenewalStore renewals, WorkQueue work, PossibleMoves possible, TimeProvider time) =>
        (_store, _renewals, _work, _possible, _time) = (store, renewals, work, possible, time);

    /// <summary>One license, whole.</summary>
    public async Task<Result<LicenseDetails>> ShowAsync(Session session, LicenseId id, CancellationToken cancellation)
    {
        if (await _store.FindAsync(session, id, cancellation) is not { } license)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        // An additional license travels with its base, and may have work of its own when its key was left out: what needs attention comes first.
        string[] subjects = [.. new[] { license.Leader.Subject, license.Id.Subject }.Distinct()];
        var goingOn = (await _work.ViewAsync(session, subjects, cancellation)).Where(v => v.IsOpen).OrderByDescending(v => v.IsStopped).FirstOrDefault();

        // Read again after the work: a state must never be older than the work that is shown beside it.
        license = (await _store.FindAsync(session, id, cancellation))!;
        var now = _time.GetUtcNow();
        var file = await _store.FileAsync(session, id, cancellation);
        return new LicenseDetails
        {
            License = LicenseRow.Of(license, now),
            Request = license.Ordered ? Json.Read<RequestLicenseRequest>(license.Request) : null,
            RequestedAt = license.RequestedAt,
            SusDate = license.SusDate,
            ActivationCode = license.ActivationCode,
            Activation = license.Activation,
            ActivatedFor = license.HardwareId is null && license.Instance is null ? null : new ActivationInput(license.HardwareId, license.Instance),
            InstalledAt = license.InstalledPlaces is null ? [] : Json.Read<string[]>(license.InstalledPlaces),
            InstalledSeenAt = license.InstalledAt,
            File = file is null ? null : new LicenseFileInfo(file.KeyNumber, DownloadLicense.FileName(file), file.Content.Length, file.RetrievedAt),
            AddOns = [.. (await _store.AddOnsAsync(session, id, cancellation)).Select(a => LicenseRow.Of(a, now))],
            GoingOn = goingOn,
            Renewal = await RenewalOfAsync(session, license, cancellation),
            InstalledByHand = license.InstalledByHand,
            TerminatedAt = license.TerminatedAt,
            RemovedAt = license.RemovedAt,
            SuspendedAt = license.SuspendedAt,
            Features = license.FeatureList,
            Possible = await _possible.OfAsync(session, license, now, cancellation),
        };
    }

    /// <summary>The row of one license; null where there is none.</summary>
    public async Task<LicenseRow?> FindAsync(Session session, LicenseId id, CancellationToken cancellation) =>
        await _store.FindAsync(session, id, cancellation) is { } license ? LicenseRow.Of(license, _time.GetUtcNow()) : null;

    /// <summary>The moves of licenses, oldest first.</summary>
    public async Task<IReadOnlyList<LicenseEvent>> HistoryAsync(Session session, IReadOnlyList<LicenseId> ids, CancellationToken cancellation) =>
        [.. (await _store.HistoryAsync(session, ids, cancellation)).Select(h => new LicenseEvent(
            h.LicenseId, h.At, h.Actor, h.FromState is null ? null : Enum.Parse<LicenseState>(h.FromState), Enum.Parse<LicenseState>(h.ToState), h.What, h.Trace))];

    /// <summary>The licenses of a subscription, newest first.</summary>
    public async Task<IReadOnlyList<LicenseRow>> OfSubscriptionAsync(Session session, int subscription, CancellationToken cancellation) =>
        await AskOfSubscription(session, subscription, cancellation).AllAsync();

    /// <summary>The same as a question.</summary>
    public Question<LicenseRow> AskOfSubscription(Session session, int subscription, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        return _store.Ask(session, new LicenseFilter(null, null, null, subscription, null), long.MaxValue, PageRequest.LimitMax, cancellation).As(row => LicenseRow.Of(row, now));
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
            "/licenses/{id}",
            (LicenseId id, HttpContext http, Database database, LicenseReader reader) =>
                database.ReadAsync(s => reader.ShowAsync(s, id, http.RequestAborted), http.RequestAborted))
            .WithName("ShowLicense").WithTags("Licenses").WithSummary("One license, whole.");
        routes.MapGet(
            "/licenses/{id}/history",
            (LicenseId id, HttpContext http, Database database, LicenseReader reader) =>
                database.ReadAsync(s => reader.HistoryOfAsync(s, id, http.RequestAborted), http.RequestAborted))
            .WithName("ListLicenseHistory").WithTags("Licenses").WithSummary("Every move of a license, oldest first.");
    }

    private async Task<LicenseRenewal?> RenewalOfAsync(Session session, License license, CancellationToken cancellation)
    {
        if (license.BillType != Catalog.BillType.Lease || license.KeyNumber is null)
        {
            return null;
        }

        var renewal = await _renewals.FindAsync(session, license.Id, cancellation);
        var standing = await _renewals.StandingAsync(session, license.Id, cancellation);
        return new LicenseRenewal(
            standing is null, standing?.Why, renewal.RenewedAt, renewal.Tries, renewal.LastError is null ? null : renewal.NextAt, renewal.LastError?.Detail, renewal.LastError?.Remedy);
    }

    private async Task<Result<Page<LicenseEvent>>> HistoryOfAsync(Session session, LicenseId id, CancellationToken cancellation) =>
        await _store.FindAsync(session, id, cancellation) is null
            ? LicensingErrors.NotFound.Because($"There is no license {id}.")
            : new Page<LicenseEvent>(await HistoryAsync(session, [id], cancellation), null);
}
