using Keygate.Plugins;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>What a person can do to one license. The state allows more than its issuer can: one with a connection is asked, one without waits for an upload.</summary>
internal sealed class PossibleMoves(PluginReader plugins, LicenseStore store)
{
    public async Task<IReadOnlyList<LicenseOperation>> OfAsync(Session session, License license, DateTimeOffset now, CancellationToken cancellation)
    {
        if (license.WithdrawnAt is not null)
        {
            return [];
        }

        var possible = LicenseMoves.For(license.StateAt(now)).Where(o => (license.NotAssignedAt is null || !NeedsServer(o)) && IsOf(o, license)).ToList();
        if (license.IssuedAt is not null)
        {
            // A class that demands nothing has nothing to activate, and one that demands it has no file before.
            var needless = license.Activation == Catalog.Activation.None ? LicenseOperation.Activate
                : license.ActivatedAt is null ? LicenseOperation.Retrieve : (LicenseOperation?)null;
            return [.. possible.Where(o => o != needless)];
        }

        var leftOut = license.Leader != license.Id && await store.FindAsync(session, license.Leader, cancellation) is { } leader && license.IsLeftOutOf(leader);
        var not = leftOut || await plugins.FindAsync(session, license.IssuerId, cancellation) is { ByHand: true } ? LicenseOperation.Issue : LicenseOperation.Upload;
        return [.. possible.Where(o => o != not)];
    }

    // The state knows nothing of bill type, holder and copy.
    private static bool IsOf(LicenseOperation operation, License license) => operation switch
    {
        LicenseOperation.Renew => license.BillType == Catalog.BillType.Lease,
        LicenseOperation.Terminate => license.BillType == Catalog.BillType.Lease || license.SubscriptionId is not null || license.InstalledAt is not null,
        LicenseOperation.Remove => license.InstalledAt is not null,
        LicenseOperation.Change => license.ParentId is null,
        _ => true,
    };

    /// <summary>True for what cannot be done before the server is known that the license is for.</summary>
    public static bool NeedsServer(LicenseOperation operation) => operation is LicenseOperation.Issue or LicenseOperation.Install;
}
