using Keygate.Plugins;

namespace Keygate.Licensing;

/// <summary>Whether a license equals its key at the issuer.</summary>
public enum SyncStatus
{
    /// <summary>It was never compared.</summary>
    NeverCompared,

    /// <summary>Nothing differs, or nothing that is not ignored.</summary>
    InSync,

    /// <summary>Something differs. The license stays usable.</summary>
    NotInSync,
}

/// <summary>How a license stands to its key at the issuer.</summary>
/// <param name="License">The license.</param>
/// <param name="KeyNumber">Its key; null where it has none.</param>
/// <param name="Status">Whether the two are the same.</param>
/// <param name="At">When they were last compared; null for never.</param>
/// <param name="Differences">What differs, one sentence each; ignored ones say why.</param>
public sealed record LicenseSync(LicenseId License, string? KeyNumber, SyncStatus Status, DateTimeOffset? At, IReadOnlyList<SyncDifference> Differences);

/// <summary>A comparison of many licenses with an issuer.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Issuer">The issuer plug-in.</param>
/// <param name="All">True where it goes over all of the issuer's licenses.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it came to its end; null while it is under way.</param>
/// <param name="Cancelled">True where a person ended it.</param>
/// <param name="Compared">Licenses that were compared.</param>
/// <param name="Differing">Of these, those that are not in sync.</param>
/// <param name="Strays">Live keys at the issuer that no license here has; only an issuer that lists its keys shows them.</param>
public sealed record SyncRunView(
    int Id, PluginId Issuer, bool All, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, bool Cancelled, int Compared, int Differing, int Strays)
{
    internal static SyncRunView Of(SyncRun run) =>
        new(run.Id, run.IssuerId, run.Ids is null, run.StartedAt, run.EndedAt, run.Cancelled, run.Compared, run.Differing, run.Strays);
}

/// <summary>A live key at an issuer that no license here has.</summary>
/// <param name="Id">Its number here.</param>
/// <param name="Issuer">The issuer plug-in.</param>
/// <param name="KeyNumber">The key.</param>
/// <param name="KeyType">Its key type; empty where the issuer does not tell.</param>
/// <param name="Features">Its features.</param>
/// <param name="FoundAt">When it was first seen.</param>
/// <param name="SeenAt">When it was last seen.</param>
/// <param name="Ignored">Why it is left alone; null where nobody said so.</param>
public sealed record StrayKey(
    int Id, PluginId Issuer, string KeyNumber, string KeyType, IReadOnlyList<string> Features, DateTimeOffset FoundAt, DateTimeOffset SeenAt, string? Ignored);
