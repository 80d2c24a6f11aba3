using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Hears of a license whose provisioning stopped, waits for a person, or goes on again. Called in the transaction in which it happens. The rooms above register an
/// implementation; Licensing does not know them.
/// </summary>
public interface ILicenseObserver
{
    /// <summary>The process stopped and needs attention, or the license is gone: terminated, withdrawn, or taken to stock.</summary>
    Task StoppedAsync(Tx tx, LicenseId license, Failure failure, CancellationToken cancellation);

    /// <summary>Nothing failed, and it goes on only when a person has given something: activation data, an upload.</summary>
    Task WaitsAsync(Tx tx, LicenseId license, string why, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>It goes on: it was resubmitted, or what it waited for is there.</summary>
    Task ResumedAsync(Tx tx, LicenseId license, CancellationToken cancellation);

    /// <summary>Why a change that waited for its day must wait on; null where nothing hinders it.</summary>
    Task<string?> HindersScheduledAsync(Tx tx, int? subscription, CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <summary>The change of a license stopped and needs attention.</summary>
    Task ChangeStoppedAsync(Tx tx, LicenseId license, Failure failure, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>A license of a subscription, or the one that took its place, is made of something else now.</summary>
    Task ChangedAsync(Tx tx, int? subscription, LicenseChange change, CancellationToken cancellation) => Task.CompletedTask;
}
