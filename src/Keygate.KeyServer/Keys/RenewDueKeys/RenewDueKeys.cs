using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A sweep over all leases that are due, batch by batch, until none is left; it goes on after a restart where it stopped, and one node at a time carries it.</summary>
internal sealed class RenewDueKeys(RenewalBatches batches, RenewalStore store, TimeProvider time) : Process
{
    private const string KindName = "keyserver.renew-due-keys";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [new Renew(batches, store, time), new End(store, time)];

    public static StartWork Of(int sweep) => new(KindName, $"renewal-sweep/{sweep}", Json.Write(new Asked(sweep)));

    private sealed record Asked(int Sweep);

    // Signing may ask a socket, so it is an outside step. Repeatable: what was renewed is not due again, and each commit compares the revisions it was signed for.
    private sealed class Renew(RenewalBatches batches, RenewalStore store, TimeProvider time) : OutsideStep
    {
        private static readonly TimeSpan SignerAway = TimeSpan.FromMinutes(1);

        public override string Name => "renew";

        public override ActKind Act => ActKind.Repeatable;

        public override int? AttemptsMax => int.MaxValue;

        public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) =>
            await store.AnyDueAsync(session, time.Utc(), cancellation) ? new Asking { Lane = "keyserver/renewals", Request = work.Payload } : null;

        public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
        {
            try
            {
                return Answer.Done(await batches.RunAsync(intent.Read<Asked>().Sweep, cancellation));
            }
            catch (SignerException e)
            {
                return Answer.NotAsked(KeyServerErrors.SignerUnavailable.Because(e.Message), SignerAway);
            }
        }

        public override Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation) => Task.FromResult(Move.To(Name));
    }

    private sealed class End(RenewalStore store, TimeProvider time) : LocalStep
    {
        public override string Name => "end";

        public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
        {
            await store.EndSweepAsync(tx, work.Read<Asked>().Sweep, time.GetUtcNow(), cancellation);
            return Move.Finish;
        }
    }
}

/// <summary>Begins a sweep where something is due and none is under way, and asks vendors for what is due of theirs: the next term, or the end of what expired long ago.</summary>
internal sealed class BeginRenewals(RenewalStore store, VendorActs vendors, [FromKeyedServices(KeyServerModule.DatabaseKey)] WorkQueue queue, TimeProvider time) : RecurringJob
{
    public override string Name => "keyserver.renewals";

    public override TimeSpan Every => TimeSpan.FromMinutes(5);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        await BeginAsync(tx, "keygate", cancellation);
        var more = await vendors.RenewDueAsync(tx, cancellation);
        return await vendors.EndExpiredAsync(tx, cancellation) || more;
    }

    /// <summary>The sweep under way, begun if need be; null where nothing is due.</summary>
    public async Task<int?> BeginAsync(Tx tx, string by, CancellationToken cancellation)
    {
        await store.HoldBeginningAsync(tx, cancellation);
        if (await store.FindOpenAsync(tx, cancellation) is { } open)
        {
            return open.Id;
        }

        var due = await store.CountDueAsync(tx, time.Utc(), cancellation);
        if (due == 0)
        {
            return null;
        }

        var sweep = (int)await store.BeginSweepAsync(tx, due, by, time.GetUtcNow(), cancellation);
        await queue.StartAsync(tx, RenewDueKeys.Of(sweep), cancellation);
        return sweep;
    }
}
