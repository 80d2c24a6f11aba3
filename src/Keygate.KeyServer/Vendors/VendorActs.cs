using System.Runtime.CompilerServices;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>
/// Begins acts of vendors in the transaction of what wants them: what changes here is written when the vendor has answered (<see cref="VendorAnswers"/>). A key has
/// one open act; a second one is refused, so that nothing is asked twice.
/// </summary>
internal sealed class VendorActs(VendorStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] WorkQueue queue, TimeProvider time)
{
    private const int BatchMax = 200;
    private readonly ConditionalWeakTable<Tx, List<VendorActId>> _begun = new();

    /// <summary>The acts that were begun in a transaction.</summary>
    public IReadOnlyList<VendorActId> BegunIn(Tx tx) => _begun.TryGetValue(tx, out var begun) ? begun : [];

    /// <summary>The vendor of a key type; null for a product of ours.</summary>
    public async Task<Result<VendorId?>> OfAsync(Session session, KeyTypeItem keyType, CancellationToken cancellation)
    {
        if (keyType.Vendor is not { } name)
        {
            return (VendorId?)null;
        }

        return await store.FindAsync(session, name, cancellation) is { Enabled: true } vendor
            ? vendor.Id
            : KeyServerErrors.VendorUnknown.Because($"The vendor {name} of {keyType.Id} is unknown or disabled.");
    }

    /// <summary>Asks for the license bodies of an order's new keys; null where nothing stands against it.</summary>
    public async Task<Error?> PurchaseAsync(Tx tx, IReadOnlyList<KeyRow> order, string actor, CancellationToken cancellation)
    {
        var change = new VendorChange { Order = [.. order.Select(k => k.Id.Value)] };
        foreach (var key in order.Where(k => k.VendorId is not null))
        {
            if (await BeginAsync(tx, key, VendorAction.Purchase, change, actor, cancellation) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Asks for one more term; the key as it still is.</summary>
    public async Task<Result<KeyRow>> RenewAsync(Tx tx, KeyRow key, string act, string actor, bool automatic, CancellationToken cancellation) =>
        await BeginAsync(tx, key, VendorAction.Renew, new VendorChange { Act = act, Automatic = automatic }, actor, cancellation) is { } refusal ? refusal : key;

    /// <summary>Asks for the body after a change of what the key gives.</summary>
    public Task<Error?> UpgradeAsync(Tx tx, KeyRow key, KeyContent after, string act, string detail, string actor, CancellationToken cancellation) =>
        BeginAsync(
            tx, key, VendorAction.Upgrade,
            new VendorChange
            {
                KeyType = after.KeyType.Id, Sus = after.Sus, Act = act, Detail = detail, Brought = [.. after.Brought.Select(k => k.Id)],
                Features = [.. after.Features.Select(f => new KeyFeatureRow { Feature = f.Id, Billing = f.Billing, Quantity = f.Quantity })],
            }, actor, cancellation);

    /// <summary>Asks to end the key.</summary>
    public Task<Error?> TerminateAsync(Tx tx, KeyRow key, string actor, CancellationToken cancellation) =>
        BeginAsync(tx, key, VendorAction.Terminate, new VendorChange { On = time.Utc() }, actor, cancellation);

    /// <summary>Asks for the next term of keys that renew by themselves and are due; true where more are.</summary>
    public async Task<bool> RenewDueAsync(Tx tx, CancellationToken cancellation)
    {
        var due = await store.DueAsync(tx, time.Utc(), BatchMax, cancellation);
        foreach (var key in due)
        {
            await RenewAsync(tx, key, RenewalActs.ByItself, "keygate", automatic: true, cancellation);
        }

        return due.Count == BatchMax;
    }

    /// <summary>
    /// Tells vendors that leases are over which expired three months ago; a key is ended when its vendor has answered. Each is told of once: what he refuses stands in the key's history. True where more are.
    /// </summary>
    public async Task<bool> EndExpiredAsync(Tx tx, CancellationToken cancellation)
    {
        var expired = await store.LongExpiredAsync(tx, KeyDates.EndedAtVendors(time.Utc()), BatchMax, cancellation);
        foreach (var key in expired)
        {
            await TerminateAsync(tx, key, "keygate", cancellation);
        }

        return expired.Count == BatchMax;
    }

    private async Task<Error?> BeginAsync(Tx tx, KeyRow key, VendorAction action, VendorChange change, string actor, CancellationToken cancellation)
    {
        // Found out now, and not when the vendor has done his part.
        if (action is VendorAction.Renew or VendorAction.Upgrade && key.Revision == KeyNumber.RevisionMax)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{key.Number} has had all its revisions.");
        }

        var now = time.GetUtcNow();
        if (await store.OpenAsync(tx, key.Id, key.VendorId!.Value, action, Json.Write(change), actor, now, cancellation) is not { } act)
        {
            return KeyServerErrors.VendorBusy.Because($"The vendor is being asked about {key.Number}.");
        }

        var vendor = (await store.FindAsync(tx, key.VendorId.Value, cancellation))!;
        var work = await queue.StartAsync(tx, AskVendor.Of(act, key, repeats: vendor.Repeats || action == VendorAction.Terminate), cancellation);
        await store.SetWorkAsync(tx, act, work, cancellation);
        _begun.GetOrCreateValue(tx).Add(act);
        return null;
    }
}
