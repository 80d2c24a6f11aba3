using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Terminates a key that was made in addition to a license's own, since it costs money each month and works for nobody. Where the issuer does
/// not end such keys it stops, and a person sees to it.
/// </summary>
internal sealed class EndSurplusKey(LicenseStore store, PluginHost plugins, TimeProvider time) : Process
{
    private const string KindName = "licensing.end-surplus-key";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [new Terminate(store, plugins, time)];

    /// <summary>The work for one key; the same key is ended once, however often it is found.</summary>
    public static StartWork Of(License license, string keyNumber) =>
        new(KindName, license.Id.Subject, Json.Write(new Surplus(license.Id, license.IssuerId, keyNumber))) { UniqueKey = $"{KindName}/{license.IssuerId.Lane}/{keyNumber}" };

    private sealed record Surplus(LicenseId License, PluginId Issuer, string KeyNumber);

    private sealed class Terminate(LicenseStore store, PluginHost plugins, TimeProvider time) : OutsideStep
    {
        public override string Name => "terminate";

        public override ActKind Act => ActKind.Repeatable;

        public override Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) =>
            Task.FromResult<Asking?>(new Asking { Lane = work.Read<Surplus>().Issuer.Lane, Request = work.Payload });

        public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
        {
            var issuer = await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation);
            return issuer.TryGet(out var found, out var error) ? await found.TerminateAsync(intent.Read<Surplus>().KeyNumber, cancellation) : Answer.NotDone(error);
        }

        public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
        {
            await NoteAsync(tx, work, $"Surplus key {work.Read<Surplus>().KeyNumber} is terminated at the issuer", cancellation);
            return Move.Finish;
        }

        public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
            NoteAsync(tx, work, $"Surplus key {work.Read<Surplus>().KeyNumber} could not be terminated: {failure.Error.Detail}", cancellation);

        private async Task NoteAsync(Tx tx, WorkItem work, string what, CancellationToken cancellation)
        {
            var license = await store.LockAsync(tx, work.Read<Surplus>().License, cancellation);
            await store.HistoryAsync(tx, license.Id, Actor.Keygate, null, license.StateAt(time.GetUtcNow()), what, cancellation);
        }
    }
}
