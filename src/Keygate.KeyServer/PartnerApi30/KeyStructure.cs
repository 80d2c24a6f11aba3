using Keygate.Storage;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>A key with all that its structure says.</summary>
internal sealed record KeyStructure(
    KeyRow Key, PriceList List, IReadOnlyList<KeyFeatureRow> Features, IReadOnlyList<KeyItemRow> Lines, KeyRow? Parent, IReadOnlyList<KeyRow> Children,
    string? BoundAddress, bool OwnerSuspended, DateOnly Today)
{
    /// <summary>Its items as they are shown, the base license first.</summary>
    public IReadOnlyList<ShownItem> Items { get; } = ShownItem.Of(List, Key, Features, Lines);
}

/// <summary>Reads keys with all that their structures say.</summary>
internal sealed class KeyStructures(KeyStore store, ClientStore clients, PriceListStore priceLists, TimeProvider time)
{
    public async Task<KeyStructure> ReadAsync(Session session, KeyRow key, CancellationToken cancellation) => new(
        key,
        await priceLists.GetAsync(session, key.PriceListId, cancellation),
        await store.FeaturesAsync(session, key.Id, cancellation),
        await store.ItemsAsync(session, key.Id, cancellation),
        key.ParentId is { } parent ? await store.FindAsync(session, KeyName.Of(parent), cancellation) : null,
        await store.AttachedAsync(session, key.Id, cancellation),
        await store.FindBindingAsync(session, key.Id, cancellation),
        (await clients.FindAsync(session, key.ClientId, cancellation))?.Problem ?? false,
        time.Utc());

    /// <summary>The answer that shows a key as it was just made by itself, without asking for what was written.</summary>
    public RestAnswer Answer(PlainKey made, PriceList list) => new() { Json = KeyWire.Full(new KeyStructure(made.Row, list, made.Features, made.Lines, null, [], null, false, time.Utc())) };

    /// <summary>The key of a name; null where there is none.</summary>
    public async Task<KeyId?> FindAsync(Session session, KeyName name, CancellationToken cancellation) => (await store.FindAsync(session, name, cancellation))?.Id;

    /// <summary>The answer of a command that returns the key's state where it is asked for, and otherwise nothing (reference 2).</summary>
    public async Task<RestAnswer> AnswerAsync(Session session, KeyId key, bool returnsState, CancellationToken cancellation) =>
        returnsState && await store.FindAsync(session, KeyName.Of(key), cancellation) is { } row
            ? new RestAnswer { Json = KeyWire.Full(await ReadAsync(session, row, cancellation)) }
            : RestAnswer.Empty;
}
