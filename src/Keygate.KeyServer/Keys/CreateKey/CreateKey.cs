using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What a key is activated for at creation; its key type decides which of the two counts.</summary>
internal sealed record ActivationInput(string? HardwareId, string? Instance)
{
    public static readonly ActivationInput None = new(null, null);

    /// <summary>The identifier that a key type asks for; null where none was given or none is asked for.</summary>
    public string? For(ActivationRule rule) => rule switch
    {
        ActivationRule.HardwareId => HardwareId,
        ActivationRule.Instance => Instance,
        _ => null,
    };
}

/// <summary>An order of a key.</summary>
internal sealed record CreateKeyRequest
{
    /// <summary>Who will own the key.</summary>
    public required ClientTerms Client { get; init; }

    public required KeyOrder Order { get; init; }

    /// <summary>IP and MAC addresses in the one spelling that they are stored in.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The existing key that an additional one is attached to.</summary>
    public KeyName? Parent { get; init; }

    /// <summary>How many of each countable feature; what is missing is ordered once.</summary>
    public IReadOnlyDictionary<string, int> Quantities { get; init; } = new Dictionary<string, int>();

    public ActivationInput Activation { get; init; } = ActivationInput.None;

    /// <summary>One set of data serves all additional keys of the order.</summary>
    public ActivationInput AdditionalActivation { get; init; } = ActivationInput.None;
}

/// <summary>Keys that were made.</summary>
/// <param name="Key">The key asked for.</param>
/// <param name="Additional">The keys made and attached with it.</param>
/// <param name="Parent">The existing key it was attached to; null where there is none.</param>
internal sealed record CreatedKey(KeyRow Key, IReadOnlyList<KeyRow> Additional, KeyRow? Parent);

/// <summary>
/// Makes a key, with the additional keys of its order, in the caller's transaction: all or nothing. <b>Not repeatable</b>: calls are never merged,
/// each makes a key.
/// </summary>
internal sealed class CreateKeyHandler(KeyStore store, KeyAccess access, PriceListStore priceLists, VendorActs vendors, Chance chance, TimeProvider time)
{
    public async Task<Result<CreatedKey>> HandleAsync(Tx tx, CreateKeyRequest request, PriceList list, KeyCaller caller, CancellationToken cancellation)
    {
        KeyRow? parent = null;
        if (request.Parent is { } parentName)
        {
            if (!(await access.HoldAsync(tx, parentName, caller, cancellation)).TryGet(out parent, out var refusal))
            {
                return refusal;
            }

        }

        if ((Standing(request.Client) ?? (parent is null ? null : KeyAccess.Changeable(parent))) is { } state)
        {
            return state;
        }

        var buyer = request.Client.Buyer(caller, time.Utc());
        if (!OrderRules.Check(list, request.Order, buyer).TryGet(out var order, out var bad))
        {
            return bad;
        }

        if (parent is not null && await UnfitAsync(tx, parent, order, request.Client, buyer, cancellation) is { } unfit)
        {
            return unfit;
        }

        var making = new Making(tx, request, list.Id, order.Billing, caller, cancellation);
        if (!(await AddAsync(making, order.KeyType, order.Features, parent?.Id, request.Activation)).TryGet(out var key, out var refused))
        {
            return refused;
        }

        var additional = new List<KeyRow>();
        foreach (var keyType in order.Additional.Concat(order.Brought))
        {
            var features = keyType.Features.Select(list.Feature).OfType<FeatureItem>().Select(f => new OrderedFeature(f, null)).ToList();
            if (!(await AddAsync(making, keyType, features, key.Id, request.AdditionalActivation)).TryGet(out var one, out refused))
            {
                return refused;
            }

            additional.Add(one);
        }

        return await vendors.PurchaseAsync(tx, [key, .. additional], caller.Name, cancellation) is { } unasked ? unasked : new CreatedKey(key, additional, parent);
    }

    /// <summary>
    /// An order whose key needs nothing but rows of its own, judged as <see cref="HandleAsync"/> does; null for any other: one with a parent, further keys, an activation or a vendor.
    /// </summary>
    public Result<PlainKey>? Plain(CreateKeyRequest request, PriceList list, KeyCaller caller)
    {
        if (request.Parent is not null || request.Order.Additional.Count > 0)
        {
            return null;
        }

        if (Standing(request.Client) is { } state)
        {
            return state;
        }

        if (!OrderRules.Check(list, request.Order, request.Client.Buyer(caller, time.Utc())).TryGet(out var order, out var bad))
        {
            return bad;
        }

        if (order.Brought.Count > 0 || order.KeyType is not { Activation: ActivationRule.None, Vendor: null })
        {
            return null;
        }

        return new PlainKey(
            RowOf(request, list.Id, order.Billing, order.KeyType, null, null, null, time.GetUtcNow()), FeaturesOf(request, order.Features), request.Addresses, DetailOf(order.KeyType, order.Billing),
            caller.Name);
    }

    /// <summary>Makes and attaches the additional keys that come with a feature added later.</summary>
    public async Task<Result<IReadOnlyList<KeyRow>>> BringAsync(
        Tx tx, KeyRow parent, ClientTerms owner, PriceList list, IReadOnlyList<KeyTypeItem> keyTypes, KeyCaller caller, CancellationToken cancellation)
    {
        var request = new CreateKeyRequest { Client = owner, Order = new KeyOrder(parent.KeyType, [], [], parent.Billing) };
        var making = new Making(tx, request, list.Id, parent.Billing, caller, cancellation);
        var made = new List<KeyRow>();
        foreach (var keyType in keyTypes)
        {
            var features = keyType.Features.Select(list.Feature).OfType<FeatureItem>().Select(f => new OrderedFeature(f, null)).ToList();
            if (!(await AddAsync(making, keyType, features, parent.Id, ActivationInput.None)).TryGet(out var key, out var refused))
            {
                return refused;
            }

            made.Add(key);
        }

        foreach (var key in made)
        {
            if (await vendors.PurchaseAsync(tx, [key], caller.Name, cancellation) is { } unasked)
            {
                return unasked;
            }
        }

        return made;
    }

    private static Error? Standing(ClientTerms client) =>
        client.Problem ? KeyServerErrors.ClientIsProblem.Because($"The account of {client.Login} is marked as problem.")
        : client.Confirmed ? null
        : KeyServerErrors.ClientUnconfirmed.Because($"The account of {client.Login} is unconfirmed.");

    private async Task<Error?> UnfitAsync(Tx tx, KeyRow parent, CheckedOrder order, ClientTerms client, Buyer buyer, CancellationToken cancellation)
    {
        if (order.KeyType.Type is not (KeyKind.Additional or KeyKind.Feature))
        {
            return KeyServerErrors.NotAdditional.Because($"{order.KeyType.Id} is a main key type and cannot be attached to {parent.Number}.");
        }

        var list = await priceLists.GetAsync(tx, parent.PriceListId, cancellation);
        var fit = list.KeyType(parent.KeyType) is { } parentType
            ? OrderRules.AdditionalFor(list, parentType, order.KeyType.Id, order.Billing, buyer)
            : KeyServerErrors.AdditionalUnfit;
        return AttachRules.Refusal(list, parent, order.KeyType, client.Id, await store.AttachedAsync(tx, parent.Id, cancellation), fit.Error);
    }

    private async Task<Result<KeyRow>> AddAsync(Making making, KeyTypeItem keyType, IReadOnlyList<OrderedFeature> features, KeyId? parent, ActivationInput activation)
    {
        var (tx, cancellation, now) = (making.Tx, making.Cancellation, time.GetUtcNow());
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var activatedFor = activation.For(keyType.Activation);
        if (keyType.Activation == ActivationRule.HardwareId && activatedFor is not null
            && await store.IsHardwareIdTakenAsync(tx, activatedFor, keyType.Type, keyType.Id, null, today, cancellation))
        {
            return KeyServerErrors.HardwareIdTaken.Because($"The hardware id {activatedFor} holds another active license.");
        }

        if (!(await vendors.OfAsync(tx, keyType, cancellation)).TryGet(out var vendor, out var unknown))
        {
            return unknown;
        }

        var key = RowOf(making.Request, making.PriceList, making.Billing, keyType, parent, activatedFor, vendor, now);
        key = key with { Id = await store.AddAsync(tx, key, now, cancellation) };
        if (key.Id.Value > KeyNumber.NumberMax)
        {
            return KeyServerErrors.NumbersUsedUp;
        }

        await store.AddFeaturesAsync(tx, key.Id, FeaturesOf(making.Request, features), cancellation);
        await store.AddAddressesAsync(tx, key.Id, AddressSource.Given, making.Request.Addresses, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "created", DetailOf(keyType, making.Billing), making.Caller.Name, now, cancellation);
        return key;
    }

    private KeyRow RowOf(
        CreateKeyRequest request, PriceListId list, BillingType billing, KeyTypeItem keyType, KeyId? parent, string? activatedFor, VendorId? vendor, DateTimeOffset now)
    {
        var dates = KeyDates.Of(DateOnly.FromDateTime(now.UtcDateTime), keyType.Period, billing, keyType.SusMonthsFor(billing));
        return new KeyRow
        {
            Prefix = keyType.Prefix, ClientId = request.Client.Id, PriceListId = list, KeyType = keyType.Id, Kind = keyType.Type, Billing = billing,
            ParentId = parent, ActivationCode = chance.ActivationCode(), Activation = keyType.Activation, ActivatedFor = activatedFor,
            ActivatedAt = activatedFor is null ? null : now, StartDate = dates.Start, Terms = dates.Terms, UpdateDate = dates.Update, ExpirationDate = dates.Expiration,
            SusDate = dates.Sus, UpdateTicket = chance.UpdateTicket(), CreatedAt = now, AutoRenew = keyType.AutoRenew && billing == BillingType.Lease,
            VendorId = vendor, AwaitsVendor = vendor is not null,
        };
    }

    private static List<KeyFeatureRow> FeaturesOf(CreateKeyRequest request, IReadOnlyList<OrderedFeature> features) =>
        [.. features.Select(f => new KeyFeatureRow { Feature = f.Id, Billing = f.Billing, Quantity = request.Quantities.GetValueOrDefault(f.Id, 1) })];

    private static string DetailOf(KeyTypeItem keyType, BillingType billing) => $"{keyType.Id}, {OrderRules.Word(billing)}";

    private sealed record Making(Tx Tx, CreateKeyRequest Request, PriceListId PriceList, BillingType Billing, KeyCaller Caller, CancellationToken Cancellation);
}
