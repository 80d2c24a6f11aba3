using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Finds out, after an issuer's first key and then daily, whether it finds one of its own keys by the trace. Where it does not, people see that a
/// request without an answer will stop for them, before there is one.
/// </summary>
internal sealed class ProveTrace(LicenseStore store, PluginHost plugins, PluginReader reader, Database database) : Process
{
    private const string KindName = "licensing.prove-trace";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [new Find(store, plugins, reader, database)];

    /// <summary>The work for one issuer; as long as it is open it is not started again.</summary>
    public static async Task StartAsync(Tx tx, WorkQueue queue, PluginId issuer, CancellationToken cancellation)
    {
        var before = await queue.ViewAsync(tx, [issuer.Subject], cancellation);
        if (!before.Any(w => w.Kind == KindName && w.IsOpen))
        {
            await queue.StartAsync(tx, new StartWork(KindName, issuer.Subject, Json.Write(new Of(issuer))).After(before), cancellation);
        }
    }

    private sealed record Of(PluginId Issuer);

    private sealed class Find(LicenseStore store, PluginHost plugins, PluginReader reader, Database database) : OutsideStep
    {
        public override string Name => "find";

        public override ActKind Act => ActKind.Read;

        // An issuer that is away is no matter for a person: it is tried until it is back.
        public override int? AttemptsMax => int.MaxValue;

        // Nor is one that is paused: it is tried when it is due and resumed.
        public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) =>
            await reader.FindAsync(session, work.Read<Of>().Issuer, cancellation) is { PausedAt: null }
                ? new Asking { Lane = work.Read<Of>().Issuer.Lane, Request = work.Payload }
                : null;

        public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
        {
            var id = intent.Read<Of>().Issuer;
            if (!(await plugins.IssuerAsync(id, cancellation)).TryGet(out var issuer, out var error))
            {
                return Answer.Done(new Result(error.Detail));
            }

            var known = await database.ReadAsync(s => IssueStep.KnownAsync(s, store, id, issuer.TraceSince, cancellation), cancellation);
            if (known is null)
            {
                return Answer.Done(new Result("There is no key that could be looked for."));
            }

            // What a refusal means is written down with the plug-in; nothing is to be done about it here, and the next day's try is another one.
            var answer = await issuer.ProveTraceAsync(known, cancellation);
            return answer.Outcome switch
            {
                Outcome.Done => Answer.Done(new Result(answer.Read<TriedTrace>().Found ? "It was found." : "It was not found.")),
                Outcome.Refused => Answer.Done(new Result(answer.Error!.Detail)),
                _ => answer,
            };
        }

        public override Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation) => Task.FromResult(Move.Finish);

        private sealed record Result(string Said);
    }
}

/// <summary>Starts the tries that are due.</summary>
internal sealed class ProveTraces(LicenseStore store, PluginReader plugins, WorkQueue queue, TimeProvider time) : RecurringJob
{
    public override string Name => "licensing.prove-traces";

    public override TimeSpan Every => TimeSpan.FromMinutes(5);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        foreach (var due in await plugins.TracesDueAsync(tx, time.GetUtcNow(), cancellation))
        {
            var newest = await store.NewestTracedAsync(tx, due.Id, due.Since, cancellation);
            if (newest is not null && !(newest.IssuedAt <= due.TriedAt))
            {
                await ProveTrace.StartAsync(tx, queue, due.Id, cancellation);
            }
        }

        return false;
    }
}
