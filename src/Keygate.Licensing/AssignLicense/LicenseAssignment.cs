using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>Whom a license is assigned to, as Orders tells it.</summary>
/// <param name="CustomerId">The holder.</param>
/// <param name="CustomerName">The holder's name.</param>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="SubscriptionName">The subscription's name.</param>
/// <param name="Installer">What puts files into the subscription; null where the license's own is to do it.</param>
/// <param name="Target">Where an installer puts the file.</param>
public sealed record LicenseHolder(int CustomerId, string? CustomerName, int SubscriptionId, string SubscriptionName, PluginId? Installer, string Target);

/// <summary>Gives stock to a subscription and takes it back. Whether the subscription may have it is for Orders to say.</summary>
public sealed class LicenseAssignment
{
    private readonly LicenseStore _store;
    private readonly WorkQueue _work;
    private readonly TimeProvider _time;

    internal LicenseAssignment(LicenseStore store, WorkQueue work, TimeProvider time) => (_store, _work, _time) = (store, work, time);

    /// <summary>The license request of a base license that is stock, locked until the transaction ends; refused where it is none.</summary>
    public async Task<Result<RequestLicenseRequest>> LockStockAsync(Tx tx, LicenseId id, CancellationToken cancellation)
    {
        if (!(await LockAsync(tx, id, LicensingErrors.NotStock, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        return license.SubscriptionId is null
            ? Json.Read<RequestLicenseRequest>(license.Request) with
            {
                KeyType = license.KeyType, Features = license.FeatureList,
                AddOns = [.. (await _store.AddOnsAsync(tx, id, cancellation)).Where(a => a is { Ordered: true, TerminatedAt: null }).Select(a => a.KeyType)],
            }
            : LicensingErrors.NotStock.Because($"License {id} belongs to subscription {license.SubscriptionId} ({license.SubscriptionName}).");
    }

    /// <summary>Writes the holder into a license that <see cref="LockStockAsync"/> gave, and into its additional ones.</summary>
    public Task AssignAsync(Tx tx, LicenseId id, LicenseHolder holder, Actor actor, CancellationToken cancellation) => NoteAsync(
        tx, id, actor, $"Assigned to subscription {holder.SubscriptionId} ({holder.SubscriptionName})",
        """
        customer_id = @CustomerId, customer_name = @CustomerName, subscription_id = @SubscriptionId, subscription_name = @SubscriptionName,
        installer_id = coalesce(@Installer, installer_id), target = case when @Target = '' then target else @Target end
        """, holder, cancellation);

    /// <summary>A license whose subscription is to get a dedicated server, and its additional ones, are Not Assigned from here on.</summary>
    public Task AwaitServerAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation) => NoteAsync(
        tx, id, actor, "Not Assigned: it waits for the dedicated server of its subscription", "not_assigned_at = @at", new { at = _time.GetUtcNow() }, cancellation);

    /// <summary>The dedicated server of a subscription is known: what waited for it is for that server.</summary>
    public async Task AssignServerAsync(Tx tx, int subscription, string server, string target, IReadOnlyList<string> addresses, Actor actor, CancellationToken cancellation)
    {
        foreach (var license in await _store.NotAssignedAsync(tx, subscription, cancellation))
        {
            await _store.NoteAsync(
                tx, await _store.LockAsync(tx, license.Id, cancellation), actor, $"Dedicated server {server} was assigned to subscription {subscription}",
                "not_assigned_at = null, target = @target, ip_addresses = @addresses", new { target, addresses = addresses.Count == 0 ? null : Json.Write(addresses) }, cancellation);
        }
    }

    /// <summary>Makes a license stock again; refused where it is installed or was never assigned.</summary>
    public async Task<Result<Done>> UnassignAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (!(await LockAsync(tx, id, LicensingErrors.NotAssigned, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        if (license.SubscriptionId is null)
        {
            return LicensingErrors.NotAssigned.Because($"License {id} belongs to no subscription.").Mend("It is stock already.");
        }

        await NoteAsync(
            tx, id, actor, $"Taken from subscription {license.SubscriptionId} ({license.SubscriptionName}): stock",
            "customer_id = null, customer_name = null, subscription_id = null, subscription_name = null", new { }, cancellation);
        return Done.It;
    }

    private async Task<Result<License>> LockAsync(Tx tx, LicenseId id, Error refusal, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var license = await _store.LockAsync(tx, id, cancellation);
        if (license.ParentId is not null)
        {
            return refusal.Because($"License {id} is additional and goes with its base, license {license.ParentId}.").Mend("Name the base license.");
        }

        // An additional license that was terminated stays behind; the base is of use without it.
        foreach (var member in (await _store.AddOnsAsync(tx, id, cancellation)).Where(m => m.TerminatedAt is null).Prepend(license))
        {
            var state = member.StateAt(_time.GetUtcNow());
            if (member.InstalledAt is not null || (member.Ordered && state is not (LicenseState.Retrieved or LicenseState.Uploaded)))
            {
                return refusal.Because($"License {member.Id} is {state}.");
            }
        }

        var open = (await _work.ViewAsync(tx, [license.Id.Subject], cancellation)).FirstOrDefault(v => v.IsOpen && v.Kind == ProvisionLicense.KindName);
        return open is null ? license : LicensingErrors.UnderWay.Because($"License {id} is being worked on: step {open.Step}, attempt {open.Attempt}.");
    }

    private async Task NoteAsync(Tx tx, LicenseId id, Actor actor, string what, string facts, object values, CancellationToken cancellation)
    {
        var license = await _store.LockAsync(tx, id, cancellation);
        foreach (var member in (await _store.AddOnsAsync(tx, id, cancellation)).Prepend(license))
        {
            await _store.NoteAsync(tx, member, actor, what, facts, values, cancellation);
        }
    }
}
