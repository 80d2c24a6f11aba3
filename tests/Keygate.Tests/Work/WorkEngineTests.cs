using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Work;

public class WorkEngineTests
{
    [Theory, BothEngines]
    public async Task Local_steps_run_in_the_transaction_that_starts_the_process(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Local.Marking("one"), Local.Marking("two"));
        var before = rig.Database.Commits;

        var id = await rig.StartAsync();

        (rig.Database.Commits - before).ShouldBe(1);
        (await rig.MarksAsync()).ShouldBe(["one", "two"]);
        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task A_refused_start_leaves_nothing_behind(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Local.Marking("one"));

        var result = await rig.Database.WriteAsync<Result<Done>>(async tx =>
        {
            await rig.Queue.StartAsync(tx, new StartWork(WorkRig.Kind, "thing/1", "{}"), default);
            return WorkErrors.Busy;
        }, default);

        result.IsDone.ShouldBeFalse();
        (await rig.MarksAsync()).ShouldBeEmpty();
        (await rig.AllAsync()).ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task A_unique_key_is_started_once(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Local.Marking("one", Move.Wait("for a word")), Local.Marking("two"));

        var first = await rig.StartAsync(unique: "license/17 first");
        var second = await rig.StartAsync(unique: "license/17 first");

        second.ShouldBe(first);
        (await rig.MarksAsync()).ShouldBe(["one"]);
    }

    [Theory, BothEngines]
    public async Task A_process_that_waits_goes_on_in_the_transaction_that_wakes_it(Engine engine)
    {
        var open = false;
        await using var rig = await WorkRig.CreateAsync(engine,
            new Local("gate", (_, _) => Task.FromResult(open ? Move.Next : Move.Wait("The hosting is not ready."))), Local.Marking("after"));
        var id = await rig.StartAsync("item/5");
        await rig.RunAsync();
        var waiting = await rig.ViewAsync(id);
        (waiting.State, waiting.Why, waiting.NextAttemptAt).ShouldBe(("waiting", "The hosting is not ready.", null));
        var before = rig.Database.Commits;

        open = true;
        (await rig.Database.WriteAsync(tx => rig.Queue.WakeAsync(tx, WorkRig.Kind, "item/5", default), default)).ShouldBeTrue();

        (rig.Database.Commits - before).ShouldBe(1);
        (await rig.MarksAsync()).ShouldBe(["after"]);
        (await rig.Database.WriteAsync(tx => rig.Queue.WakeAsync(tx, WorkRig.Kind, "item/5", default), default)).ShouldBeFalse();
    }

    [Theory, BothEngines]
    public async Task A_child_that_ends_takes_its_parent_on_in_the_same_transaction(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Outside.Answering("act", ActKind.Read, Answer.Done("key")));
        var ended = false;
        rig.Processes.Add(new Script("test.parent",
            new Local("begin", async (tx, work) =>
            {
                await rig.Queue.StartAsync(tx, new StartWork(WorkRig.Kind, "child/1", "{}") { Parent = work.Id }, default);
                return Move.Next;
            }),
            new Local("join", (_, _) => Task.FromResult(ended ? Move.Next : Move.Wait("for the child"))),
            Local.Marking("parent")));
        var parent = await rig.StartAsync("parent/1", "test.parent");
        (await rig.ViewAsync(parent)).State.ShouldBe("waiting");

        ended = true;
        await rig.RunAsync();

        (await rig.ViewAsync(parent)).State.ShouldBe("done");
        (await rig.MarksAsync()).ShouldBe(["act \"key\"", "parent"]);
    }

    [Theory, BothEngines]
    public async Task A_parent_does_not_sleep_through_a_child_that_ended_before_it_waited(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Local.Marking("child"));
        var asked = 0;
        rig.Processes.Add(new Script("test.parent", new Local("all", async (tx, work) =>
        {
            if (asked++ > 0)
            {
                return Move.Finish;
            }

            await rig.Queue.StartAsync(tx, new StartWork(WorkRig.Kind, "child/1", "{}") { Parent = work.Id }, default);
            return Move.Wait("for the child");
        })));

        var parent = await rig.StartAsync("parent/1", "test.parent");
        await rig.RunAsync();

        (await rig.ViewAsync(parent)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task A_parent_that_fails_does_not_take_its_childs_result_with_it(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Outside.Answering("act", ActKind.Once, Answer.Done("key")));
        var begun = false;
        rig.Processes.Add(new Script("test.parent", new Local("join", async (tx, work) =>
        {
            if (begun)
            {
                throw new InvalidOperationException("a bug of the parent");
            }

            begun = true;
            await rig.Queue.StartAsync(tx, new StartWork(WorkRig.Kind, "child/1", "{}") { Parent = work.Id }, default);
            return Move.Wait("for the child");
        })));
        var parent = await rig.StartAsync("parent/1", "test.parent");

        await rig.RunAsync();

        (await rig.MarksAsync()).ShouldBe(["act \"key\""]);
        var view = await rig.ViewAsync(parent);
        (view.State, view.LastError?.Code, view.Attempt).ShouldBe(("ready", WorkErrors.StepFaulted.Code, 1));
        view.LastError!.Detail.ShouldContain("a bug of the parent");
    }

    [Theory, BothEngines]
    public async Task A_step_that_fails_is_rolled_back_tried_again_with_growing_waits_and_stopped_at_last(Engine engine)
    {
        var tries = 0;
        var failing = new Local("failing", async (tx, _) =>
        {
            await WorkRig.MarkAsync(tx, "half done");
            tries++;
            throw new InvalidOperationException("a bug");
        });
        await using var rig = await WorkRig.CreateAsync(engine, new Local("first", (_, _) => Task.FromResult(Move.Sleep(new DateTimeOffset(2026, 2, 1, 12, 1, 0, TimeSpan.Zero), "later"))), failing);
        rig.Processes.Add(new Script("test.failing", failing));
        var id = await rig.StartAsync(kind: "test.failing", due: rig.Time.GetUtcNow().AddSeconds(1));
        var waits = new List<double>();

        await rig.RunAfterAsync(TimeSpan.FromSeconds(1));
        while (await rig.ViewAsync(id) is { State: "ready", NextAttemptAt: { } next })
        {
            waits.Add((next - rig.Time.GetUtcNow()).TotalSeconds);
            await rig.RunAfterAsync(next - rig.Time.GetUtcNow());
        }

        tries.ShouldBe(8);
        waits.Count.ShouldBe(7);
        waits[0].ShouldBeInRange(8, 12);
        waits[6].ShouldBeInRange(512, 768);
        (await rig.MarksAsync()).ShouldBeEmpty();
        var view = await rig.ViewAsync(id);
        (view.State, view.LastError?.Code).ShouldBe(("stopped", WorkErrors.AttemptsSpent.Code));
        view.LastError!.Detail.ShouldContain("a bug");
        failing.StoppedBecause.ShouldBe([WorkErrors.AttemptsSpent.Code]);
    }

    [Theory, BothEngines]
    public async Task A_fault_is_counted_at_the_step_that_fails_not_at_the_one_before(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Local.Marking("one"), new Local("two", (_, _) => throw new InvalidOperationException("a bug")));
        var id = await rig.StartAsync(due: rig.Time.GetUtcNow().AddSeconds(1));

        await rig.RunAfterAsync(TimeSpan.FromSeconds(1));
        await rig.RunAfterAsync(TimeSpan.FromSeconds(20));

        (await rig.MarksAsync()).ShouldBe(["one"]);
        var view = await rig.ViewAsync(id);
        (view.Step, view.Attempt).ShouldBe(("two", 1));
    }

    [Theory, BothEngines]
    public async Task A_sleeping_process_runs_at_its_time_and_not_before(Engine engine)
    {
        var wake = new DateTimeOffset(2026, 2, 1, 15, 0, 0, TimeSpan.Zero);
        var times = new List<DateTimeOffset>();
        WorkRig rig = null!;
        await using var made = rig = await WorkRig.CreateAsync(engine, new Local("sleep", (_, _) =>
        {
            times.Add(rig.Time.GetUtcNow());
            return Task.FromResult(times.Count < 2 ? Move.Sleep(wake, "until the afternoon") : Move.Finish);
        }));
        var id = await rig.StartAsync();
        (await rig.ViewAsync(id)).NextAttemptAt.ShouldBe(wake);

        (await rig.RunAfterAsync(TimeSpan.FromHours(2))).ShouldBe(0);
        (await rig.RunAfterAsync(TimeSpan.FromHours(1))).ShouldBe(1);

        times.Count.ShouldBe(2);
        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task A_step_that_waits_beyond_its_deadline_stops_and_says_so(Engine engine)
    {
        var waiting = new Local("join", (_, _) => Task.FromResult(Move.Wait("for an answer that never comes"))) { Within = TimeSpan.FromMinutes(10) };
        await using var rig = await WorkRig.CreateAsync(engine, waiting);
        var id = await rig.StartAsync();

        await rig.RunAfterAsync(TimeSpan.FromMinutes(9));
        (await rig.ViewAsync(id)).State.ShouldBe("waiting");
        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));

        var view = await rig.ViewAsync(id);
        (view.State, view.LastError?.Code).ShouldBe(("stopped", WorkErrors.DeadlineOver.Code));
        waiting.StoppedBecause.ShouldBe([WorkErrors.DeadlineOver.Code]);
    }

    [Theory, BothEngines]
    public async Task A_stopped_process_goes_on_where_it_stopped_and_a_second_click_changes_nothing(Engine engine)
    {
        var mended = false;
        await using var rig = await WorkRig.CreateAsync(engine, Local.Marking("one"),
            new Local("two", (_, work) => Task.FromResult(mended ? Move.Next : Move.Stop(Causes.Broken.Because($"generation {work.Generation}")))), Local.Marking("three"));
        var id = await rig.StartAsync();
        var stopped = await rig.ViewAsync(id);
        (stopped.State, stopped.Step, stopped.LastError?.Detail, stopped.LastError?.Remedy).ShouldBe(("stopped", "two", "generation 1", "Mend the line."));

        mended = true;
        (await rig.ResubmitAsync(id)).IsDone.ShouldBeTrue();
        (await rig.ResubmitAsync(id)).IsDone.ShouldBeTrue();
        await rig.RunAsync();

        (await rig.MarksAsync()).ShouldBe(["one", "three"]);
        var view = await rig.ViewAsync(id);
        (view.State, view.Generation).ShouldBe(("done", 2));
        (await rig.ResubmitAsync(id)).Error!.Code.ShouldBe(WorkErrors.NotStopped.Code);
        (await rig.ResubmitAsync(id + 99)).Error!.Code.ShouldBe(WorkErrors.NotFound.Code);
    }

    [Theory, BothEngines]
    public async Task A_cancelled_process_never_runs_again_and_its_parent_hears_of_it(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Local.Marking("child", Move.Wait("for ever")));
        long child = 0;
        rig.Processes.Add(new Script("test.parent", new Local("join", async (tx, work) =>
        {
            if (child != 0)
            {
                return Move.Finish;
            }

            child = await rig.Queue.StartAsync(tx, new StartWork(WorkRig.Kind, "child/1", "{}") { Parent = work.Id }, default);
            return Move.Wait("for the child");
        })));
        var parent = await rig.StartAsync("parent/1", "test.parent");

        (await rig.CancelAsync(child)).IsDone.ShouldBeTrue();
        (await rig.CancelAsync(child)).IsDone.ShouldBeTrue();
        await rig.RunAfterAsync(TimeSpan.FromDays(2));

        (await rig.ViewAsync(child)).State.ShouldBe("cancelled");
        (await rig.ViewAsync(parent)).State.ShouldBe("done");
        (await rig.MarksAsync()).ShouldBe(["child"]);
    }

    [Theory, BothEngines]
    public async Task A_recurring_job_runs_once_a_round_and_once_after_downtime(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine);
        var job = new Nightly();
        rig.Jobs.Add(job);
        var other = engine == Engine.PostgreSql ? rig.AnotherEngine() : rig.Engine;

        await rig.RunAsync();
        await other.RunUntilIdleAsync(default);
        job.Rounds.ShouldBe(1);
        (await rig.MarksAsync()).Count.ShouldBe(3);

        rig.Time.Advance(TimeSpan.FromDays(30));
        await Task.WhenAll(rig.RunAsync(), other.RunUntilIdleAsync(default));

        job.Rounds.ShouldBe(2);
        (await rig.AllAsync()).Single().NextAttemptAt.ShouldBe(rig.Time.GetUtcNow() + job.Every);
    }

    [Theory, BothEngines]
    public async Task A_recurring_job_that_fails_never_stops_for_good(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine);
        rig.Jobs.Add(new Failing());
        await rig.RunAsync();

        for (var i = 0; i < 12; i++)
        {
            await rig.RunAfterAsync(TimeSpan.FromMinutes(20));
        }

        var view = (await rig.AllAsync()).Single();
        (view.State, view.Attempt, view.LastError?.Code).ShouldBe(("ready", 13, WorkErrors.StepFaulted.Code));
    }

    [Theory, BothEngines]
    public async Task In_the_background_a_jump_of_the_clock_is_noticed_at_once(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine, Local.Marking("late"));
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        var id = await rig.StartAsync(due: rig.Time.GetUtcNow().AddDays(3));

        rig.Time.Advance(TimeSpan.FromDays(3));

        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(id)).State == "done");
    }

    private sealed class Nightly : RecurringJob
    {
        private int _batches;

        public int Rounds { get; private set; }

        public override string Name => "nightly";

        public override TimeSpan Every => TimeSpan.FromDays(1);

        public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
        {
            await WorkRig.MarkAsync(tx, "batch");
            if (++_batches % 3 != 0)
            {
                return true;
            }

            Rounds++;
            return false;
        }
    }

    private sealed class Failing : RecurringJob
    {
        public override string Name => "failing";

        public override TimeSpan Every => TimeSpan.FromDays(1);

        public override Task<bool> RunAsync(Tx tx, CancellationToken cancellation) => throw new InvalidOperationException("a bug");
    }
}
