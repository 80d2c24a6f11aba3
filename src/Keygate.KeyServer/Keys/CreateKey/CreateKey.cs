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
    public required ClientId Client { get; init; }

    /// <summary>The billing type where the order names none.</summary>
    public required BillingType DefaultBilling { get; init; }

    public required KeyOrder Order { get; init; }

    /// <summary>IP and MAC addresses in the one spelling that they are stored in.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The existing key that an additional one is attached to.</summary>
    public KeyName? Parent { get; init; }

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
internal sealed class CreateKeyHandler(KeyStore store, KeyAccess access, PriceListStore priceLists, Chance chance, TimeProvider time)
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

            if (KeyAccess.Changeable(parent) is { } state)
            {
                return state;
            }
        }

        if (!OrderRules.Check(list, request.Order, request.DefaultBilling).TryGet(out var order, out var bad))
        {
            return bad;
        }

        if (parent is not null && await UnfitAsync(tx, parent, order, cancellation) is { } unfit)
        {
            return unfit;
        }

        var making = new Making(tx, request, list.Id, order.Billing, caller, cancellation);
        if (!(await AddAsync(making, order.KeyType, order.Features, parent?.Id, request.Activation)).TryGet(out var key, out var refused))
        {
            return refused;
        }

        var additional = new List<KeyRow>();
        foreach (var keyType in order.Additional)
        {
            if (!(await AddAsync(making, keyType, [], key.Id, request.AdditionalActivation)).TryGet(out var one, out refused))
            {
                return refused;
            }

            additional.Add(one);
        }

        return new CreatedKey(key, additional, parent);
    }

    private async Task<Error?> UnfitAsync(Tx tx, KeyRow parent, CheckedOrder order, CancellationToken cancellation)
    {
        if (order.KeyType.Type != KeyKind.Additional)
        {
            return KeyServerErrors.NotAdditional.Because($"{order.KeyType.Id} is a main key type and cannot be attached to {parent.Number}.");
        }

        var parentList = await priceLists.GetAsync(tx, parent.PriceListId, cancellation);
        var fit = parentList.KeyType(parent.KeyType) is { } parentType
            ? OrderRules.AdditionalFor(parentList, parentType, order.KeyType.Id, order.Billing)
            : KeyServerErrors.AdditionalUnfit;
        if (fit.Error is { } error)
        {
            return error;
        }

        var twin = (await store.AttachedAsync(tx, parent.Id, cancellation)).Find(k => k.KeyType == order.KeyType.Id && !k.IsTerminated);
        return twin is null ? null : KeyServerErrors.AdditionalTaken.Because($"{parent.Number} already has {twin.Number} of the key type {twin.KeyType}.");
    }

    private async Task<Result<KeyRow>> AddAsync(Making making, KeyTypeItem keyType, IReadOnlyList<FeatureItem> features, KeyId? parent, ActivationInput activation)
    {
        var (tx, cancellation, now) = (making.Tx, making.Cancellation, time.GetUtcNow());
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var activatedFor = activation.For(keyType.Activation);
        if (keyType.Activation == ActivationRule.HardwareId && activatedFor is not null
            && await store.IsHardwareIdTakenAsync(tx, activatedFor, keyType.Type, keyType.Id, null, today, cancellation))
        {
            return KeyServerErrors.HardwareIdTaken.Because($"The hardware id {activatedFor} holds another active license.");
        }

        var dates = KeyDates.Of(today, keyType.Period, making.Billing, keyType.SusMonthsFor(making.Billing));
        var key = new KeyRow
        {
            Prefix = keyType.Prefix, ClientId = making.Request.Client, PriceListId = making.PriceList, KeyType = keyType.Id, Kind = keyType.Type, Billing = making.Billing,
            ParentId = parent, ActivationCode = chance.ActivationCode(), Activation = keyType.Activation, ActivatedFor = activatedFor,
            ActivatedAt = activatedFor is null ? null : now, StartDate = dates.Start, Terms = dates.Terms, UpdateDate = dates.Update, ExpirationDate = dates.Expiration,
            SusDate = dates.Sus, UpdateTicket = chance.UpdateTicket(), CreatedAt = now,
        };
        key = key with { Id = await store.AddAsync(tx, key, now, cancellation) };
        if (key.Id.Value > KeyNumber.NumberMax)
        {
            return KeyServerErrors.NumbersUsedUp;
        }

        await store.AddFeaturesAsync(tx, key.Id, [.. features.Select(f => f.Id)], cancellation);
        await store.AddAddressesAsync(tx, key.Id, AddressSource.Given, making.Request.Addresses, cancellation);
        await store.AddHistoryAsync(tx, key.Id, key.Revision, "created", $"{keyType.Id}, {OrderRules.Word(making.Billing)}", making.Caller.Name, now, cancellation);
        return key;
    }

    private sealed record Making(Tx Tx, CreateKeyRequest Request, PriceListId PriceList, BillingType Billing, KeyCaller Caller, CancellationToken Cancellation);
}
