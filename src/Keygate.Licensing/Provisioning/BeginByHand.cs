using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>What the acts by hand share: find the license, ask the move table, start the work, write down who wanted it.</summary>
internal sealed class BeginByHand(LicenseStore store, LicenseProvisioning provisioning, PossibleMoves possible, Audit audit, TimeProvider time)
{
    public async Task<Result<License>> FindAsync(Tx tx, LicenseId id, CancellationToken cancellation) =>
        await store.FindAsync(tx, id, cancellation) is { } license ? license : LicensingErrors.NotFound.Because($"There is no license {id}.");

    public async Task<Result<LicenseAccepted>> StartAsync(
        Tx tx, License license, LicenseOperation operation, Until until, Actor actor, CancellationToken cancellation)
    {
        if (license.WithdrawnAt is not null)
        {
            return LicensingErrors.Withdrawn.Because($"The request of license {license.Id} was withdrawn at {license.WithdrawnAt:u}.");
        }

        if (license.NotAssignedAt is not null && PossibleMoves.NeedsServer(operation))
        {
            return LicensingErrors.ServerNotAssigned
                .Because($"License {license.Id} is Not Assigned: subscription {license.SubscriptionId} ({license.SubscriptionName}) waits for its dedicated server.")
                .Mend($"Assign one with 'keygate subscription assign-server {license.SubscriptionId} --server NAME'; the license goes on by itself then.");
        }

        var now = time.GetUtcNow();
        if (LicenseMoves.Refusal(license.Id, license.StateAt(now), operation, await possible.OfAsync(tx, license, now, cancellation)) is { } refusal)
        {
            return refusal;
        }

        if (operation == LicenseOperation.Issue && await store.FindAsync(tx, license.Leader, cancellation) is { } leader && license.IsLeftOutOf(leader))
        {
            return LicensingErrors.MoveNotAllowed
                .Because($"License {license.Id} is additional and its key comes with that of license {leader.Id}, which was issued without it.")
                .Mend(LicensingErrors.AddOnKeyMissing.Remedy);
        }

        await audit.AddAsync(tx, actor, $"license.{operation.ToString().ToLowerInvariant()}", license.Id.Subject, "", cancellation);
        var started = await provisioning.StartAsync(tx, license.Leader, until, null, cancellation);
        return started.Map(_ => new LicenseAccepted(license.Id, operation));
    }
}

/// <summary>An act by hand was taken on and runs now; the license shows how it goes.</summary>
/// <param name="LicenseId">The license.</param>
/// <param name="Operation">What was begun.</param>
public sealed record LicenseAccepted(LicenseId LicenseId, LicenseOperation Operation);
