using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;

namespace Keygate.Plugins;

/// <summary>What the agreement with an issuer covers, ticked by a person.</summary>
public sealed record SelectOfferRequest
{
    /// <summary>Identifiers of the key types, main and additional.</summary>
    public IReadOnlyList<string> KeyTypes { get; init; } = [];

    /// <summary>Identifiers of the features and upgrade plans.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];
}

/// <summary>
/// Ticks what is sold through an issuer without a connection, which cannot tell it itself. Nothing is ticked at first; what is not named is not ticked any more.
/// </summary>
public sealed class SelectOffer
{
    private const int CodeLengthMax = 255, CodesMax = 10_000;

    private readonly PluginStore _plugins;
    private readonly OfferStore _offers;
    private readonly OfferReader _reader;
    private readonly PluginKinds _kinds;
    private readonly Audit _audit;

    internal SelectOffer(PluginStore plugins, OfferStore offers, OfferReader reader, PluginKinds kinds, Audit audit) =>
        (_plugins, _offers, _reader, _kinds, _audit) = (plugins, offers, reader, kinds, audit);

    /// <summary>In this order: the plug-in exists, it is an issuer without a connection, the identifiers can be some. May be repeated.</summary>
    public async Task<Result<PluginOffer>> HandleAsync(Tx tx, PluginId id, SelectOfferRequest request, Actor actor, CancellationToken cancellation)
    {
        if (await _plugins.FindForUpdateAsync(tx, id, cancellation) is not { } row)
        {
            return PluginHost.NotFound(id);
        }

        if (!_kinds.Find(row.Kind).TryGet(out var kind, out _) || !kind.Manifest.ByHand)
        {
            return PluginsErrors.OfferNotByHand.Because($"'{row.Name}' is of the kind {row.Kind}, whose issuer lists itself what its account offers.");
        }

        var (keyTypes, features) = (Codes(request.KeyTypes), Codes(request.Features));
        if (Error.Of([.. Faults(keyTypes, "keyTypes"), .. Faults(features, "features")]) is { } faults)
        {
            return faults;
        }

        await _offers.RecordAsync(tx, id, row.Version, OfferKind.Ticked, new IssuerOffer(keyTypes, features), cancellation);
        await _audit.AddAsync(tx, actor, "plugin.offer-selected", id.Subject, $"{keyTypes.Count} key types, {features.Count} features", cancellation);
        return await _reader.ShowAsync(tx, id, cancellation);
    }

    private static IReadOnlyList<string> Codes(IReadOnlyList<string>? given) => [.. (given ?? []).Select(code => code?.Trim() ?? "").Distinct(StringComparer.Ordinal)];

    private static IEnumerable<Error> Faults(IReadOnlyList<string> codes, string field) => codes.Count > CodesMax
        ? [PluginsErrors.OfferInvalid.Because($"{codes.Count} identifiers are more than {CodesMax}.").At(field)]
        : codes.Where(code => code.Length is 0 or > CodeLengthMax || code.Any(char.IsControl)).Take(1)
            .Select(code => PluginsErrors.OfferInvalid.Because($"'{code}' is no identifier.").At(field));
}
