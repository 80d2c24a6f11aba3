using Keygate.Storage;

namespace Keygate.Work;

/// <summary>A recurring job is one process that never ends: it sleeps from round to round, and faults only delay it.</summary>
internal sealed class RecurringProcess(RecurringJob job, TimeProvider time) : Process
{
    public override string Kind => KindOf(job.Name);

    public override IReadOnlyList<Step> Steps { get; } = [new Round(job, time)];

    public StartWork Start() => new(Kind, "job/" + job.Name, "{}") { UniqueKey = Kind };

    public static string KindOf(string job) => "recurring/" + job;

    private sealed class Round(RecurringJob job, TimeProvider time) : LocalStep
    {
        public override string Name => "round";

        public override int? AttemptsMax => int.MaxValue;

        public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation) =>
            await job.RunAsync(tx, cancellation)
                ? Move.Sleep(time.GetUtcNow(), "There is more to do.")
                : Move.Sleep(time.GetUtcNow() + job.Every, "The round is done.");
    }
}
