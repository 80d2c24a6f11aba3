using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>A key as REST shows it.</summary>
public sealed record KeyView
{
    /// <summary>Full number with revision.</summary>
    public required string Number { get; init; }

    /// <summary>The client who owns it.</summary>
    public required ClientId ClientId { get; init; }

    /// <summary>Key type identifier.</summary>
    public required string KeyType { get; init; }

    /// <summary>Full name of the key type.</summary>
    public required string KeyTypeName { get; init; }

    /// <summary>Main or additional.</summary>
    public required KeyKind Kind { get; init; }

    /// <summary>Lease or purchase.</summary>
    public required BillingType Billing { get; init; }

    /// <summary>Identifiers of its features.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Numbers of the keys attached to it.</summary>
    public required IReadOnlyList<string> AdditionalKeys { get; init; }

    /// <summary>Number of the key it is attached to; null where there is none.</summary>
    public string? ParentKey { get; init; }

    /// <summary>Addresses by which it is found.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Activation code.</summary>
    public required string ActivationCode { get; init; }

    /// <summary>What it has to be activated for.</summary>
    public required ActivationRule Activation { get; init; }

    /// <summary>When it was activated; null while it is not, or has not to be.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>The hardware id or instance it is activated for.</summary>
    public string? ActivatedFor { get; init; }

    /// <summary>From this day the product asks for a fresh file.</summary>
    public required DateOnly UpdateDate { get; init; }

    /// <summary>First day without a valid file.</summary>
    public required DateOnly ExpirationDate { get; init; }

    /// <summary>End of software updates; null for a key without them.</summary>
    public DateOnly? SusDate { get; init; }

    /// <summary>True when the key server renews it by itself.</summary>
    public required bool AutoRenew { get; init; }

    /// <summary>True while its vendor has not given its license body.</summary>
    public required bool AwaitsVendor { get; init; }

    /// <summary>True when the key is marked as problem.</summary>
    public required bool Problem { get; init; }

    /// <summary>When it was terminated; null while it lives.</summary>
    public DateTimeOffset? TerminatedAt { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What happened to it; left out in lists.</summary>
    public IReadOnlyList<KeyMoment>? History { get; init; }
}

/// <summary>Something that happened to a key.</summary>
/// <param name="At">When.</param>
/// <param name="Act">What.</param>
/// <param name="Revision">The revision since then.</param>
/// <param name="Detail">More about it; may be empty.</param>
/// <param name="Actor">Who did it.</param>
public sealed record KeyMoment(DateTimeOffset At, string Act, int Revision, string Detail, string Actor);

/// <summary>A key with all that belongs to it, for the doors.</summary>
internal sealed record KeyDetails(KeyRow Key, KeyTypeItem? KeyType, IReadOnlyList<(string Id, string Name)> Features, IReadOnlyList<AddressRow> Addresses, KeyNumber? Parent)
{
    public IReadOnlyList<KeyDetails> Additional { get; init; } = [];

    /// <summary>The readable name of the key type; the identifier where the price list has lost it.</summary>
    public string KeyTypeName => KeyType?.Name ?? Key.KeyType;
}

/// <summary>Reads keys with all that belongs to them.</summary>
internal sealed class KeyReader(KeyStore store, PriceListStore priceLists)
{
    /// <summary>The key with the keys attached to it, which have none of their own.</summary>
    public async Task<KeyDetails> ReadAsync(Session session, KeyRow key, CancellationToken cancellation)
    {
        var parent = key.ParentId is { } parentId ? (await store.PageAsync(session, null, parentId, null, 1, cancellation)).Single().Number : (KeyNumber?)null;
        var details = await DetailsAsync(session, key, parent, cancellation);
        if (key.Kind is KeyKind.Additional or KeyKind.Feature)
        {
            return details;
        }

        var additional = new List<KeyDetails>();
        foreach (var attached in await store.AttachedAsync(session, key.Id, cancellation))
        {
            additional.Add(await DetailsAsync(session, attached, key.Number, cancellation));
        }

        return details with { Additional = additional };
    }

    public async Task<KeyView> ViewAsync(Session session, KeyRow key, CancellationToken cancellation)
    {
        var details = await ReadAsync(session, key, cancellation);
        var history = await store.HistoryAsync(session, key.Id, cancellation);
        return View(details) with { History = [.. history.Select(row => new KeyMoment(row.At, row.Act, row.Revision, row.Detail, row.Actor))] };
    }

    public async Task<KeyView> LineAsync(Session session, KeyRow key, CancellationToken cancellation) => View(await ReadAsync(session, key, cancellation));

    private async Task<KeyDetails> DetailsAsync(Session session, KeyRow key, KeyNumber? parent, CancellationToken cancellation)
    {
        var list = await priceLists.GetAsync(session, key.PriceListId, cancellation);
        var features = (await store.FeaturesAsync(session, key.Id, cancellation))
            .Select(row => (Id: row.Feature, Item: list.Feature(row.Feature)))
            .OrderBy(f => f.Item?.Sort ?? int.MaxValue).ThenBy(f => f.Id, StringComparer.Ordinal)
            .Select(f => (f.Id, f.Item?.Name ?? f.Id)).ToList();
        return new KeyDetails(key, list.KeyType(key.KeyType), features, await store.AddressesAsync(session, key.Id, cancellation), parent);
    }

    private static KeyView View(KeyDetails details) => new()
    {
        Number = details.Key.Number.ToString(),
        ClientId = details.Key.ClientId,
        KeyType = details.Key.KeyType,
        KeyTypeName = details.KeyTypeName,
        Kind = details.Key.Kind,
        Billing = details.Key.Billing,
        Features = [.. details.Features.Select(f => f.Id)],
        AdditionalKeys = [.. details.Additional.Select(a => a.Key.Number.ToString())],
        ParentKey = details.Parent?.ToString(),
        Addresses = [.. details.Addresses.Select(a => a.Address).Distinct(StringComparer.Ordinal)],
        ActivationCode = details.Key.ActivationCode,
        Activation = details.Key.Activation,
        ActivatedAt = details.Key.ActivatedAt,
        ActivatedFor = details.Key.ActivatedFor,
        UpdateDate = details.Key.UpdateDate,
        ExpirationDate = details.Key.ExpirationDate,
        SusDate = details.Key.SusDate,
        AutoRenew = details.Key.AutoRenew,
        AwaitsVendor = details.Key.AwaitsVendor,
        Problem = details.Key.Problem,
        TerminatedAt = details.Key.TerminatedAt,
        CreatedAt = details.Key.CreatedAt,
    };
}
