using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What a key gives: its type, its features, the end of its software updates.</summary>
/// <param name="KeyType">The key type.</param>
/// <param name="Features">The features.</param>
/// <param name="Sus">The end of software updates; null for a key without them.</param>
internal sealed record KeyContent(KeyTypeItem KeyType, IReadOnlyList<OrderedFeature> Features, DateOnly? Sus)
{
    /// <summary>Additional key types that came with features just added; their keys are still to be made.</summary>
    public IReadOnlyList<KeyTypeItem> Brought { get; init; } = [];

    public OrderedFeature? Feature(string id) => Features.FirstOrDefault(f => f.Id == id);

    /// <summary>The same content without a feature.</summary>
    public KeyContent Without(string id) => this with { Features = [.. Features.Where(f => f.Id != id)] };

    /// <summary>The same content with a further feature.</summary>
    public KeyContent With(OrderedFeature feature) => this with { Features = [.. Features, feature] };
}

/// <summary>A key whose content is about to change, with all that the change depends on.</summary>
/// <param name="Key">The key, held.</param>
/// <param name="List">The price list it was ordered from.</param>
/// <param name="Owner">Its client.</param>
/// <param name="Attached">The living keys attached to it.</param>
/// <param name="Content">What it gives now.</param>
internal sealed record HeldContent(KeyRow Key, PriceList List, ClientTerms Owner, IReadOnlyList<KeyRow> Attached, KeyContent Content);

/// <summary>A key after a change of its content.</summary>
/// <param name="Key">The key as it is now.</param>
/// <param name="IsChanged">False when it was so already.</param>
/// <param name="Made">Additional keys that came with it.</param>
internal sealed record ChangedContent(KeyRow Key, bool IsChanged, IReadOnlyList<KeyRow> Made);

/// <summary>Reads and writes what keys give. Every change is one revision.</summary>
internal sealed class KeyContents(KeyStore store, PriceListStore priceLists, ClientStore clients, CreateKeyHandler createKey, VendorActs vendors, TimeProvider time)
{
    public async Task<HeldContent> ReadAsync(Session session, KeyRow key, CancellationToken cancellation)
    {
        var list = await priceLists.GetAsync(session, key.PriceListId, cancellation);
        var keyType = list.KeyType(key.KeyType) ?? throw new InvalidOperationException($"The price list of {key.Number} has lost its key type {key.KeyType}.");
        var features = (await store.FeaturesAsync(session, key.Id, cancellation)).Select(row => new OrderedFeature(
            list.Feature(row.Feature) ?? throw new InvalidOperationException($"The price list of {key.Number} has lost its feature {row.Feature}."), row.Billing) { Quantity = row.Quantity }).ToList();
        var owner = await clients.FindAsync(session, key.ClientId, cancellation) ?? throw new InvalidOperationException($"The client of {key.Number} is gone.");
        var attached = (await store.AttachedAsync(session, key.Id, cancellation)).Where(k => !k.IsTerminated).ToList();
        return new HeldContent(key, list, owner.Terms, attached, new KeyContent(keyType, features, key.SusDate));
    }

    /// <summary>Writes what has changed, makes the keys that come with it, and raises the revision; nothing where nothing has changed. Of a vendor's key it is written when he has answered.</summary>
    public async Task<Keygate.Kernel.Result<ChangedContent>> WriteAsync(
        Tx tx, HeldContent held, KeyContent after, string act, string detail, KeyCaller caller, CancellationToken cancellation)
    {
        var (key, before) = (held.Key, held.Content);
        if (before.KeyType.Id == after.KeyType.Id && before.Sus == after.Sus && !Lacking(before, after).Any() && !Lacking(after, before).Any())
        {
            return new ChangedContent(key, IsChanged: false, []);
        }

        if (key.Revision == KeyNumber.RevisionMax)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{key.Number} has had all its revisions.");
        }

        // The vendor's license body belongs to what the key gives: both change together.
        return key.VendorId is null ? await ApplyAsync(tx, held, after, act, detail, caller, cancellation)
            : await vendors.UpgradeAsync(tx, key, after, act, detail, caller.Name, cancellation) is { } unasked ? unasked
            : new ChangedContent(key, IsChanged: true, []);
    }

    /// <summary>The same without asking anybody.</summary>
    public async Task<Keygate.Kernel.Result<ChangedContent>> ApplyAsync(
        Tx tx, HeldContent held, KeyContent after, string act, string detail, KeyCaller caller, CancellationToken cancellation)
    {
        var (key, before) = (held.Key, held.Content);
        var (removed, added) = (Lacking(before, after).ToList(), Lacking(after, before).ToList());
        var now = time.GetUtcNow();
        foreach (var feature in removed)
        {
            await store.RemoveFeatureAsync(tx, key.Id, feature.Id, cancellation);
        }

        await store.AddFeaturesAsync(tx, key.Id, [.. added.Select(f => new KeyFeatureRow { Feature = f.Id, Billing = f.Billing == key.Billing ? null : f.Billing, Quantity = f.Quantity })], cancellation);
        // What was paid stays; from the next term on the key goes by its new type.
        var changed = key with
        {
            Revision = key.Revision + 1, KeyType = after.KeyType.Id, Activation = after.KeyType.Activation, SusDate = after.Sus, ChangedAt = now,
            Terms = before.KeyType.Id == after.KeyType.Id ? key.Terms : key.Dates.In(after.KeyType.Period).Terms,
        };
        await store.SetContentAsync(tx, changed, now, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision + 1, act, detail, caller.Name, now, cancellation);
        return (await createKey.BringAsync(tx, changed, held.Owner, held.List, after.Brought, caller, cancellation)).TryGet(out var made, out var refused)
            ? new ChangedContent(changed, IsChanged: true, made)
            : refused;
    }

    // The features of one content that the other does not have in the same number.
    private static IEnumerable<OrderedFeature> Lacking(KeyContent content, KeyContent other) => content.Features.Where(f => other.Feature(f.Id)?.Quantity != f.Quantity);
}
