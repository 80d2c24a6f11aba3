using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>What the steps of a renewal share.</summary>
internal sealed class RenewalSteps(LicenseSteps steps, RenewalStore renewals, PluginReader plugins)
{
    public LicenseStore Store => steps.Store;

    public LicenseSteps Licenses => steps;

    public RenewalStore Renewals => renewals;

    public PluginReader Plugins => plugins;

    public DateOnly Today => DateOnly.FromDateTime(steps.Time.GetUtcNow().UtcDateTime);

    public static RenewalPayload Payload(WorkItem work) => work.Read<RenewalPayload>();

    public async Task<License> FindAsync(Session session, WorkItem work, CancellationToken cancellation) =>
        await Store.FindAsync(session, Payload(work).License, cancellation) ?? throw new InvalidOperationException($"{work.Subject} has work but no row.");

    public Task<License> LockAsync(Tx tx, WorkItem work, CancellationToken cancellation) => Store.LockAsync(tx, Payload(work).License, cancellation);

    /// <summary>The new dates and revision, with what follows from them: an expired license lives again.</summary>
    /// <param name="tx">The transaction that holds the license.</param>
    /// <param name="license">The license.</param>
    /// <param name="key">The key as it is now.</param>
    /// <param name="how">What the history calls it.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task<License> RenewedAsync(Tx tx, License license, RenewedKey key, string how, Actor actor, CancellationToken cancellation)
    {
        // A lease's right to new versions ends with what is paid; where the issuer told of none there is none to move.
        var renewed = await Store.MoveAsync(
            tx, license,
            license with
            {
                KeyNumber = key.KeyNumber, ExpirationDate = key.ExpirationDate ?? license.ExpirationDate, UpdateDate = key.UpdateDate ?? license.UpdateDate,
                SusDate = license.SusDate is null ? null : key.UpdateDate ?? license.SusDate,
            },
            LicenseOperation.Renew, MoveOutcome.Done, actor, $"{how} until {key.ExpirationDate:yyyy-MM-dd}: key {key.KeyNumber}", cancellation);
        await renewals.DoneAsync(tx, license.Id, fileDue: license.RetrievedAt is not null || license.UploadedAt is not null, cancellation);
        await steps.TellAsync(tx, renewed, "license.renewed", cancellation);
        return renewed;
    }

    /// <summary>Writes down why it failed; what comes of that is for <see cref="JudgeStep"/> to say.</summary>
    public async Task<Move> FailAsync(Tx tx, WorkItem work, License license, Error error, CancellationToken cancellation)
    {
        await renewals.FailAsync(tx, license.Id, error, work.Generation, cancellation);
        await Store.NoteAsync(tx, license, Actor.Keygate, $"Not renewed: {error.Detail}", cancellation);
        return Move.To(JudgeStep.StepName);
    }
}
