using System.Data.Common;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Plugins;

/// <summary>A plug-in to be added.</summary>
public sealed record AddPluginRequest
{
    /// <summary>Its name, unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its kind, one of <see cref="PluginKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Settings by name; what is left out takes its default.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Its limits; the defaults where they are left out.</summary>
    public PluginLimits? Limits { get; init; }

    /// <summary>What the other side charges; null where that is not known.</summary>
    public PluginCosts? Costs { get; init; }
}

/// <summary>Adds a plug-in. Nothing is called: test it afterwards. What an issuer offers is listed in the background.</summary>
public sealed class AddPlugin
{
    private readonly PluginStore _store;
    private readonly PluginKinds _kinds;
    private readonly PluginReader _reader;
    private readonly Lanes _lanes;
    private readonly WorkQueue _queue;
    private readonly OfferStore _offers;
    private readonly Audit _audit;

    internal AddPlugin(PluginStore store, PluginKinds kinds, PluginReader reader, Lanes lanes, WorkQueue queue, OfferStore offers, Audit audit) =>
        (_store, _kinds, _reader, _lanes, _queue, _offers, _audit) = (store, kinds, reader, lanes, queue, offers, audit);

    /// <summary>All faults of name, settings, limits and costs come back at once; then the name must be free.</summary>
    public async Task<Result<Plugin>> HandleAsync(Tx tx, AddPluginRequest request, Actor actor, CancellationToken cancellation)
    {
        var name = request.Name?.Trim() ?? "";
        var limits = request.Limits ?? new PluginLimits();
        var costs = request.Costs is { KeyTypes.Count: 0 } ? null : request.Costs;
        var faults = PluginNames.Faults(name).Concat(limits.Faults(costs)).ToList();
        if (!_kinds.Find(request.Kind).TryGet(out var kind, out var unknown))
        {
            return Error.Of([unknown, .. faults])!;
        }

        faults.AddRange(kind.Check(request.Settings ?? new Dictionary<string, string?>(), new Dictionary<string, string>(), out var settings));
        if (Error.Of(faults) is { } error)
        {
            return error;
        }

        if (await _store.NameTakenAsync(tx, name, default, cancellation))
        {
            return PluginNames.Taken(name);
        }

        try
        {
            var id = await _store.InsertAsync(tx, name, request.Kind, settings, limits, costs, cancellation);
            await _lanes.SetAsync(tx, limits.LaneOf(id), cancellation);
            await _audit.AddAsync(tx, actor, "plugin.added", id.Subject, $"{name}, {request.Kind}", cancellation);
            if (kind.Manifest.ByHand)
            {
                // There is nobody to ask: nothing is ticked.
                await _offers.RecordAsync(tx, id, 1, OfferKind.Ticked, new IssuerOffer([], []), cancellation);
            }

            var added = (await _reader.FindAsync(tx, id, cancellation))!;
            if (added.Status == PluginStatus.NotConfigured)
            {
                await FetchOfferProcess.StartAsync(tx, _queue, id, cancellation);
            }

            return added;
        }
        catch (DbException e) when (tx.Dialect.IsUniqueViolation(e))
        {
            // Somebody else took the name between the question and the act.
            return PluginNames.Taken(name);
        }
    }
}

internal static class PluginNames
{
    public static IEnumerable<Error> Faults(string name) => name.Length is > 0 and <= 100 && !name.Any(char.IsControl)
        ? []
        : [PluginsErrors.NameInvalid.Because(name.Length == 0 ? "The name is missing." : "The name is longer than 100 characters or has line breaks.").At("name")];

    public static Error Taken(string name) => PluginsErrors.NameTaken.Because($"There is a plug-in '{name}' already.").At("name");
}
