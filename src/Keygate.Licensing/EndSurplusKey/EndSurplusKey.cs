using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>
/// Terminates a key that was made in addition to a license's own, since it costs money each month and works for nobody. Where the issuer does
/// not end such keys it stops, and a person sees to it.
/// </summary>
internal sealed class EndSurplusKey(LicenseStore store, PluginHost plugins, TimeProvider time) : Process
{
    private const string KindName = "licensing.end-surplus-key";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [new Announce(store, time), new Terminate(store, plugins, time)];

    /// <summary>Has a key and what came with it ended; each of them once, however often it is found.</summary>
    public static async Task StartAsync(WorkQueue queue, Tx tx, License license, IssuedKey surplus, CancellationToken cancellation)
    {
        foreach (var number in surplus.AdditionalKeys.Select(k => k.KeyNumber).Append(surplus.KeyNumber))
        {
            await queue.StartAsync(
                tx, new StartWork(KindName, license.Id.Subject, Json.Write(new Surplus(license.Id, license.IssuerId, number))) { UniqueKey = $"{KindName}/{license.IssuerId.Lane}/{number}" },
                cancellation);
        }
    }

    private sealed record Surplus(LicenseId License, PluginId Issuer, string KeyNumber);

    private static async Task NoteAsync(LicenseStore store, Tx tx, License license, string what, TimeProvider time, CancellationToken cancellation) =>
        await store.HistoryAsync(tx, license.Id, Actor.Keygate, null, license.StateAt(time.GetUtcNow()), what, cancellation);

    private sealed class Announce(LicenseStore store, TimeProvider time) : LocalStep
    {
        public override string Name => "announce";

        public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
        {
            var license = await store.LockAsync(tx, work.Read<Surplus>().License, cancellation);
            var number = work.Read<Surplus>().KeyNumber;

            // Found before the request's own answer was worked in, and its key by now.
            if (await store.HasKeyAsync(tx, license.IssuerId, number, cancellation))
            {
                return Move.Finish;
            }

            // A license of another issuer may have that number by a person's hand, such as an upload: what somebody uses is not ended unasked.
            if (await store.HasKeyAsync(tx, number, LicenseId.Of(0), cancellation))
            {
                return Move.Stop(WorkErrors.Surplus.Because($"Key {number} carries the trace of {license.Id.Subject}, and a license of another issuer here has that number."));
            }

            var why = license.KeyNumber is { } own
                ? $"Key {number} was made in addition to {own} for the same request and is terminated at the issuer"
                : $"Key {number} was made for this request, which was given up, and is terminated at the issuer";
            await NoteAsync(store, tx, license, why, time, cancellation);
            return Move.Next;
        }
    }

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

        private async Task NoteAsync(Tx tx, WorkItem work, string what, CancellationToken cancellation) =>
            await EndSurplusKey.NoteAsync(store, tx, await store.LockAsync(tx, work.Read<Surplus>().License, cancellation), what, time, cancellation);
    }
}
