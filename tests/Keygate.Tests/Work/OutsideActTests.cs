using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Work;

public class OutsideActTests
{
    [Theory, BothEngines]
    public async Task The_intent_is_committed_before_the_call_and_the_answer_with_what_the_step_writes(Engine engine)
    {
        WorkRig rig = null!;
        IntentView? seen = null;
        var act = new Outside("create", ActKind.Once, async intent =>
        {
            seen = await rig.IntentAsync(intent.Work);
            return Answer.Done("KEY.1");
        });
        await using var made = rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();

        await rig.RunAsync();

        (seen!.State, seen.Attempt, seen.Request).ShouldBe(("open", 1, "{\"what\":\"key\"}"));
        (await rig.MarksAsync()).ShouldBe(["create \"KEY.1\""]);
        (await rig.IntentAsync(id)).State.ShouldBe("done");
        (await rig.ViewAsync(id)).State.ShouldBe("done");
        (await SlotsTakenAsync(rig)).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task The_token_is_a_locally_administered_unicast_address_and_differs_from_act_to_act(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY.1"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        for (var i = 0; i < 20; i++)
        {
            await rig.StartAsync($"thing/{i}");
        }

        await rig.RunAsync();

        var tokens = act.Calls.Select(i => i.Token).ToList();
        tokens.Distinct().Count().ShouldBe(20);
        tokens.ShouldAllBe(t => t.Length == 12 && (Convert.FromHexString(t)[0] & 0b11) == 0b10);
        act.Calls.First().TokenAsMac.Split(':').Length.ShouldBe(6);
    }

    [Theory, BothEngines]
    public async Task A_refusal_stops_the_process_with_the_issuers_words(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Refused(Causes.Refusal.Because("Unknown base keytype")), Answer.Done("KEY.1"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();

        await rig.RunAfterAsync(TimeSpan.FromDays(2));

        var view = await rig.ViewAsync(id);
        (view.State, view.LastError?.Detail, view.NextAttemptAt).ShouldBe(("stopped", "Unknown base keytype", null));
        act.Calls.Count.ShouldBe(1);
        act.StoppedBecause.Single().Detail.ShouldBe("Unknown base keytype");

        await rig.ResubmitAsync(id);
        await rig.RunAsync();

        (await rig.ViewAsync(id)).State.ShouldBe("done");
        act.Calls.Select(c => c.Token).Distinct().Count().ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task What_was_certainly_not_done_is_repeated_under_the_same_token_until_its_attempts_are_spent(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.NotDone(Causes.Broken.Because("no route to host")));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();

        for (var i = 0; i < 20; i++)
        {
            await rig.RunAfterAsync(TimeSpan.FromMinutes(15));
        }

        act.Calls.Select(c => c.Attempt).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
        act.Calls.Select(c => c.Token).Distinct().Count().ShouldBe(1);
        act.Looks.ShouldBeEmpty();
        var view = await rig.ViewAsync(id);
        (view.State, view.LastError?.Code).ShouldBe(("stopped", WorkErrors.AttemptsSpent.Code));
        view.LastError!.Detail.ShouldContain("no route to host");
        view.LastError.Remedy.ShouldContain("Mend the line.");
    }

    [Theory, BothEngines]
    public async Task A_pause_of_the_other_side_uses_up_no_attempt(Engine engine)
    {
        var n = 0;
        var act = new Outside("create", ActKind.Once, _ => Task.FromResult(n++ < 30 ? Answer.NotAsked(Causes.Broken.Because("the breaker is open"), TimeSpan.FromSeconds(30)) : Answer.Done("KEY.1")));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();
        var waiting = await rig.ViewAsync(id);
        (waiting.State, waiting.Attempt, waiting.Why, waiting.NextAttemptAt).ShouldBe(("ready", 0, "the breaker is open", rig.Time.GetUtcNow().AddSeconds(30)));

        for (var i = 0; i < 30; i++)
        {
            await rig.RunAfterAsync(TimeSpan.FromSeconds(30));
        }

        (await rig.ViewAsync(id)).State.ShouldBe("done");
        act.Calls.Select(c => c.Token).Distinct().Count().ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task An_unknown_answer_is_looked_into_at_once_and_what_is_found_is_taken(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken));
        act.Look = _ => Task.FromResult(Look.Found("KEY.7"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();

        await rig.RunAsync();

        (await rig.MarksAsync()).ShouldBe(["create \"KEY.7\""]);
        (act.Calls.Count, act.Looks.Count).ShouldBe((1, 1));
        act.Looks.Single().Token.ShouldBe(act.Calls.Single().Token);
        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task Looks_come_at_once_after_a_minute_five_an_hour_and_then_daily(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken));
        act.Look = _ => Task.FromResult(Look.Absent(TimeSpan.FromDays(100)));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        var start = rig.Time.GetUtcNow();
        await rig.RunAsync();
        var looks = new List<TimeSpan> { TimeSpan.Zero };

        while (looks.Count < 7)
        {
            var next = (await rig.ViewAsync(id)).NextAttemptAt!.Value;
            looks.Add(next - start);
            rig.Time.AdvanceTo(next);
            await rig.RunAsync();
        }

        looks.ShouldBe([TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromHours(1),
            TimeSpan.FromHours(25), TimeSpan.FromHours(49), TimeSpan.FromHours(73)]);
        (act.Calls.Count, act.Looks.Count).ShouldBe((1, 7));
        (await rig.ViewAsync(id)).Why!.ShouldContain("may still take it until");
    }

    [Theory, BothEngines]
    public async Task An_absence_is_believed_only_after_the_time_the_other_side_may_still_take(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken), Answer.Done("KEY.2"));
        act.Look = _ => Task.FromResult(Look.Absent(TimeSpan.FromMinutes(20)));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();

        await rig.RunAsync();
        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));
        await rig.RunAfterAsync(TimeSpan.FromMinutes(4));
        (act.Calls.Count, act.Looks.Count).ShouldBe((1, 3));
        await rig.RunAfterAsync(TimeSpan.FromMinutes(55));

        (act.Calls.Count, act.Looks.Count).ShouldBe((2, 4));
        act.Calls.Select(c => c.Token).Distinct().Count().ShouldBe(1);
        act.Calls.Last().Attempt.ShouldBe(2);
        (await rig.MarksAsync()).ShouldBe(["create \"KEY.2\""]);
        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task A_look_that_could_not_be_asked_does_not_advance_the_schedule(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken));
        var reachable = false;
        act.Look = _ => reachable ? Task.FromResult(Look.Absent(TimeSpan.FromDays(1))) : throw new TimeoutException("no answer to the look");
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();

        for (var i = 0; i < 10; i++)
        {
            await rig.RunAfterAsync(TimeSpan.FromSeconds(30));
        }

        act.Looks.Count.ShouldBe(11);
        (await rig.IntentAsync(id)).Looks.ShouldBe(0);
        (await rig.ViewAsync(id)).Why!.ShouldContain("no answer to the look");

        reachable = true;
        await rig.RunAfterAsync(TimeSpan.FromSeconds(30));
        (await rig.IntentAsync(id)).Looks.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task What_is_unknown_goes_first_when_the_other_side_is_back(Engine engine)
    {
        var away = true;
        var order = new List<string>();
        var act = new Outside("create", ActKind.Once, intent =>
        {
            order.Add($"call {intent.Work}");
            return Task.FromResult(!away ? Answer.Done("KEY") : order.Count == 4 ? Answer.Unknown(Causes.Broken) : Answer.NotAsked(Causes.Broken, TimeSpan.FromHours(1)));
        });
        act.Look = intent =>
        {
            order.Add($"look {intent.Work}");
            return Task.FromResult(away ? Look.NotAsked(Causes.Broken) : Look.Found("KEY"));
        };
        await using var rig = await WorkRig.CreateAsync(engine, new WorkOptions { HeldMax = 1 }, act);
        var ids = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await rig.StartAsync($"thing/{i}"));
            await rig.RunAsync();
        }

        order.ShouldBe([$"call {ids[0]}", $"call {ids[1]}", $"call {ids[2]}", $"call {ids[3]}", $"look {ids[3]}"]);
        order.Clear();
        away = false;

        await rig.Database.WriteAsync(async tx =>
        {
            await rig.Engine.Lanes.WakeAsync(tx, Outside.Lane, default);
            return 0;
        }, default);
        await rig.RunAsync();

        order.ShouldBe([$"look {ids[3]}", $"call {ids[0]}", $"call {ids[1]}", $"call {ids[2]}"]);
    }

    [Theory, BothEngines]
    public async Task Where_nobody_can_look_it_stops_and_a_person_says_what_was_found(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAfterAsync(TimeSpan.FromDays(3));
        var stopped = await rig.ViewAsync(id);
        (stopped.State, stopped.LastError?.Code).ShouldBe(("stopped", WorkErrors.NobodyCanLook.Code));
        (await rig.CancelAsync(id)).Error!.Code.ShouldBe(WorkErrors.IntentOpen.Code);

        await rig.ResubmitAsync(id);
        await rig.RunAsync();
        (await rig.ViewAsync(id)).State.ShouldBe("stopped");
        act.Calls.Count.ShouldBe(1);

        (await rig.Database.WriteAsync(tx => rig.Queue.RecordFoundAsync(tx, id, Json.Write("KEY.9"), default), default)).IsDone.ShouldBeTrue();
        await rig.RunAsync();

        (await rig.MarksAsync()).ShouldBe(["create \"KEY.9\""]);
        (await rig.ViewAsync(id)).State.ShouldBe("done");
        act.Calls.Count.ShouldBe(1);
        (await rig.Database.WriteAsync(tx => rig.Queue.RecordNoneAsync(tx, id, default), default)).Error!.Code.ShouldBe(WorkErrors.NothingUnknown.Code);
    }

    [Theory, BothEngines]
    public async Task Where_a_person_confirms_that_nothing_happened_it_is_tried_again_under_the_same_token(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken), Answer.Done("KEY.1"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();

        (await rig.Database.WriteAsync(tx => rig.Queue.RecordNoneAsync(tx, id, default), default)).IsDone.ShouldBeTrue();
        await rig.RunAsync();

        (await rig.ViewAsync(id)).State.ShouldBe("done");
        act.Calls.Count.ShouldBe(2);
        act.Calls.Select(c => c.Token).Distinct().Count().ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task What_was_ever_unknown_is_looked_for_once_more_before_it_is_asked_again(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken), Answer.Refused(Causes.Refusal), Answer.Refused(Causes.Refusal), Answer.Done("KEY.3"));
        var look = Look.Absent(TimeSpan.Zero);
        act.Look = _ => Task.FromResult(look);
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();
        (act.Calls.Count, act.Looks.Count, (await rig.ViewAsync(id)).State).ShouldBe((2, 1, "stopped"));

        // Where it cannot be asked, nothing is sent; an absence lets it be sent at once.
        look = Look.NotAsked(Causes.Broken);
        await rig.ResubmitAsync(id);
        await rig.RunAsync();
        var waiting = await rig.ViewAsync(id);
        (act.Calls.Count, act.Looks.Count, waiting.State, waiting.Attempt).ShouldBe((2, 2, "ready", 0));
        look = Look.Absent(TimeSpan.FromDays(1));
        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));
        (act.Calls.Count, act.Looks.Count, (await rig.ViewAsync(id)).State).ShouldBe((3, 3, "stopped"));

        look = Look.Found("KEY.LATE");
        await rig.ResubmitAsync(id);
        await rig.RunAsync();

        act.Calls.Count.ShouldBe(3);
        (await rig.MarksAsync()).ShouldBe(["create \"KEY.LATE\""]);
        (await rig.ViewAsync(id)).State.ShouldBe("done");
        (await rig.IntentAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task What_was_never_unknown_is_asked_again_without_a_look(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.NotDone(Causes.Broken), Answer.Refused(Causes.Refusal), Answer.Done("KEY.1"));
        act.Look = _ => Task.FromResult(Look.Found("KEY.OTHER"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();
        await rig.RunAfterAsync(TimeSpan.FromMinutes(1));

        await rig.ResubmitAsync(id);
        await rig.RunAsync();

        (act.Calls.Count, act.Looks.Count).ShouldBe((3, 0));
        (await rig.MarksAsync()).ShouldBe(["create \"KEY.1\""]);
    }

    [Theory, BothEngines]
    public async Task A_person_who_was_mistaken_when_confirming_that_nothing_happened_buys_no_second_key(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken));
        var look = Look.CannotLook(Causes.Refusal);
        act.Look = _ => Task.FromResult(look);
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();
        look = Look.Found("KEY.1");

        (await rig.Database.WriteAsync(tx => rig.Queue.RecordNoneAsync(tx, id, default), default)).IsDone.ShouldBeTrue();
        await rig.RunAsync();

        act.Calls.Count.ShouldBe(1);
        (await rig.MarksAsync()).ShouldBe(["create \"KEY.1\""]);
    }

    [Theory, BothEngines]
    public async Task A_call_that_throws_counts_as_unknown(Engine engine)
    {
        var act = new Outside("create", ActKind.Once, _ => throw new IOException("the connection was reset")) { Look = _ => Task.FromResult(Look.Found("KEY.3")) };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await rig.StartAsync();

        await rig.RunAsync();

        (await rig.MarksAsync()).ShouldBe(["create \"KEY.3\""]);
        act.Calls.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task A_call_that_never_ends_counts_as_unknown(Engine engine)
    {
        var never = new TaskCompletionSource<Answer>();
        var act = new Outside("create", ActKind.Once, _ => never.Task) { Look = _ => Task.FromResult(Look.Found("KEY.3")) };
        await using var rig = await WorkRig.CreateAsync(engine, new WorkOptions { CallMax = TimeSpan.FromMilliseconds(300), CallLeftAfter = TimeSpan.FromMilliseconds(200) }, act);
        await rig.StartAsync();

        await rig.RunAsync();

        (await rig.MarksAsync()).ShouldBe(["create \"KEY.3\""]);
    }

    [Theory, BothEngines]
    public async Task An_unknown_read_is_simply_asked_again_and_leaves_no_intent(Engine engine)
    {
        var act = Outside.Answering("retrieve", ActKind.Repeatable, Answer.Unknown(Causes.Broken), Answer.NotDone(Causes.Broken), Answer.Done("file"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();

        await rig.RunAsync();
        await rig.RunAfterAsync(TimeSpan.FromSeconds(15));
        await rig.RunAfterAsync(TimeSpan.FromSeconds(30));

        (await rig.ViewAsync(id)).State.ShouldBe("done");
        act.Looks.ShouldBeEmpty();
        act.Calls.Select(c => c.Token).Distinct().Count().ShouldBe(1);
        (await rig.Database.ReadAsync(s => rig.Queue.IntentsAsync(s, id, default), default)).ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task What_is_pending_is_asked_for_again_at_its_time_and_uses_up_no_attempt(Engine engine)
    {
        var reading = Outside.Answering("retrieve", ActKind.Read, Answer.Pending(TimeSpan.FromMinutes(2)), Answer.Done("file"));
        var acting = Outside.Answering("create", ActKind.Once, Answer.Pending(TimeSpan.FromMinutes(3)));
        acting.Look = _ => Task.FromResult(Look.Found("KEY.1"));
        await using var rig = await WorkRig.CreateAsync(engine, reading, acting);
        var id = await rig.StartAsync();
        await rig.RunAsync();
        (await rig.ViewAsync(id)).NextAttemptAt.ShouldBe(rig.Time.GetUtcNow().AddMinutes(2));

        await rig.RunAfterAsync(TimeSpan.FromMinutes(2));
        var pending = await rig.ViewAsync(id);
        (pending.State, pending.Step, pending.Attempt).ShouldBe(("sleeping", "create", 0));
        (await rig.CancelAsync(id)).Error!.Code.ShouldBe(WorkErrors.IntentOpen.Code);
        await rig.RunAfterAsync(TimeSpan.FromMinutes(3));

        (await rig.ViewAsync(id)).State.ShouldBe("done");
        (acting.Calls.Count, acting.Looks.Count).ShouldBe((1, 1));
    }

    [Theory, BothEngines]
    public async Task A_step_with_nothing_to_ask_is_passed_over(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY.1"));
        act.Prepare = _ => null;
        await using var rig = await WorkRig.CreateAsync(engine, act, Local.Marking("after"));
        var id = await rig.StartAsync();

        await rig.RunAsync();

        (await rig.MarksAsync()).ShouldBe(["after"]);
        act.Calls.ShouldBeEmpty();
        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task An_answer_that_could_not_be_worked_in_is_kept_and_the_act_not_repeated(Engine engine)
    {
        var broken = true;
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY.1"));
        act.Settle = (_, _, _) => broken ? throw new InvalidOperationException("a bug of the room") : Task.FromResult(Move.Next);
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();
        var view = await rig.ViewAsync(id);
        (view.State, view.LastError?.Code).ShouldBe(("ready", WorkErrors.StepFaulted.Code));
        (await rig.IntentAsync(id)).State.ShouldBe("answered");
        (await rig.MarksAsync()).ShouldBeEmpty();

        for (var i = 0; i < 20; i++)
        {
            await rig.RunAfterAsync(TimeSpan.FromMinutes(15));
        }

        (await rig.ViewAsync(id)).State.ShouldBe("stopped");
        (await rig.CancelAsync(id)).Error!.Code.ShouldBe(WorkErrors.IntentOpen.Code);
        broken = false;
        await rig.ResubmitAsync(id);
        await rig.RunAsync();

        (await rig.MarksAsync()).ShouldBe(["create \"KEY.1\""]);
        (await rig.ViewAsync(id)).State.ShouldBe("done");
        act.Calls.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task A_deadline_ends_the_tries_and_names_the_last_cause(Engine engine)
    {
        var act = new Outside("retrieve", ActKind.Repeatable, _ => Task.FromResult(Answer.NotDone(Causes.Broken.Because("no route to host")))) { Within = TimeSpan.FromMinutes(1) };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();

        await rig.RunAsync();
        while (await rig.ViewAsync(id) is { State: "ready", NextAttemptAt: { } next })
        {
            next.ShouldBeLessThanOrEqualTo(new DateTimeOffset(2026, 2, 1, 12, 1, 0, TimeSpan.Zero));
            rig.Time.AdvanceTo(next);
            await rig.RunAsync();
        }

        var view = await rig.ViewAsync(id);
        (view.State, view.LastError?.Code).ShouldBe(("stopped", WorkErrors.DeadlineOver.Code));
        view.LastError!.Detail.ShouldContain("no route to host");
        rig.Time.GetUtcNow().ShouldBe(new DateTimeOffset(2026, 2, 1, 12, 1, 0, TimeSpan.Zero));
    }

    [Theory, BothEngines]
    public async Task A_deadline_counts_from_the_first_try_not_from_the_time_in_the_queue(Engine engine)
    {
        var act = new Outside("retrieve", ActKind.Repeatable, _ => Task.FromResult(Answer.Done("file"))) { Within = TimeSpan.FromMinutes(1) };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();

        await rig.RunAfterAsync(TimeSpan.FromHours(2));

        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task A_deadline_does_not_end_the_looks(Engine engine)
    {
        var found = false;
        var act = new Outside("create", ActKind.Once, _ => Task.FromResult(Answer.Unknown(Causes.Broken)))
        {
            Within = TimeSpan.FromMinutes(1),
            Look = _ => Task.FromResult(found ? Look.Found("KEY.1") : Look.Absent(TimeSpan.FromDays(9))),
        };
        await using var rig = await WorkRig.CreateAsync(engine, act);
        var id = await rig.StartAsync();
        await rig.RunAsync();
        await rig.RunAfterAsync(TimeSpan.FromMinutes(30));
        await rig.RunAfterAsync(TimeSpan.FromMinutes(30));
        (await rig.ViewAsync(id)).State.ShouldBe("ready");

        found = true;
        await rig.RunAfterAsync(TimeSpan.FromDays(1));

        (await rig.ViewAsync(id)).State.ShouldBe("done");
    }

    [Theory, BothEngines]
    public async Task An_act_that_was_ever_unknown_is_looked_at_again_and_a_second_result_needs_attention(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Unknown(Causes.Broken), Answer.Done("KEY.2"));
        var there = Look.Absent(TimeSpan.Zero);
        act.Look = _ => Task.FromResult(there);
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await rig.StartAsync("license/17");
        await rig.RunAsync();
        act.Calls.Count.ShouldBe(2);
        act.Looks.Clear();

        there = Look.Found("KEY.2");
        await rig.RunAfterAsync(TimeSpan.FromHours(1));
        act.Looks.Count.ShouldBe(1);
        act.Surplus.ShouldBeEmpty();

        there = Look.Found("KEY.1");
        await rig.RunAfterAsync(TimeSpan.FromHours(23));

        act.Surplus.ShouldBe(["\"KEY.1\""]);
        var attention = (await rig.AllAsync())[^1];
        (attention.State, attention.Subject, attention.LastError?.Code).ShouldBe(("stopped", "license/17", WorkErrors.Surplus.Code));
        attention.LastError!.Detail.ShouldContain("KEY.1");
    }

    [Theory, BothEngines]
    public async Task An_act_that_was_answered_at_once_is_not_looked_at_again(Engine engine)
    {
        var act = Outside.Answering("create", ActKind.Once, Answer.Done("KEY.2"));
        await using var rig = await WorkRig.CreateAsync(engine, act);
        await rig.StartAsync();
        await rig.RunAsync();

        await rig.RunAfterAsync(TimeSpan.FromDays(2));

        act.Looks.ShouldBeEmpty();
        (await rig.AllAsync()).Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task No_transaction_is_open_during_a_call_that_a_commit_began(Engine engine)
    {
        var open = false;
        var act = new Outside("create", ActKind.Once, _ =>
        {
            try
            {
                Tx.AssertNone();
            }
            catch (InvalidOperationException)
            {
                open = true;
            }

            return Task.FromResult(Answer.Done("KEY.1"));
        });
        await using var rig = await WorkRig.CreateAsync(engine, act);
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));

        var id = await rig.StartAsync();
        await WorkRig.UntilAsync(async () => (await rig.ViewAsync(id)).State == "done");

        open.ShouldBeFalse();
    }

    [Theory, BothEngines]
    public async Task A_license_order_takes_five_commits(Engine engine)
    {
        WorkRig rig = null!;
        var order = 0L;
        var gate = new Local("license", async (tx, work) =>
        {
            await rig.Queue.StartAsync(tx, new StartWork("test.license", "license/17", "{}") { Parent = work.Id }, default);
            return Move.Next;
        });
        var installed = false;
        await using var made = rig = await WorkRig.CreateAsync(engine,
            gate, new Local("join", (_, _) => Task.FromResult(installed ? Move.Next : Move.Wait("for the license"))), Local.Marking("order complete"));
        var install = Outside.Answering("install", ActKind.Repeatable, Answer.Done("installed"));
        install.Settle = (_, _, _) =>
        {
            installed = true;
            return Task.FromResult(Move.Next);
        };
        rig.Processes.Add(new Script("test.license",
            Local.Marking("request"), Outside.Answering("issue", ActKind.Once, Answer.Done("KEY.1")), Outside.Answering("retrieve", ActKind.Repeatable, Answer.Done("file")), install));
        // The lane appears with its plug-in; the first order pays for nothing else either.
        await rig.Database.WriteAsync(async tx => { await rig.Engine.Lanes.SetAsync(tx, new LaneSettings(Outside.Lane, 4), default); return 0; }, default);
        rig.Engine.Start();
        await WorkRig.UntilAsync(() => Task.FromResult(rig.Engine.IsReady));

        // Beside an order the engine has commits of its own, such as those of its start: the quietest of several orders says what one takes.
        var commits = new List<long>();
        string[] marks = ["request", "issue \"KEY.1\"", "retrieve \"file\"", "install \"installed\"", "order complete"];
        for (var n = 1; n <= 5 && commits.LastOrDefault() != 5; n++)
        {
            installed = false;
            var before = rig.Database.Commits;
            order = await rig.StartAsync($"order/{n}");
            await WorkRig.UntilAsync(async () => (await rig.ViewAsync(order)).State == "done");
            commits.Add(rig.Database.Commits - before);
            (await rig.MarksAsync()).ShouldBe(Enumerable.Repeat(marks, n).SelectMany(m => m));
        }

        commits.Min().ShouldBe(5, string.Join(", ", commits));
    }

    private static Task<int> SlotsTakenAsync(WorkRig rig) =>
        rig.Database.ReadAsync(s => s.GetAsync<int>("select count(*) from work_lane_slots where work is not null", null, default), default);
}
