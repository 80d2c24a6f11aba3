using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Work;

/// <summary>
/// An act that was ever unknown and has ended, or has stopped, is looked at again after an hour and after a day: a request that was believed lost
/// may have been carried out late, and its result would cost money every month.
/// </summary>
internal sealed class LookAgain(Database database, Book book, WorkOptions options, TimeProvider time) : Process
{
    public const string Name = "work.look-again";

    public override string Kind => Name;

    public override IReadOnlyList<Step> Steps { get; } = [new Looking(database, book, options, time)];

    public static StartWork Start(WorkRow row, IntentRow intent, DateTimeOffset ended, TimeSpan first) =>
        new(Name, row.Subject, Json.Write(new Of(intent.Id, ended))) { Due = ended + first, UniqueKey = KeyOf(row, intent) };

    /// <summary>The same for an act that was given up: what was looked for while it stood may turn up afterwards.</summary>
    public static StartWork StartGivenUp(WorkRow row, IntentRow intent, DateTimeOffset ended, TimeSpan first) =>
        Start(row, intent, ended, first) with { UniqueKey = KeyOf(row, intent) + "/given-up" };

    // Each resubmission may leave another request behind.
    private static string KeyOf(WorkRow row, IntentRow intent) => FormattableString.Invariant($"{Name}/{intent.Id}/{row.Generation}");

    internal sealed record Of(long Intent, DateTimeOffset EndedAt);

    private sealed record Seen(IReadOnlyList<string> Values);

    private sealed class Looking(Database database, Book book, WorkOptions options, TimeProvider time) : OutsideStep
    {
        public override string Name => "look";

        public override ActKind Act => ActKind.Read;

        public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
        {
            var intent = await IntentAsync(session, work, cancellation);
            return new Asking { Lane = intent.Lane, Request = work.Payload };
        }

        public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
        {
            var (stored, row) = await database.ReadAsync(async s =>
            {
                var i = await WorkStore.IntentAsync(s, intent.Read<Of>().Intent, cancellation) ?? throw new InvalidOperationException("The intent is gone.");
                return (i, await WorkStore.FindAsync(s, i.Work, cancellation) ?? throw new InvalidOperationException("The process is gone."));
            }, cancellation);
            var look = await ((OutsideStep)book.Step(row.Kind, stored.Step)).LookAsync(stored.Intent(), cancellation);
            return look.Outcome switch
            {
                LookOutcome.Found => Answer.Done(new Seen([look.Value!, .. look.Further])),
                LookOutcome.Absent => Answer.Done(new Seen([])),
                LookOutcome.NotAsked => Answer.NotAsked(look.Error!, options.LookNotAskedWait),
                LookOutcome.CannotLook => Answer.Done(new Seen([])),
                _ => throw new InvalidOperationException($"{look.Outcome} is no outcome of a look."),
            };
        }

        public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
        {
            var stored = await IntentAsync(tx, work, cancellation);
            Move? first = null;
            foreach (var found in answer.Read<Seen>().Values.Where(v => v != stored.Answer))
            {
                var row = await WorkStore.FindAsync(tx, stored.Work, cancellation) ?? throw new InvalidOperationException("The process is gone.");
                var move = await ((OutsideStep)book.Step(row.Kind, stored.Step)).SurplusAsync(tx, row.Item(), stored.Intent(), Look.FoundValue(found), cancellation);
                first ??= move is Move.NextMove ? null : move;
            }

            if (first is not null)
            {
                return first;
            }

            var next = options.LookAgain.Select(after => work.Read<Of>().EndedAt + after).FirstOrDefault(at => at > time.GetUtcNow());
            return next == default ? Move.Finish : Move.Sleep(next, "The act was unknown for a while; it is looked at once more.");
        }

        private static async Task<IntentRow> IntentAsync(Session session, WorkItem work, CancellationToken cancellation) =>
            await WorkStore.IntentAsync(session, work.Read<Of>().Intent, cancellation) ?? throw new InvalidOperationException("The intent is gone.");
    }
}
