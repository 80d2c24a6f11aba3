using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>Compares many licenses with what their issuer showed, in few questions, and writes down what changed.</summary>
internal sealed class SyncComparing(SyncStore store, CatalogReader catalog, OfferReader offers)
{
    public SyncStore Store => store;

    /// <summary>Compares and records; the number of licenses that are not in sync.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="issuer">The issuer of all of them.</param>
    /// <param name="pairs">Licenses with what the issuer showed for each, or with why it showed none.</param>
    /// <param name="every">True to record each; false to record those that are not in sync and those that were not.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task<int> CompareAsync(Tx tx, PluginId issuer, IReadOnlyList<(KeyRow License, ShownKey? Shown, string? Cause)> pairs, bool every, CancellationToken cancellation)
    {
        if (pairs.Count == 0)
        {
            return 0;
        }

        IReadOnlyList<LicenseId> ids = [.. pairs.Select(p => p.License.Id)];
        var optional = await OptionalAsync(tx, issuer, cancellation);
        var addOns = (await store.AddOnsAsync(tx, [.. pairs.Where(p => p.License.ParentId is null).Select(p => p.License.Id)], cancellation)).ToLookup(a => a.ParentId!.Value);
        var decisions = (await store.DecisionsAsync(tx, ids, cancellation)).ToLookup(d => d.LicenseId);
        var before = every ? null : await store.OutAsync(tx, ids, cancellation);
        var differing = 0;
        foreach (var (license, shown, cause) in pairs)
        {
            var ours = new Compared(Of(license), Features(license), [.. addOns[license.Id].Select(Of)], optional(license.KeyType));
            var found = Decided(shown is null ? [SyncRules.Unknown(license.KeyNumber, cause!)] : SyncRules.Compare(ours, shown), decisions[license.Id]);
            var inSync = found.All(d => d.Ignored is not null);
            differing += inSync ? 0 : 1;
            if (every || !inSync || found.Count > 0 || before!.Contains(license.Id))
            {
                await store.RecordAsync(tx, license.Id, inSync, shown, found, cancellation);
            }
        }

        return differing;
    }

    // What a person took over is the same now; what he ignored is told with his reason, as long as the issuer has the same.
    public static IReadOnlyList<SyncDifference> Decided(IReadOnlyList<SyncDifference> found, IEnumerable<DecisionRow> decisions)
    {
        if (found.Count == 0)
        {
            return found;
        }

        var made = decisions.ToDictionary(d => d.Field, StringComparer.Ordinal);
        return [.. found.Select(d => (Difference: d, Decision: made.GetValueOrDefault(d.Subject) is { } decision && decision.Theirs == d.Theirs ? decision : null))
            .Where(d => d.Decision?.Decision != nameof(SyncCure.Take))
            .Select(d => d.Decision is null ? d.Difference : d.Difference with { Ignored = $"{d.Decision.Reason} ({d.Decision.Actor}, {d.Decision.At:yyyy-MM-dd})" })];
    }

    // A feature that a key has from the start was never ordered, and is no difference. Where the issuer tells no rules, only features that the class can be ordered with count.
    private async Task<Func<string, IReadOnlySet<string>>> OptionalAsync(Session session, PluginId issuer, CancellationToken cancellation)
    {
        var view = await catalog.GetAsync(session, cancellation);
        var rules = (await offers.FindAsync(session, issuer, cancellation)).TryGet(out var offer, out _) ? offer.Rules : null;
        var known = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        return keyType =>
        {
            if (!known.TryGetValue(keyType, out var features))
            {
                var included = rules?.KeyTypes.FirstOrDefault(k => k.Id == keyType)?.Included ?? [];
                features = view.FeaturesOf(keyType).Select(f => f.Id).Except(included, StringComparer.OrdinalIgnoreCase).ToHashSet(StringComparer.OrdinalIgnoreCase);
                known[keyType] = features;
            }

            return features;
        };
    }

    private static License Of(KeyRow row) => new()
    {
        Id = row.Id, ParentId = row.ParentId, KeyType = row.KeyType, BillTypeName = row.BillTypeName, KeyNumber = row.KeyNumber, ExpirationDate = row.ExpirationDate,
        UpdateDate = row.UpdateDate, TerminatedAt = row.TerminatedAt, SuspendedAt = row.SuspendedAt, Ordered = row.Ordered,
    };

    // Most requests name few features: reading that one member costs less than the whole request.
    private static IReadOnlyList<string> Features(KeyRow row)
    {
        if (row.Features is { } changed)
        {
            return Json.Read<List<string>>(changed);
        }

        if (row.ParentId is not null || !row.Request.Contains("\"features\":[\"", StringComparison.Ordinal))
        {
            return [];
        }

        return Json.Read<Requested>(row.Request).Features;
    }

    private sealed record Requested(IReadOnlyList<string> Features);
}
