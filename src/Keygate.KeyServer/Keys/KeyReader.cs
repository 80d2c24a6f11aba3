using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

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

    /// <summary>How it stands on a day, in one word; the first that holds, in the order of <see cref="KeyState"/> from its end.</summary>
    public KeyState StateOn(DateOnly today) =>
        TerminatedAt is not null ? KeyState.Terminated
        : Problem ? KeyState.Suspended
        : Billing == BillingType.Lease && ExpirationDate <= today ? KeyState.Expired
        : AwaitsVendor ? KeyState.AwaitsVendor
        : Activation != ActivationRule.None && ActivatedAt is null ? KeyState.NotActivated
        : KeyState.Active;
}

/// <summary>How a key stands.</summary>
public enum KeyState
{
    /// <summary>Its file can be had.</summary>
    Active,

    /// <summary>Waits for its activation.</summary>
    NotActivated,

    /// <summary>Waits for its vendor's license body.</summary>
    AwaitsVendor,

    /// <summary>A lease that was not renewed in time. Ended by a renewal.</summary>
    Expired,

    /// <summary>Marked as problem. Ended when it is resumed.</summary>
    Suspended,

    /// <summary>Ended for good.</summary>
    Terminated,
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

/// <summary>Reads keys with all that belongs to them: of one or of many in one round trip, and a second one where keys are attached.</summary>
internal sealed class KeyReader
{
    private readonly KeyStore _store;
    private readonly PriceListStore _priceLists;
    private readonly ReadTogether<KeyId, KeyDetails> _together;

    public KeyReader([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyStore store, PriceListStore priceLists)
    {
        (_store, _priceLists) = (store, priceLists);
        _together = new(database, async (s, numbers, cancellation) =>
        {
            int[] ids = [.. numbers.Select(number => number.Value)];
            var keys = store.Ask(s, ids, cancellation);
            return (await DetailsAsync(s, ids, keys.AllAsync, cancellation)).ToDictionary(details => details.Key.Id);
        });
    }

    /// <summary>The key of a number with the keys attached to it, whoever owns it; null where there is none. Read together with what others ask for.</summary>
    public Task<KeyDetails?> FindAsync(KeyId number, CancellationToken cancellation) => _together.FindAsync(number, cancellation);

    /// <summary>The key with the keys attached to it, which have none of their own.</summary>
    public async Task<KeyDetails> ReadAsync(Session session, KeyRow key, CancellationToken cancellation) => (await ReadAsync(session, [key], cancellation))[0];

    /// <summary>The same of several, in their order.</summary>
    public Task<List<KeyDetails>> ReadAsync(Session session, List<KeyRow> keys, CancellationToken cancellation) =>
        DetailsAsync(session, [.. keys.Select(key => key.Id.Value)], () => Task.FromResult(keys), cancellation);

    public async Task<KeyView> ViewAsync(Session session, KeyRow key, CancellationToken cancellation)
    {
        var details = await ReadAsync(session, key, cancellation);
        var history = await _store.HistoryAsync(session, key.Id, cancellation);
        return View(details) with { History = [.. history.Select(row => new KeyMoment(row.At, row.Act, row.Revision, row.Detail, row.Actor))] };
    }

    /// <summary>Several keys as lines of a list.</summary>
    public async Task<IReadOnlyList<KeyView>> LinesAsync(Session session, List<KeyRow> keys, CancellationToken cancellation) =>
        [.. (await ReadAsync(session, keys, cancellation)).Select(View)];

    private async Task<List<KeyDetails>> DetailsAsync(Session session, int[] ids, Func<Task<List<KeyRow>>> rows, CancellationToken cancellation)
    {
        var (attachedTo, belongings) = (_store.AskAttached(session, ids, cancellation), Ask(session, ids, cancellation));
        var keys = await rows();
        var attached = (await attachedTo.AllAsync()).ToLookup(key => key.ParentId!.Value);
        var contents = await ReadAsync(session, belongings, cancellation);

        var parents = keys.Select(key => key.ParentId).OfType<KeyId>().ToHashSet();
        var children = keys.Where(HasOwn).SelectMany(key => attached[key.Id]).ToList();
        if (parents.Count + children.Count == 0)
        {
            return keys.ConvertAll(key => contents.Of(key, null));
        }

        var parentRows = _store.Ask(session, [.. parents.Select(parent => parent.Value)], cancellation);
        var theirs = await ReadAsync(session, Ask(session, [.. children.Select(key => key.Id.Value)], cancellation), cancellation);
        var names = (await parentRows.AllAsync()).ToDictionary(key => key.Id, key => key.Number);
        return keys.ConvertAll(key => contents.Of(key, key.ParentId is { } parent ? names[parent] : null) with
        {
            Additional = HasOwn(key) ? [.. attached[key.Id].Select(child => theirs.Of(child, key.Number))] : [],
        });
    }

    private static bool HasOwn(KeyRow key) => key.Kind is not (KeyKind.Additional or KeyKind.Feature);

    private Belongings Ask(Session session, int[] keys, CancellationToken cancellation) => new(
        _store.AskFeatures(session, keys, cancellation), _store.AskAddresses(session, keys, cancellation), _priceLists.AskVersions(session, keys, cancellation));

    private async Task<Contents> ReadAsync(Session session, Belongings asked, CancellationToken cancellation)
    {
        var lists = new Dictionary<PriceListId, PriceList>();
        foreach (var list in await asked.Versions.AllAsync())
        {
            lists[list.Id] = await _priceLists.GetAsync(session, list.Id, list.Version, cancellation);
        }

        return new Contents(lists, (await asked.Features.AllAsync()).ToLookup(row => row.KeyId), (await asked.Addresses.AllAsync()).ToLookup(row => row.KeyId));
    }

    /// <summary>What belongs to keys, asked for.</summary>
    private sealed record Belongings(Question<FeatureOfKey> Features, Question<AddressOfKey> Addresses, Question<PriceListVersion> Versions);

    /// <summary>What belongs to keys.</summary>
    private sealed record Contents(Dictionary<PriceListId, PriceList> Lists, ILookup<KeyId, FeatureOfKey> Features, ILookup<KeyId, AddressOfKey> Addresses)
    {
        public KeyDetails Of(KeyRow key, KeyNumber? parent)
        {
            var list = Lists[key.PriceListId];
            var features = Features[key.Id].Select(row => (Id: row.Feature, Item: list.Feature(row.Feature)))
                .OrderBy(f => f.Item?.Sort ?? int.MaxValue).ThenBy(f => f.Id, StringComparer.Ordinal)
                .Select(f => (f.Id, f.Item?.Name ?? f.Id)).ToList();
            var addresses = Addresses[key.Id].Select(row => new AddressRow { Source = row.Source, Address = row.Address }).ToList();
            return new KeyDetails(key, list.KeyType(key.KeyType), features, addresses, parent);
        }
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
