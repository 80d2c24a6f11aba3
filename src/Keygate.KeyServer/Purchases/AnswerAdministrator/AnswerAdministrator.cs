using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>
/// Answers a foreign Key Administrator whose vendor we are. All of it may be repeated: a purchase is known by the number that the administrator gave it, and a renewal or
/// upgrade that was carried out before is found as wanted (ADR 0045). The answer is the key that a license body is made of.
/// </summary>
internal sealed class AnswerAdministratorHandler(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, PurchaseStore purchases, KeyStore keys, PriceListStore priceLists, CreateKeyHandler createKey, KeyRefresh refresh,
    KeyContents contents, TransferKeyHandler transfer, TerminateKeyHandler terminate, TimeProvider time)
{
    /// <summary>Carries out PURCHASE, RENEW, UPGRADE or TERMINATE.</summary>
    public Task<Result<KeyRow>> HandleAsync(VendorQuestion question, CallerRow caller, CancellationToken cancellation) => database.WriteAsync<Result<KeyRow>>(async tx =>
    {
        var acting = new KeyCaller(caller.Login, caller.ClientId, caller.FeatureKeys);
        if (question.Action == "PURCHASE")
        {
            return await PurchaseAsync(tx, question, caller, acting, cancellation);
        }

        if (await purchases.FindAsync(tx, caller.ClientId, question.Purchase, cancellation) is not { KeyId: { } id })
        {
            return KeyServerErrors.PurchaseUnknown.Because($"There is no purchase {question.Purchase}.");
        }

        if (question.Action == "TERMINATE")
        {
            // What the administrator ends is over, purchased keys and those that it had marked as problem included.
            return (await terminate.HandleAsync(tx, KeyName.Of(id), acting with { Reach = null, EndsProblemKeys = true }, cancellation)).Map(changed => changed.Key);
        }

        var key = (await keys.HoldAsync(tx, KeyName.Of(id), cancellation))!;
        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        if (caller.Problem)
        {
            return KeyServerErrors.ClientIsProblem.Because($"The account of {caller.ClientLogin} is marked as problem.");
        }

        if (key.Activation == ActivationRule.HardwareId && question.Machine is { } machine && machine != key.ActivatedFor)
        {
            if (!(await transfer.HandleAsync(tx, KeyName.Of(id), machine, acting, cancellation)).TryGet(out var moved, out var refused))
            {
                return refused;
            }

            key = moved.Key;
        }

        return question.Action == "RENEW" ? await RenewAsync(tx, question, key, acting, cancellation) : await UpgradeAsync(tx, question, key, acting, cancellation);
    }, cancellation);

    /// <summary>What the product of a purchase has reported of its use, zeros where it has not; a refusal where there is no such purchase.</summary>
    public Task<Result<UsageRow>> UsageAsync(VendorQuestion question, CallerRow caller, CancellationToken cancellation) => database.ReadAsync<Result<UsageRow>>(async s =>
        await purchases.FindAsync(s, caller.ClientId, question.Purchase, cancellation) is { KeyId: { } key }
            ? await keys.FindUsageAsync(s, key, cancellation) ?? new UsageRow()
            : KeyServerErrors.PurchaseUnknown.Because($"There is no purchase {question.Purchase}."), cancellation);

    private async Task<Result<KeyRow>> PurchaseAsync(Tx tx, VendorQuestion question, CallerRow caller, KeyCaller acting, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var row = new PurchaseRow { ClientId = caller.ClientId, PurchaseId = question.Purchase, Product = question.Product, Test = question.Test, Registrant = question.Registrant };
        if (await purchases.AddAsync(tx, row, caller.Login, now, cancellation) is not { } purchase)
        {
            return await AgainAsync(tx, row, cancellation);
        }

        // A constant says how it is paid, too; an identifier leaves that to the client's default.
        var list = await priceLists.GetAsync(tx, caller.PriceListId, caller.PriceListVersion, cancellation);
        var constant = list.KeyType(question.Product) is null ? list.Sku(question.Product) : null;
        var product = constant?.Item is KeyTypeItem named ? named.Id : question.Product;
        if (Unfit(list.KeyType(product), question) is { } unfit)
        {
            return unfit;
        }

        var order = new CreateKeyRequest
        {
            Client = caller.Client, Order = new KeyOrder(product, [], [], constant?.Billing), Addresses = question.Addresses, Activation = new ActivationInput(question.Machine, question.Machine),
        };
        if (!(await createKey.HandleAsync(tx, order, list, acting, cancellation)).TryGet(out var made, out var refused))
        {
            return refused;
        }

        // The administrator prolongs it and nobody else: nobody would pay another term.
        await keys.SetAutoRenewAsync(tx, made.Key.Id, false, now, cancellation);
        await keys.AddHistoryAsync(tx, made.Key.Id, made.Key.Revision, "sold", $"purchase {question.Purchase}{(question.Test ? ", a test order" : "")}", caller.Login, now, cancellation);
        await purchases.SetKeyAsync(tx, purchase, made.Key.Id, cancellation);
        return made.Key with { AutoRenew = false };
    }

    private async Task<Result<KeyRow>> AgainAsync(Tx tx, PurchaseRow asked, CancellationToken cancellation)
    {
        var known = (await purchases.FindAsync(tx, asked.ClientId, asked.PurchaseId, cancellation))!;
        if (known.Product != asked.Product || known.Test != asked.Test)
        {
            return KeyServerErrors.PurchaseDiffers.Because(
                $"The purchase {known.PurchaseId} was {Words(known)}, and {Words(asked)} is asked for.");
        }

        var key = (await keys.FindAsync(tx, KeyName.Of(known.KeyId!.Value), cancellation))!;
        return key.IsTerminated ? KeyServerErrors.KeyIsTerminated.Because($"{key.Number}, sold as purchase {known.PurchaseId}, is terminated.") : key;
    }

    private static Error? Unfit(KeyTypeItem? keyType, VendorQuestion question) => keyType switch
    {
        { Vendor: { } vendor } => KeyServerErrors.ProductNotSold.Because($"{keyType.Id} is itself a product of the vendor {vendor}."),
        { Exportable: false } => KeyServerErrors.ProductNotSold.Because($"Keys of {keyType.Id} have no license file."),
        { Activation: not ActivationRule.None } when question.Machine is null =>
            KeyServerErrors.ActivationDataMissing.Because($"{keyType.Id} is activated for a {(keyType.Activation == ActivationRule.HardwareId ? "hardware id" : "named instance")}, and ACTIVATION_DATA holds none."),
        _ => null,
    };

    private async Task<Result<KeyRow>> RenewAsync(Tx tx, VendorQuestion question, KeyRow key, KeyCaller acting, CancellationToken cancellation)
    {
        if (await IsRenewedAsync(tx, question, key, cancellation))
        {
            return key;
        }

        return await refresh.NextAsync(tx, key, RenewalActs.ByPartner, acting, cancellation);
    }

    // From which body a renewal starts says whether it was carried out; without one, the date that is asked for; without both, whether the key is due at all.
    private async Task<bool> IsRenewedAsync(Tx tx, VendorQuestion question, KeyRow key, CancellationToken cancellation)
    {
        foreach (var body in question.PreviousBodies())
        {
            if (await purchases.RevisionOfAsync(tx, key.Id, body, cancellation) is { } revision)
            {
                return await keys.LastRenewalAsync(tx, key.Id, cancellation) is { } last && last.Revision > revision;
            }
        }

        return question.Expiry is { } until ? key.ExpirationDate.AddDays(KeyDates.GraceDays) >= until : key.UpdateDate > time.Utc().AddDays(KeyDates.GraceDays);
    }

    private async Task<Result<KeyRow>> UpgradeAsync(Tx tx, VendorQuestion question, KeyRow key, KeyCaller acting, CancellationToken cancellation)
    {
        var held = await contents.ReadAsync(tx, key, cancellation);
        var (list, product) = (held.List, question.Product);
        var constant = list.KeyType(product) is null && list.Feature(product) is null ? list.Sku(product) : null;
        if (constant?.Item is KeyTypeItem && constant.Billing != key.Billing)
        {
            return KeyServerErrors.ChangeImpossible.Because($"{product} is paid otherwise than {key.Number}.");
        }

        var wanted = constant?.Item.Id ?? product;
        var upgraded = list.Feature(wanted) is { } feature ? Take(held, feature, constant?.Billing, acting)
            : list.UpgradePlan(wanted) is { } plan ? Follow(held, plan, acting)
            : Become(held, wanted, question);
        return upgraded.TryGet(out var content, out var refused)
            ? (await contents.WriteAsync(tx, held, content, "upgraded", content.KeyType.Id == key.KeyType ? wanted : $"{key.KeyType} to {content.KeyType.Id}", acting, cancellation)).Map(changed => changed.Key)
            : refused;
    }

    private Result<KeyContent> Become(HeldContent held, string product, VendorQuestion question)
    {
        var (key, today) = (held.Key, time.Utc());
        if (product == key.KeyType)
        {
            return held.Content;
        }

        if (held.List.KeyType(product) is not { } after || !held.List.Offers(after, today) || !after.Billing.Contains(key.Billing))
        {
            return KeyServerErrors.KeyTypeUnknown.Because($"{product} is not on offer for {OrderRules.Word(key.Billing)}.");
        }

        if (!held.Owner.Unpriced && !held.List.Prices(after, key.Billing))
        {
            return KeyServerErrors.ItemUnpriced.Because($"{after.Id} has no price for {OrderRules.Word(key.Billing)}.");
        }

        // A change of the kind of activation would leave the license bound to nothing, or to what is none.
        return Unfit(after, question) is { } unfit ? unfit
            : after.Activation != key.Activation ? KeyServerErrors.ChangeImpossible.Because($"{after.Id} is activated otherwise than {key.KeyType}.")
            : UpgradeRules.Become(held, after, today);
    }

    // The question names what is wanted, not where it starts from: of a group that has room for one, the other feature makes room.
    private Result<KeyContent> Take(HeldContent held, FeatureItem feature, BillingType? billing, KeyCaller acting)
    {
        var others = held.Content.Features.Where(f => f.Item.Group is { } group && group == feature.Group);
        var room = held.Content.Feature(feature.Id) is null ? others.Aggregate(held.Content, (content, other) => content.Without(other.Id)) : held.Content;
        return UpgradeRules.Apply(held, room, feature.Id, billing, held.Owner.Buyer(acting, time.Utc()))!.Value;
    }

    private Result<KeyContent> Follow(HeldContent held, UpgradePlanItem plan, KeyCaller acting) => plan.Sus != SusAct.None
        ? KeyServerErrors.ChangeImpossible.Because($"{plan.Id} prolongs updates, and a repeated question would do so twice.").Mend("Ask for RENEW, or have the vendor prolong them.")
        : UpgradeRules.Apply(held, held.Content, plan.Id, null, held.Owner.Buyer(acting, time.Utc()))!.Value;

    private static string Words(PurchaseRow row) => $"{(row.Test ? "a test order" : "an order")} of {row.Product}";
}
