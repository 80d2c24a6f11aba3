using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Work;

public class LaneTests
{
    [Theory, BothEngines]
    public async Task A_paused_lane_begins_nothing_and_goes_on_when_it_is_resumed(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY.1"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await PauseAsync(rig, "the issuer asked us to");
        var id = await rig.StartAsync();

        await rig.RunAfterAsync(TimeSpan.FromHours(1));

        var view = await rig.ViewAsync(id);
        (view.State, view.Attempt, view.LastError?.Code).ShouldBe(("waiting", 0, WorkErrors.LanePaused.Code));
        view.Why!.ShouldContain("the issuer asked us to");
        act.Calls.ShouldBeEmpty();
        var lane = (await ListAsync(rig)).Single();
        (lane.Paused, lane.Held, lane.UnderWay).ShouldBe((true, 1, 0));

        (await rig.Database.WriteAsync(tx => rig.Engine.Lanes.ResumeAsync(tx, Outside.Lane, default), default)).IsDone.ShouldBeTrue();
        await rig.RunAsync();

        (await rig.ViewAsync(id)).State.ShouldBe("done");
        (await rig.Database.WriteAsync(tx => rig.Engine.Lanes.ResumeAsync(tx, "plugin/99", default), default)).Error!.Code.ShouldBe(WorkErrors.LaneUnknown.Code);
    }

    [Theory, BothEngines]
    public async Task A_paused_lane_holds_reads_too(Engine engine)
    {
        var act = Outside.Answering("retrieve", ActKind.Read, Answer.Done("file"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await PauseAsync(rig, "maintenance");
        var id = await rig.StartAsync();

        await rig.RunAsync();

        (await rig.ViewAsync(id)).LastError?.Code.ShouldBe(WorkErrors.LanePaused.Code);
        act.Calls.ShouldBeEmpty();
    }

    /// <summary>What waits for a look at a paused other side needs a person like all that waits for it.</summary>
    [Theory]
    [InlineData(Engine.Sqlite, true)]
    [InlineData(Engine.Sqlite, false)]
    [InlineData(Engine.PostgreSql, true)]
    [InlineData(Engine.PostgreSql, false)]
    public async Task A_paused_lane_holds_looks_and_says_so(Engine engine, bool resubmitted)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken), Answer.Refused(Causes.Refusal));
        act.Look = _ => Task.FromResult(Look.Absent(resubmitted ? TimeSpan.Zero : TimeSpan.FromDays(1)));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();
        await PauseAsync(rig, "maintenance");
        if (resubmitted)
        {
            await rig.ResubmitAsync(id);
        }

        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));

        (await rig.Database.ReadAsync(s => rig.Queue.FindAttentionAsync(s, id, default), default))!.Work.LastError?.Code.ShouldBe(WorkErrors.LanePaused.Code);
        var looks = act.Looks.Count;
        await rig.RunAfterAsync(TimeSpan.FromHours(1));
        act.Looks.Count.ShouldBe(looks);

        act.Look = _ => Task.FromResult(Look.Found("KEY"));
        (await rig.Database.WriteAsync(tx => rig.Engine.Lanes.ResumeAsync(tx, Outside.Lane, default), default)).IsDone.ShouldBeTrue();
        await rig.RunAsync();
        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task No_more_acts_are_under_way_than_the_lane_allows(Engine engine)
    {
        var (now, most) = (0, 0);
        var gate = new Lock();
        var act = new Outside("create", ActKind.Once, async _ =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++now);
            }

            await Task.Delay(20);
            lock (gate)
            {
                now--;
            }

            return Answer.Done("KEY");
        });
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 3));
        for (var i = 0; i < 30; i++)
        {
            await rig.StartAsync($"thing/{i}");
        }

        // On PostgreSQL two nodes at once: the places are shared.
        await Task.WhenAll(rig.RunAsync(), engine == Engine.PostgreSql ? rig.AnotherEngine().RunUntilIdleAsync(WorkRig.TestTime) : Task.FromResult(0));
        await WorkRig.UntilAsync(async () => await rig.RunAsync() == 0 && (await rig.AllAsync()).All(w => w.State == "done"));

        act.Calls.Count.ShouldBe(30);
        most.ShouldBe(3);
    }

    [Theory, BothEngines]
    public async Task A_full_lane_does_not_keep_others_waiting(Engine engine)
    {
        var release = new TaskCompletionSource<Answer>();
        await using var rig = await WorkRig.CreateAsync(engine, new Outside("create", ActKind.Once, _ => release.Task));
        var free = Outside.Answering("other", ActKind.Once, Answer.Done("KEY"));
        free.Prepare = _ => new Asking { Lane = "plugin/2", Request = "{}" };
        rig.Processes.Add(new Script("test.other", free));
        await SetAsync(rig, new LaneSettings(Outside.Lane, 2));
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        for (var i = 0; i < 150; i++)
        {
            await rig.StartAsync($"thing/{i}");
        }

        var id = await rig.StartAsync("other/1", "test.other");
        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(id)).State == "done");

        release.SetResult(Answer.Done("KEY"));
        await WorkRig.UntilAsync(async () => (await rig.AllAsync()).All(w => w.State == "done"));
    }

    [Theory, BothEngines]
    public async Task Above_the_spending_guard_an_order_waits_until_it_is_approved(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 4, KeysPerHour: 2));
        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await rig.StartAsync($"thing/{i}"));
            await rig.RunAsync();
        }

        act.Calls.Count.ShouldBe(2);
        var waiting = await rig.ViewAsync(ids[2]);
        (waiting.State, waiting.LastError?.Code).ShouldBe(("waiting", WorkErrors.ApprovalNeeded.Code));
        (await rig.Database.ReadAsync(s => rig.Queue.IntentsAsync(s, ids[2], default), default)).ShouldBeEmpty();
        (await SpendingAsync(rig)).KeysThisHour.ShouldBe(2);

        (await rig.Database.WriteAsync(tx => rig.Queue.ApproveAsync(tx, ids[2], default), default)).IsDone.ShouldBeTrue();
        await rig.RunAsync();

        act.Calls.Count.ShouldBe(3);
        (await rig.ViewAsync(ids[2])).State.ShouldBe("done");
        (await rig.Database.WriteAsync(tx => rig.Queue.ApproveAsync(tx, ids[2], default), default)).Error!.Code.ShouldBe(WorkErrors.NotOver.Code);
    }

    [Theory, BothEngines]
    public async Task The_spending_guard_lets_go_when_the_hour_is_over_and_holds_the_day(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 4, KeysPerHour: 1, KeysPerDay: 2));
        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await rig.StartAsync($"thing/{i}"));
            await rig.RunAsync();
        }

        act.Calls.Count.ShouldBe(1);
        for (var hour = 0; hour < 11; hour++)
        {
            await rig.RunAfterAsync(TimeSpan.FromHours(1));
        }

        act.Calls.Count.ShouldBe(2);
        await rig.RunAfterAsync(TimeSpan.FromHours(1));
        act.Calls.Count.ShouldBe(3);
        var spent = await SpendingAsync(rig);
        (spent.KeysThisHour, spent.KeysToday).ShouldBe((1, 1));
    }

    [Theory, BothEngines]
    public async Task A_refused_order_is_not_counted_and_a_repeated_one_counts_once(Engine engine)
    {
        var refused = Outside.Answering("create", ActKind.Once, Answer.Refused(Causes.Refusal));
        await using var rig = await WorkRig.CreateAsync(engine, refused);
        var repeated = Outside.Answering("again", ActKind.Once, Answer.NotDone(Causes.Broken), Answer.NotDone(Causes.Broken), Answer.Done("KEY"));
        rig.Processes.Add(new Script("test.repeated", repeated));
        await SetAsync(rig, new LaneSettings(Outside.Lane, 4, KeysPerDay: 1));

        await rig.StartAsync();
        await rig.RunAsync();
        (await SpendingAsync(rig)).KeysToday.ShouldBe(0);

        var id = await rig.StartAsync(kind: "test.repeated");
        await rig.RunAsync();
        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));
        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));

        (await rig.ViewAsync(id)).State.ShouldBe("done");
        (await SpendingAsync(rig)).KeysToday.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Money_is_guarded_where_the_cost_is_known_and_an_approval_lets_one_act_through(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY"));
        act.Prepare = work => new Asking { Lane = Outside.Lane, Request = "{}", Keys = 1, CostAsync = work.Subject == "thing/free" ? null : Costing(650) };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 4, MoneyPerDay: 1500));
        var ids = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await rig.StartAsync($"thing/{i}"));
            await rig.RunAsync();
        }

        act.Calls.Count.ShouldBe(2);
        var waiting = await rig.ViewAsync(ids[2]);
        (waiting.State, waiting.LastError?.Code).ShouldBe(("waiting", WorkErrors.ApprovalNeeded.Code));
        waiting.Why.ShouldBe("'create' of thing/2 costs 6.50 EUR, and 13.00 EUR of 15.00 EUR a day are spent on plugin/1.");
        var free = await rig.StartAsync("thing/free");
        await rig.RunAsync();
        (await rig.ViewAsync(free)).State.ShouldBe("done");

        (await rig.Database.WriteAsync(tx => rig.Queue.ApproveAsync(tx, ids[2], default), default)).IsDone.ShouldBeTrue();
        await rig.RunAsync();

        (await rig.ViewAsync(ids[2])).State.ShouldBe("done");
        (await rig.ViewAsync(ids[3])).State.ShouldBe("waiting");
        var spent = await SpendingAsync(rig, "EUR");
        (spent.KeysThisHour, spent.MoneyThisHour, spent.MoneyToday).ShouldBe((4, 1950, 1950));
        (await SpendingAsync(rig, "USD")).MoneyToday.ShouldBe(0);

        await SetAsync(rig, new LaneSettings(Outside.Lane, 4, MoneyPerDay: 3000));
        await rig.RunAsync();
        (await rig.ViewAsync(ids[3])).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task Money_is_guarded_for_each_hour_and_for_the_day(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY"));
        act.Prepare = _ => new Asking { Lane = Outside.Lane, Request = "{}", Keys = 1, CostAsync = Costing(650) };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 4, MoneyPerHour: 700, MoneyPerDay: 1400));
        var last = 0L;
        for (var i = 0; i < 3; i++)
        {
            last = await rig.StartAsync($"thing/{i}");
            await rig.RunAsync();
        }

        act.Calls.Count.ShouldBe(1);
        (await rig.ViewAsync(last)).Why.ShouldBe("'create' of thing/2 costs 6.50 EUR, and 6.50 EUR of 7.00 EUR an hour are spent on plugin/1.");
        for (var hour = 0; hour < 11; hour++)
        {
            await rig.RunAfterAsync(TimeSpan.FromHours(1));
        }

        act.Calls.Count.ShouldBe(2);
        (await rig.AllAsync()).Single(w => w.State == "waiting").Why!.ShouldEndWith("13.00 EUR of 14.00 EUR a day are spent on plugin/1.");
        await rig.RunAfterAsync(TimeSpan.FromHours(1));
        act.Calls.Count.ShouldBe(3);
        var spent = await SpendingAsync(rig, "EUR");
        (spent.MoneyThisHour, spent.MoneyToday).ShouldBe((650, 650));
    }

    [Theory, BothEngines]
    public async Task An_approval_holds_until_the_act_has_an_answer(Engine engine)
    {
        var act = Outside.Answering(
            "create", ActKind.Once, Answer.NotDone(Causes.Broken), Answer.NotAsked(Causes.Broken, TimeSpan.FromSeconds(30)), Answer.Refused(Causes.Refusal), Answer.Done("KEY"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 4, KeysPerDay: 0));
        var id = await rig.StartAsync();
        await rig.RunAsync();
        (await rig.ViewAsync(id)).State.ShouldBe("waiting");

        (await rig.Database.WriteAsync(tx => rig.Queue.ApproveAsync(tx, id, default), default)).IsDone.ShouldBeTrue();
        await rig.RunAsync();
        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));
        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));

        (await rig.ViewAsync(id)).State.ShouldBe("stopped");
        act.Calls.Count.ShouldBe(3);
        (await SpendingAsync(rig)).KeysToday.ShouldBe(0);
        await rig.ResubmitAsync(id);
        await rig.RunAsync();
        (await rig.ViewAsync(id)).LastError?.Code.ShouldBe(WorkErrors.ApprovalNeeded.Code);
        act.Calls.Count.ShouldBe(3);
    }

    /// <summary>Many start at once, over two processes where the database allows it: the bound is never passed, and it is used up.</summary>
    [Theory, BothEngines]
    public async Task Those_who_race_for_the_last_unit_never_pass_the_bound(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY"));
        act.Prepare = _ => new Asking { Lane = Outside.Lane, Request = "{}", Keys = 1, CostAsync = Costing(100) };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 16, KeysPerHour: 40, MoneyPerHour: 799));
        var other = engine == Engine.PostgreSql ? rig.AnotherEngine() : null;
        for (var i = 0; i < 30; i++)
        {
            await rig.StartAsync($"thing/{i}");
        }

        await Task.WhenAll(rig.RunAsync(), other?.RunUntilIdleAsync(WorkRig.TestTime) ?? Task.FromResult(0));
        await WorkRig.UntilAsync(async () => await rig.RunAsync() == 0 && (await rig.AllAsync()).All(w => w.State is "done" or "waiting"));

        act.Calls.Count.ShouldBe(7);
        (await rig.AllAsync()).Count(w => w.State == "done").ShouldBe(7);
        var spent = await SpendingAsync(rig, "EUR");
        (spent.KeysThisHour, spent.MoneyThisHour).ShouldBe((7, 700));
    }

    [Theory, BothEngines]
    public async Task What_did_not_happen_is_given_back_and_lets_the_next_one_through(Engine engine)
    {
        var answer = new TaskCompletionSource<Answer>();
        var n = 0;
        var act = new Outside("create", ActKind.Once, _ => n++ == 0 ? answer.Task : Task.FromResult(Answer.Done("KEY")))
        {
            Prepare = _ => new Asking { Lane = Outside.Lane, Request = "{}", Keys = 1, CostAsync = Costing(100) },
        };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 4, MoneyPerHour: 100));
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        var first = await rig.StartAsync("thing/1");
        await WorkRig.UntilAsync(() => Task.FromResult(act.Calls.Count == 1));
        var second = await rig.StartAsync("thing/2");
        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(second)).LastError?.Code == WorkErrors.ApprovalNeeded.Code);

        answer.SetResult(Answer.Refused(Causes.Refusal));

        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(second)).State == "done");
        (await rig.ViewAsync(first)).State.ShouldBe("stopped");
        (await SpendingAsync(rig, "EUR")).MoneyThisHour.ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task The_places_of_a_dead_node_are_free_again(Engine engine)
    {
        var calling = new TaskCompletionSource();
        var act = new Outside("create", ActKind.Once, async _ =>
        {
            calling.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
            return Answer.Done("never");
        }) { Look = _ => Task.FromResult(Look.Found("KEY.1")) };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 1));
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));
        await rig.StartAsync();
        await calling.Task.WaitAsync(TimeSpan.FromSeconds(10));
        (await ListAsync(rig)).Single().UnderWay.ShouldBe(1);

        await rig.Engine.DieAsync();
        await rig.TakeOverAsync();

        (await ListAsync(rig)).Single().UnderWay.ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task A_lane_that_is_made_narrower_opens_fewer_places(Engine engine)
    {
        await using var rig = await WorkRig.CreateAsync(engine);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 5));
        await SetAsync(rig, new LaneSettings(Outside.Lane, 2));

        (await OpenAsync(rig)).ShouldBe(2);
        await SetAsync(rig, new LaneSettings(Outside.Lane, 7));
        (await OpenAsync(rig)).ShouldBe(7);
        await PauseAsync(rig, "maintenance");
        (await OpenAsync(rig)).ShouldBe(0);
    }

    private static Task<int> OpenAsync(WorkRig rig) =>
        rig.Database.ReadAsync(s => s.GetAsync<int>("select count(*) from work_lane_slots where is_open", null, default), default);

    private static Task<IReadOnlyList<LaneView>> ListAsync(WorkRig rig) => rig.Database.ReadAsync(s => rig.Engine.Lanes.ListAsync(s, default), default);

    private static Func<Session, CancellationToken, Task<Cost?>> Costing(long amount) => (_, _) => Task.FromResult<Cost?>(new Cost(amount, "EUR"));

    private static Task<LaneSpending> SpendingAsync(WorkRig rig, string? currency = null) =>
        rig.Database.ReadAsync(s => rig.Engine.Lanes.SpendingAsync(s, Outside.Lane, currency, default), default);

    private static Task<Done> SetAsync(WorkRig rig, LaneSettings settings) => rig.Database.WriteAsync(async tx =>
    {
        await rig.Engine.Lanes.SetAsync(tx, settings, default);
        return Done.It;
    }, default);

    private static Task<Done> PauseAsync(WorkRig rig, string why) => rig.Database.WriteAsync(async tx =>
    {
        await rig.Engine.Lanes.PauseAsync(tx, Outside.Lane, why, default);
        return Done.It;
    }, default);
}
