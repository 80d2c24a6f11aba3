using System.Diagnostics;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Work;

public class LeaseTests
{
    [Fact]
    public async Task Two_nodes_share_the_work_and_nothing_runs_twice()
    {
        await using var rig = await WorkRig.CreateAsync(Engine.PostgreSql, Local.Marking("one"), Outside.Answering("act", ActKind.Once, Answer.Done(1)));
        rig.Processes.Add(new Script("test.later", new Local("mark", async (tx, work) =>
        {
            // Long enough that one node cannot end it all before the other has joined.
            await Task.Delay(20);
            await WorkRig.MarkAsync(tx, work.Subject);
            return Move.Next;
        })));
        for (var i = 0; i < 200; i++)
        {
            await rig.StartAsync($"thing/{i}", "test.later", due: rig.Time.GetUtcNow().AddSeconds(1));
        }

        rig.Time.Advance(TimeSpan.FromSeconds(1));
        var other = rig.AnotherEngine();
        var claimed = await Task.WhenAll(rig.RunAsync(), other.RunUntilIdleAsync(WorkRig.TestTime));

        claimed.Sum().ShouldBe(200);
        claimed.ShouldAllBe(n => n > 0);
        (await rig.MarksAsync()).Order().ShouldBe(Enumerable.Range(0, 200).Select(i => $"thing/{i}").Order());
    }

    [Fact]
    public async Task A_node_that_dies_inside_an_outside_call_is_taken_over_and_the_act_looked_into()
    {
        var calling = new TaskCompletionSource();
        var answer = new TaskCompletionSource<Answer>();
        var act = new Outside("create", ActKind.Once, _ =>
        {
            calling.TrySetResult();
            return answer.Task;
        }) { Look = _ => Task.FromResult(Look.Found("KEY.1")) };
        await using var rig = await WorkRig.CreateAsync(Engine.PostgreSql, act);
        var doomed = rig.AnotherEngine();
        doomed.Start();
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(doomed.IsReady && rig.Engine.IsReady));
        var id = await doomed.Queue.StartAsync(rig, "thing/1");
        await calling.Task.WaitAsync(TimeSpan.FromSeconds(10));
        var died = Stopwatch.GetTimestamp();

        await CutAsync(rig, doomed);
        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(id)).State == "done");
        var took = Stopwatch.GetElapsedTime(died);

        // The late answer of the dead node must change nothing.
        answer.SetResult(Answer.Done("KEY.late"));
        await Task.Delay(300);
        (await rig.MarksAsync()).ShouldBe(["create \"KEY.1\""]);
        (act.Calls.Count, act.Looks.Count).ShouldBe((1, 1));
        TestContext.Current.TestOutputHelper?.WriteLine($"taken over and looked into after {took.TotalSeconds:0.00} s");
        (await rig.AllAsync()).Select(w => w.Kind).ShouldContain("work.look-again");
    }

    [Fact]
    public async Task A_node_whose_connection_is_cut_comes_back_under_another_identity()
    {
        await using var rig = await WorkRig.CreateAsync(Engine.PostgreSql, Local.Marking("one"));
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        var before = rig.Engine.Node.Life!.Id;

        await CutAsync(rig, rig.Engine);
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.Node.Life is { } life && life.Id != before));
        var id = await rig.StartAsync(due: rig.Time.GetUtcNow().AddSeconds(1));
        rig.Time.Advance(TimeSpan.FromSeconds(1));

        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(id)).State == "done");
    }

    [Fact]
    public async Task A_frozen_node_that_keeps_its_connection_is_taken_over_at_the_heartbeats_deadline()
    {
        await using var rig = await WorkRig.CreateAsync(Engine.PostgreSql, Local.Marking("one"));
        var id = await rig.StartAsync(due: rig.Time.GetUtcNow().AddSeconds(1));
        await using var frozen = await rig.Database.OpenDedicatedAsync(default);
        await using (var command = frozen.CreateCommand())
        {
            command.CommandText = "select pg_advisory_lock(4711)";
            await command.ExecuteNonQueryAsync();
        }

        await rig.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync($"insert into work_nodes(id, name, started_at, beat_at) values (4711, 'frozen', 0, {tx.Dialect.NowMs})", null, default);
            return await tx.ExecuteAsync("update work set state = 'running', owner = 4711, fence = 9, due_at = null where id = @id", new { id }, default);
        }, default);

        (await rig.RunAsync()).ShouldBe(0);
        await rig.Database.WriteAsync(tx => tx.ExecuteAsync($"update work_nodes set beat_at = {tx.Dialect.NowMs} - 5001 where id = 4711", null, default), default);
        (await rig.RunAsync()).ShouldBe(1);

        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task A_lost_lease_rolls_the_step_back(Engine engine)
    {
        WorkRig rig = null!;
        var runs = 0;
        var step = new Local("one", async (tx, work) =>
        {
            if (runs++ == 0)
            {
                // Somebody else took it over: what this step writes must not stay.
                await tx.ExecuteAsync("update work set fence = fence + 1 where id = @Id", work, default);
            }

            await WorkRig.MarkAsync(tx, $"run {runs}");
            return Move.Next;
        });
        await using var made = rig = await WorkRig.CreateAsync(engine, step);
        var id = await rig.StartAsync(due: rig.Time.GetUtcNow().AddSeconds(1));

        await rig.RunAfterAsync(TimeSpan.FromSeconds(1));
        (await rig.MarksAsync()).ShouldBeEmpty();
        (await rig.ViewAsync(id)).State.ShouldBe("running");

        // The next owner, here a process that starts anew, does it.
        await rig.Engine.DisposeAsync();
        await rig.TakeOverAsync();
        (await rig.MarksAsync()).ShouldBe(["run 2"]);
    }

    [Fact]
    public async Task On_sqlite_whoever_starts_takes_over_what_was_running()
    {
        var calling = new TaskCompletionSource();
        var act = new Outside("create", ActKind.Once, async _ =>
        {
            calling.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
            return Answer.Done("never");
        }) { Look = _ => Task.FromResult(Look.Found("KEY.1")) };
        await using var rig = await WorkRig.CreateAsync(Engine.Sqlite, act);
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        var id = await rig.StartAsync();
        await calling.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await rig.Engine.DieAsync();
        (await rig.ViewAsync(id)).State.ShouldBe("running");

        await rig.TakeOverAsync();

        (await rig.MarksAsync()).ShouldBe(["create \"KEY.1\""]);
        act.Calls.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task A_stop_lets_open_steps_end_and_gives_the_rest_back(Engine engine)
    {
        var calling = new TaskCompletionSource();
        var answer = new TaskCompletionSource<Answer>();
        var act = new Outside("create", ActKind.Once, _ =>
        {
            calling.TrySetResult();
            return answer.Task;
        });
        await using var rig = await WorkRig.CreateAsync(engine, act, Outside.Answering("next", ActKind.Once, Answer.Done(2)));
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        var id = await rig.StartAsync();
        await calling.Task.WaitAsync(TimeSpan.FromSeconds(10));

        var stopping = rig.Engine.StopAsync();
        rig.Engine.IsReady.ShouldBeFalse();
        answer.SetResult(Answer.Done("KEY.1"));
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));

        var view = await rig.ViewAsync(id);
        (view.State, view.Step).ShouldBe(("ready", "next"));
        (await rig.MarksAsync()).ShouldBe(["create \"KEY.1\""]);
        if (engine == Engine.PostgreSql)
        {
            (await rig.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from work_nodes", null, default), default)).ShouldBe(0);
        }
    }

    [Theory, BothEngines]
    public async Task A_call_that_outlasts_the_stop_stays_an_intent(Engine engine)
    {
        var calling = new TaskCompletionSource();
        var act = new Outside("create", ActKind.Once, async _ =>
        {
            calling.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
            return Answer.Done("never");
        }) { Look = _ => Task.FromResult(Look.Found("KEY.1")) };
        await using var rig = await WorkRig.CreateAsync(engine, new WorkOptions { StopWithin = TimeSpan.FromMilliseconds(300) }, act);
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        var id = await rig.StartAsync();
        await calling.Task.WaitAsync(TimeSpan.FromSeconds(10));

        await rig.Engine.StopAsync().WaitAsync(TimeSpan.FromSeconds(5));

        (await rig.ViewAsync(id)).State.ShouldBe("running");
        (await rig.IntentAsync(id)).State.ShouldBe("open");
        await rig.TakeOverAsync();
        (await rig.MarksAsync()).ShouldBe(["create \"KEY.1\""]);
        act.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Work_that_a_process_without_an_engine_starts_is_told_to_the_others_and_not_to_other_schemas()
    {
        await using var rig = await WorkRig.CreateAsync(Engine.PostgreSql, new WorkOptions { PollEvery = TimeSpan.FromMinutes(10) }, Outside.Answering("act", ActKind.Read, Answer.Done(1)));
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        var serving = rig.AnotherEngine(options: new WorkOptions { Runs = false });
        serving.Start();
        serving.IsReady.ShouldBeTrue();

        var id = await serving.Queue.StartAsync(rig, "thing/1");

        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(id)).State == "done");
        serving.Held.ShouldBe(0);
        Signals.Channel(rig.Database.Address).ShouldBe("work_" + rig.Database.Address.Schema);
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_picked_up_again()
    {
        await using var rig = await WorkRig.CreateAsync(Engine.PostgreSql, Local.Marking("one"));
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        var id = await rig.StartAsync(due: rig.Time.GetUtcNow().AddDays(1));

        var owner = rig.Engine.Node.Life!.Id;
        await rig.Database.WriteAsync(tx => tx.ExecuteAsync("update work set state = 'running', owner = @owner, fence = fence + 1, due_at = null where id = @id", new { id, owner }, default), default);

        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(id)).State == "done");
    }

    private static async Task CutAsync(WorkRig rig, WorkEngine engine)
    {
        var backend = engine.Node.Backend ?? throw new InvalidOperationException("The node is not there.");
        await rig.Database.ReadAsync(s => s.QueryAsync<bool>("select pg_terminate_backend(@backend)", new { backend }, default), default);
    }
}

internal static class RigQueue
{
    /// <summary>Starts through a queue other than the rig's own.</summary>
    public static Task<long> StartAsync(this WorkQueue queue, WorkRig rig, string subject) =>
        rig.Database.WriteAsync(tx => queue.StartAsync(tx, new StartWork(WorkRig.Kind, subject, "{}"), default), default);
}
