using System.Collections.Concurrent;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Microsoft.Extensions.Logging.Abstractions;

namespace Keygate.Tests.Work;

/// <summary>A database with the work room, a clock, and one process whose steps a test writes down.</summary>
internal sealed class WorkRig : IAsyncDisposable
{
    public const string Kind = "test.process";

    private readonly List<WorkEngine> _engines = [];

    private WorkRig(TestDatabase test, WorkOptions? options, params Step[] steps)
    {
        Test = test;
        Options = options ?? new WorkOptions();
        Processes = [new Script(Kind, steps)];
        Engine = AnotherEngine(test.Database);
    }

    public TestDatabase Test { get; }

    public Database Database => Test.Database;

    public ManualTime Time { get; } = new();

    public WorkOptions Options { get; }

    public List<Process> Processes { get; }

    public List<RecurringJob> Jobs { get; } = [];

    public WorkEngine Engine { get; }

    public WorkQueue Queue => Engine.Queue;

    public static Task<WorkRig> CreateAsync(Engine engine, params Step[] steps) => CreateAsync(engine, null, steps);

    public static async Task<WorkRig> CreateAsync(Engine engine, WorkOptions? options, params Step[] steps)
    {
        var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly, typeof(WorkEngine).Assembly);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync(tx.Dialect.Expand("create table marks (id {bigid}, text {text} not null)"), null, default), default);
        return new WorkRig(test, options, steps);
    }

    public WorkEngine AnotherEngine(Database? on = null, WorkOptions? options = null)
    {
        var engine = new WorkEngine(on ?? Test.OpenAgain(), () => Processes, () => Jobs, Time, options ?? Options, NullLogger<WorkEngine>.Instance, Chance.Seeded(_engines.Count + 17));
        _engines.Add(engine);
        return engine;
    }

    /// <summary>A process that starts anew does what the last one left. PostgreSQL frees the lock of a process a little after its connection is gone.</summary>
    public async Task TakeOverAsync()
    {
        var next = AnotherEngine(Database);
        await UntilAsync(async () => await next.RunUntilIdleAsync(TestTime) >= 0 && (await AllAsync()).All(w => w.State != "running"));
    }

    public Task<long> StartAsync(string subject = "thing/1", string kind = Kind, long? parent = null, string? unique = null, DateTimeOffset? due = null) =>
        Database.WriteAsync(tx => Queue.StartAsync(tx, new StartWork(kind, subject, "{}") { Parent = parent, UniqueKey = unique, Due = due }, default), default);

    public async Task<WorkView> ViewAsync(long id) => (await Database.ReadAsync(s => Queue.FindAsync(s, id, default), default))!;

    public async Task<IntentView> IntentAsync(long id) => (await Database.ReadAsync(s => Queue.IntentsAsync(s, id, default), default)).Single();

    public Task<IReadOnlyList<WorkView>> AllAsync() => Database.ReadAsync(async s =>
        (IReadOnlyList<WorkView>)[.. (await s.QueryAsync<WorkRow>($"select {WorkRow.Columns} from work order by id", null, default)).Select(WorkView.Of)], default);

    public Task<Result<Done>> ResubmitAsync(long id) => Database.WriteAsync(tx => Queue.ResubmitAsync(tx, id, default), default);

    public Task<Result<Done>> CancelAsync(long id) => Database.WriteAsync(tx => Queue.CancelAsync(tx, id, "no longer wanted", default), default);

    public Task<int> RunAsync() => Engine.RunUntilIdleAsync(TestTime);

    /// <summary>Moves the clock, then runs what is due.</summary>
    public async Task<int> RunAfterAsync(TimeSpan time)
    {
        Time.Advance(time);
        return await RunAsync();
    }

    public Task<List<string>> MarksAsync() => Database.ReadAsync(s => s.QueryAsync<string>("select text from marks order by id", null, default), default);

    public static Task MarkAsync(Tx tx, string text) => tx.ExecuteAsync("insert into marks(text) values (@text)", new { text }, default);

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(20, end.Token);
        }
    }

    public static CancellationToken TestTime => Xunit.TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }

        await Test.DisposeAsync();
    }
}

internal sealed class Script(string kind, params Step[] steps) : Process
{
    public override string Kind => kind;

    public override IReadOnlyList<Step> Steps => steps;
}

internal sealed class Local(string name, Func<Tx, WorkItem, Task<Move>> run) : LocalStep
{
    public ConcurrentQueue<string> StoppedBecause { get; } = [];

    public TimeSpan? Within { get; init; }

    public override string Name => name;

    public override TimeSpan? Deadline => Within;

    public static Local Marking(string name, Move? move = null) => new(name, async (tx, _) =>
    {
        await WorkRig.MarkAsync(tx, name);
        return move ?? Move.Next;
    });

    public override Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation) => run(tx, work);

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        StoppedBecause.Enqueue(failure.Error.Code);
        return Task.CompletedTask;
    }
}

internal sealed class Outside(string name, ActKind act, Func<Intent, Task<Answer>> call) : OutsideStep
{
    public const string Lane = "plugin/1";

    public ConcurrentQueue<Intent> Calls { get; } = [];

    public ConcurrentQueue<Intent> Looks { get; } = [];

    public ConcurrentQueue<Error> StoppedBecause { get; } = [];

    public ConcurrentQueue<string> Surplus { get; } = [];

    public Func<Intent, Task<Look>>? Look { get; set; }

    public Func<Tx, WorkItem, Answer, Task<Move>>? Settle { get; set; }

    public Func<WorkItem, Asking?> Prepare { get; set; } = _ => new Asking { Lane = Lane, Request = "{\"what\":\"key\"}", Keys = 1 };

    public TimeSpan? Within { get; init; }

    public int? Tries { get; init; }

    public override string Name => name;

    public override ActKind Act => act;

    public override TimeSpan? Deadline => Within;

    public override int? AttemptsMax => Tries;

    /// <summary>A step whose calls get these answers in turn, the last one for ever.</summary>
    public static Outside Answering(string name, ActKind act, params Answer[] answers)
    {
        var n = 0;
        return new Outside(name, act, _ => Task.FromResult(answers[Math.Min(n++, answers.Length - 1)]));
    }

    public override Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) => Task.FromResult(Prepare(work));

    public override Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        Calls.Enqueue(intent);
        return call(intent);
    }

    public override Task<Look> LookAsync(Intent intent, CancellationToken cancellation)
    {
        Looks.Enqueue(intent);
        return Look is null ? base.LookAsync(intent, cancellation) : Look(intent);
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        await WorkRig.MarkAsync(tx, $"{name} {answer.Value}");
        return Settle is null ? Move.Next : await Settle(tx, work, answer);
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation)
    {
        StoppedBecause.Enqueue(failure.Error);
        return Task.CompletedTask;
    }

    public override Task<Move> SurplusAsync(Tx tx, WorkItem work, Intent intent, Look found, CancellationToken cancellation)
    {
        Surplus.Enqueue(found.Value!);
        return base.SurplusAsync(tx, work, intent, found, cancellation);
    }
}

internal static class Causes
{
    public static readonly Error Broken = new("test.broken", ErrorKind.Unavailable, "The line is broken", "Mend the line.");

    public static readonly Error Refusal = new("test.refusal", ErrorKind.Conflict, "The issuer refuses", "Ask the issuer.");
}
