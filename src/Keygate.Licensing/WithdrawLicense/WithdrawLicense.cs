using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>
/// Withdraws a license request without a key: nothing can be done about it any more, so that a cancelled order buys no key. It stays Pending, as a fact
/// with a history row. May be repeated.
/// </summary>
public sealed class WithdrawLicense
{
    private readonly LicenseStore _store;

    internal WithdrawLicense(LicenseStore store) => _store = store;

    /// <summary>Withdraws the request with its additional ones. Refused where a key is there: that must be terminated or used.</summary>
    public async Task<Result<Done>> HandleAsync(Tx tx, LicenseId id, string why, Actor actor, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var license = await _store.LockAsync(tx, id, cancellation);
        if (license.KeyNumber is not null)
        {
            return LicensingErrors.MoveNotAllowed.Because($"License {id} has the key {license.KeyNumber}.").Mend("Terminate the key, or use it.");
        }

        foreach (var member in (await _store.AddOnsAsync(tx, id, cancellation)).Prepend(license).Where(l => l is { KeyNumber: null, WithdrawnAt: null }))
        {
            await _store.NoteAsync(tx, member, actor, $"Withdrawn: {why}", "withdrawn_at = @now", new { }, cancellation);
        }

        return Done.It;
    }
}
