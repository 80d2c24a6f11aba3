using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Hears of a license whose provisioning stopped or goes on again. Called in the transaction in which it happens. The rooms above register an
/// implementation; Licensing does not know them.
/// </summary>
public interface ILicenseObserver
{
    /// <summary>The process stopped and needs attention.</summary>
    Task StoppedAsync(Tx tx, LicenseId license, Failure failure, CancellationToken cancellation);

    /// <summary>It was resubmitted and goes on.</summary>
    Task ResumedAsync(Tx tx, LicenseId license, CancellationToken cancellation);

    /// <summary>A license of a subscription, or the one that took its place, is made of something else now.</summary>
    Task ChangedAsync(Tx tx, int? subscription, LicenseChange change, CancellationToken cancellation) => Task.CompletedTask;
}
