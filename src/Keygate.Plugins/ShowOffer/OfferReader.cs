using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;

namespace Keygate.Plugins;

/// <summary>Reads what issuers offer, as it was last seen.</summary>
public sealed class OfferReader
{
    private readonly PluginStore _plugins;
    private readonly OfferStore _offers;

    internal OfferReader(PluginStore plugins, OfferStore offers) => (_plugins, _offers) = (plugins, offers);

    /// <summary>The offer of an issuer with its latest changes and the answer as it came.</summary>
    public async Task<Result<PluginOffer>> ShowAsync(Session session, PluginId id, CancellationToken cancellation)
    {
        if (!(await FindAsync(session, id, cancellation)).TryGet(out var offer, out var error))
        {
            return error;
        }

        return offer with { Changes = await _offers.ChangesAsync(session, id, cancellation) };
    }

    /// <summary>The offer of an issuer without its changes.</summary>
    public async Task<Result<PluginOffer>> FindAsync(Session session, PluginId id, CancellationToken cancellation)
    {
        if (await _plugins.FindAsync(session, id, cancellation) is not { } row)
        {
            return PluginHost.NotFound(id);
        }

        if (!row.IsIssuer)
        {
            return PluginsErrors.NotAnIssuer.Because($"'{row.Name}' is of the kind {row.Kind}.");
        }

        var text = await _offers.TextAsync(session, id, cancellation);
        return new PluginOffer
        {
            Plugin = id, Name = row.Name, Status = row.Status, Kind = row.OfferKind is { } kind ? Enum.Parse<OfferKind>(kind) : null, At = row.OfferAt, TriedAt = row.OfferTriedAt,
            Cause = row.OfferCause, Remedy = row.OfferRemedy, Raw = text?.Raw ?? "", Rules = text?.Rules is { } rules ? Json.Read<OfferRules>(rules) : null,
            Items = [.. (await _offers.ItemsAsync(session, id, cancellation)).Select(i => new OfferItem(Enum.Parse<OfferItemKind>(i.Kind), i.Code, i.Since, i.ChangedAt, i.WithdrawnAt))],
        };
    }

    /// <summary>
    /// Which of some key types and features an issuer offered once and no longer does; a question. What it never offered was refused before it could be sold.
    /// </summary>
    public Question<string> AskWithdrawn(Session session, PluginId id, IReadOnlyList<string> codes, CancellationToken cancellation) =>
        OfferStore.AskWithdrawn(session, id, codes, cancellation);

    /// <summary>Which of some key types and features an issuer does not offer now; empty while nobody knows what it offers.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(Session session, PluginId id, IReadOnlyList<string> keyTypes, IReadOnlyList<string> features, CancellationToken cancellation) =>
        await _plugins.FindAsync(session, id, cancellation) is { OfferKind: nameof(OfferKind.Listed) or nameof(OfferKind.Ticked) }
            && (await FindAsync(session, id, cancellation)).TryGet(out var offer, out _)
            ? [.. keyTypes.Where(k => !offer.Holds(OfferItemKind.KeyType, k)), .. features.Where(f => !offer.Holds(OfferItemKind.Feature, f))]
            : [];

    internal async Task<IssuerOffer> TickedAsync(Session session, PluginId id, CancellationToken cancellation)
    {
        var items = (await _offers.ItemsAsync(session, id, cancellation)).Where(i => i.WithdrawnAt is null).ToLookup(i => i.Kind, i => i.Code);
        return new IssuerOffer([.. items[nameof(OfferItemKind.KeyType)]], [.. items[nameof(OfferItemKind.Feature)]]);
    }
}
