using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;
using Answer = Keygate.Plugins.Abstractions.Answer;
using Outcome = Keygate.Work.Outcome;

namespace Keygate.Tests.Plugins;

public sealed class PluginHostTests
{
    private static readonly IssueRequest Asked = new() { LicenseId = 17, KeyType = "PLESK", BillType = BillType.Lease, Trace = "02:1f:aa:00:9c:3e" };
    private static readonly Reason Why = new("ka:7050: 244 conflicting feature set", "Take it out.", "244");

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Puts_every_outcome_into_works_words()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var issuer = await room.IssuerAsync(await room.HasAsync());

        var done = await issuer.IssueAsync(Asked, _cancellation);
        room.Kind.Issue = _ => Task.FromResult(Answer.Pending<IssuedKey>(TimeSpan.FromMinutes(3)));
        var pending = await issuer.IssueAsync(Asked, _cancellation);
        room.Kind.Issue = _ => Task.FromResult(Answer.Refused<IssuedKey>(Why));
        var refused = await issuer.IssueAsync(Asked, _cancellation);
        room.Kind.Issue = _ => Task.FromResult(Answer.NotDone<IssuedKey>(Why));
        var notDone = await issuer.IssueAsync(Asked, _cancellation);
        room.Kind.Issue = _ => Task.FromResult(Answer.Unknown<IssuedKey>(Why));
        var unknown = await issuer.IssueAsync(Asked, _cancellation);

        done.Read<IssuedKey>().KeyNumber.ShouldBe("PLSK.00000001.0000");
        (pending.Outcome, pending.AskAgainAfter).ShouldBe((Outcome.Pending, TimeSpan.FromMinutes(3)));
        new[] { refused.Outcome, notDone.Outcome, unknown.Outcome }.ShouldBe([Outcome.Refused, Outcome.NotDone, Outcome.Unknown]);
        new[] { refused.Error!.Code, notDone.Error!.Code, unknown.Error!.Code }.ShouldBe(["plugins.refused", "plugins.not-done", "plugins.unknown"]);
        (refused.Error.Detail, refused.Error.Remedy).ShouldBe((Why.Cause, Why.Remedy));
    }

    [Fact]
    public async Task A_file_survives_the_way_byte_for_byte()
    {
        await using var room = await PluginsRoom.OpenAsync();

        var answer = await (await room.IssuerAsync(await room.HasAsync())).RetrieveAsync("PLSK.00000001", _cancellation);

        answer.Read<RetrievedFile>().Content.ShouldBe("<key/>"u8.ToArray());
    }

    [Theory]
    [BothEngines]
    public async Task A_refusal_that_condemns_every_call_pauses_the_plug_in_and_later_calls_use_no_attempt(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync();
        var calls = 0;
        room.Kind.Issue = _ => Task.FromResult(++calls > 0 ? Answer.Refused<IssuedKey>(new Reason("ka:7050: 200 login rejected", "Check it."), pausesPlugin: true) : null!);

        var first = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);
        var second = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);

        first.Outcome.ShouldBe(Outcome.Refused);
        second.Outcome.ShouldBe(Outcome.NotAsked);
        second.Error!.Detail.ShouldBe("'KA' is paused: ka:7050: 200 login rejected");
        second.AskAgainAfter.ShouldNotBeNull();
        calls.ShouldBe(1);
        var shown = await room.ShowAsync(id);
        (shown.PausedAt, shown.PausedReason).ShouldBe((room.Time.GetUtcNow(), "ka:7050: 200 login rejected"));
        var lane = await room.LaneAsync(id);
        (lane.Paused, lane.Why).ShouldBe((true, "ka:7050: 200 login rejected"));
        (await room.TrailAsync()).ShouldBe(["anna plugin.added plugin/1: KA, issuer.test", "keygate plugin.paused plugin/1: ka:7050: 200 login rejected"]);
    }

    [Theory]
    [BothEngines]
    public async Task A_person_pauses_and_resumes(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync();

        await room.Database.WriteAsync(tx => room.Get<PausePlugin>().HandleAsync(tx, id, new PausePluginRequest { Reason = "Maintenance" }, PluginsRoom.Anna, _cancellation), _cancellation);
        var paused = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);
        await room.Database.WriteAsync(tx => room.Get<ResumePlugin>().HandleAsync(tx, id, PluginsRoom.Anna, _cancellation), _cancellation);
        var resumed = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);

        paused.Error!.Detail.ShouldBe("'KA' is paused: Maintenance (paused by anna)");
        resumed.Outcome.ShouldBe(Outcome.Done);
        (await room.ShowAsync(id)).PausedAt.ShouldBeNull();
        (await room.LaneAsync(id)).Paused.ShouldBeFalse();
        (await room.TrailAsync()).Skip(1).ShouldBe(["anna plugin.paused plugin/1: Maintenance (paused by anna)", "anna plugin.resumed plugin/1: "]);
    }

    [Fact]
    public async Task What_a_plug_in_throws_is_unknown_and_harms_no_other()
    {
        var other = new TestPluginFactory("issuer.other");
        await using var room = await PluginsRoom.OpenAsync(Engine.Sqlite, other);
        var bad = await room.HasAsync();
        var good = await room.HasAsync(PluginsRoom.Request("Other", "issuer.other"));
        room.Kind.Issue = _ => throw new FormatException("It broke.");

        var broken = await (await room.IssuerAsync(bad)).IssueAsync(Asked, _cancellation);
        var fine = await (await room.IssuerAsync(good)).IssueAsync(Asked, _cancellation);

        broken.Outcome.ShouldBe(Outcome.Unknown);
        broken.Error!.Detail.ShouldBe("'KA' failed inside (issue): FormatException: It broke.");
        fine.Outcome.ShouldBe(Outcome.Done);
    }

    [Fact]
    public async Task Nothing_in_place_of_an_answer_is_unknown()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var issuer = await room.IssuerAsync(await room.HasAsync());

        room.Kind.Issue = _ => Task.FromResult<Answer<IssuedKey>>(null!);
        (await issuer.IssueAsync(Asked, _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
        room.Kind.Issue = _ => Task.FromResult(Answer.Done<IssuedKey>(null!));
        (await issuer.IssueAsync(Asked, _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
    }

    [Fact]
    public async Task No_answer_in_time_is_unknown()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync(PluginsRoom.Request(limits: new PluginLimits { TimeoutSeconds = 1 }));
        room.Kind.Issue = async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        };

        var answer = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);

        answer.Outcome.ShouldBe(Outcome.Unknown);
        answer.Error!.Detail.ShouldBe("'KA' did not answer within 1 s (issue).");
    }

    [Fact]
    public async Task A_call_that_is_called_off_throws_and_tells_nothing()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var issuer = await room.IssuerAsync(await room.HasAsync());
        room.Kind.Issue = async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        };
        using var off = new CancellationTokenSource();

        var call = issuer.IssueAsync(Asked, off.Token);
        await off.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
    }

    [Fact]
    public async Task A_failed_start_is_not_done_and_the_next_call_starts_again()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var issuer = await room.IssuerAsync(await room.HasAsync());
        room.Kind.Start = _ => throw new IOException("No such device.");
        var failed = await issuer.IssueAsync(Asked, _cancellation);
        var starts = 0;
        room.Kind.Start = _ => Task.FromResult(++starts);

        await issuer.IssueAsync(Asked, _cancellation);
        var again = await issuer.IssueAsync(Asked, _cancellation);

        failed.Outcome.ShouldBe(Outcome.NotDone);
        failed.Error!.Detail.ShouldBe("'KA' failed to start: No such device.");
        again.Outcome.ShouldBe(Outcome.Done);
        starts.ShouldBe(1);
    }

    [Fact]
    public async Task An_open_breaker_asks_nothing_until_a_test_goes_well()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        var calls = 0;
        room.Kind.Issue = _ => Task.FromResult(++calls > 0 ? Answer.NotDone<IssuedKey>(Why) : null!);
        for (var i = 0; i < 5; i++)
        {
            (await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation)).Outcome.ShouldBe(Outcome.NotDone);
        }

        var held = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);
        (await room.Host.TestAsync(id, _cancellation)).Value.Passed.ShouldBeTrue();
        await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);

        held.Outcome.ShouldBe(Outcome.NotAsked);
        held.Error!.Code.ShouldBe("plugins.breaker-open");
        held.AskAgainAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        calls.ShouldBe(6);
    }

    [Fact]
    public async Task The_probe_of_an_open_breaker_waits_like_the_others_and_uses_up_no_attempt()
    {
        await using var room = await PluginsRoom.OpenByClockAsync();
        var id = await room.HasAsync();
        var calls = 0;
        room.Kind.Issue = _ => Task.FromResult(++calls > 0 ? Answer.NotDone<IssuedKey>(Why) : null!);
        for (var i = 0; i < 5; i++)
        {
            (await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation)).Outcome.ShouldBe(Outcome.NotDone);
        }

        for (var probe = 0; probe < 10; probe++)
        {
            room.Time.Advance(TimeSpan.FromSeconds(30));
            var probed = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);
            var other = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);

            (probed.Outcome, other.Outcome).ShouldBe((Outcome.NotAsked, Outcome.NotAsked));
            probed.Error!.Code.ShouldBe("plugins.breaker-open");
            probed.Error.Detail.ShouldContain("was probed and still fails");
            probed.AskAgainAfter.ShouldBe(TimeSpan.FromSeconds(30));
        }

        calls.ShouldBe(15);
    }

    [Theory]
    [BothEngines]
    public async Task A_plug_in_says_since_when_its_other_side_does_not_answer_and_the_last_cause(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync();
        var why = Why;
        room.Kind.Issue = _ => Task.FromResult(Answer.NotDone<IssuedKey>(why));
        for (var i = 0; i < 5; i++)
        {
            (await room.ShowAsync(id)).AwaySince.ShouldBeNull();
            await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);
        }

        var away = await room.ShowAsync(id);
        (away.AwaySince, away.AwayCause).ShouldBe((room.Time.GetUtcNow(), Why.Cause));

        // A test in vain is no answer; since when stays.
        var since = away.AwaySince;
        room.Time.Advance(TimeSpan.FromMinutes(10));
        why = new Reason("The certificate has expired.", "Renew it.");
        room.Kind.Check = _ => Task.FromResult(Answer.NotDone<Checked>(why));
        await room.Host.TestAsync(id, _cancellation);
        away = await room.ShowAsync(id);
        (away.AwaySince, away.AwayCause).ShouldBe((since, "The certificate has expired."));
        (await AwayAsync(room, TimeSpan.FromMinutes(10))).ShouldBe([id]);
        (await AwayAsync(room, TimeSpan.FromMinutes(11))).ShouldBeEmpty();

        // Another process, which never saw it fail, hears of its return.
        await using var other = room.Beside();
        room.Kind.Issue = _ => Task.FromResult(Answer.Refused<IssuedKey>(Why));
        await (await other.IssuerAsync(id)).IssueAsync(Asked, _cancellation);
        away = await room.ShowAsync(id);
        (away.AwaySince, away.AwayCause).ShouldBe(((DateTimeOffset?)null, null));
    }

    [Theory]
    [BothEngines]
    public async Task A_breaker_that_closes_wakes_what_waited(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync();
        var soon = room.Time.GetUtcNow().AddMinutes(5);
        await room.Database.WriteAsync(tx => tx.ExecuteAsync(
            """
            insert into work(kind, subject, payload, state, step, step_begun_at, attempt, generation, due_at, rank, fence, woken, lane, approved, started_at, changed_at)
            values ('test', 'license/1', '{}', 'ready', 'issue', @soon, 1, 1, @soon, 1, 1, @no, @Lane, @no, @soon, @soon)
            """, new { soon, id.Lane, no = false }, _cancellation), _cancellation);
        room.Kind.Issue = _ => Task.FromResult(Answer.NotDone<IssuedKey>(Why));
        for (var i = 0; i < 5; i++)
        {
            await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);
        }

        await room.Host.TestAsync(id, _cancellation);

        var due = await room.Database.ReadAsync(s => s.GetAsync<DateTimeOffset>("select due_at from work where kind = 'test'", null, _cancellation), _cancellation);
        due.ShouldBe(room.Time.GetUtcNow());
    }

    [Fact]
    public async Task A_used_up_rate_asks_nothing()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync(PluginsRoom.Request(limits: new PluginLimits { CallsPerMinute = 1 }));

        (await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation)).Outcome.ShouldBe(Outcome.Done);
        var second = await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);

        second.Outcome.ShouldBe(Outcome.NotAsked);
        second.Error!.Code.ShouldBe("plugins.rate-reached");
    }

    [Fact]
    public async Task No_call_is_made_inside_a_transaction()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var issuer = await room.IssuerAsync(await room.HasAsync());
        room.Kind.Issue = _ => throw new InvalidOperationException("It was called.");

        var thrown = await Should.ThrowAsync<InvalidOperationException>(() => room.Database.WriteAsync(_ => issuer.IssueAsync(Asked, CancellationToken.None), CancellationToken.None));

        thrown.Message.ShouldBe("An outside call was begun inside a transaction.");
    }

    [Fact]
    public async Task New_settings_make_a_new_instance_and_the_old_one_ends_after_its_last_call()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        var finish = new TaskCompletionSource<Answer<IssuedKey>>();
        room.Kind.Issue = _ => finish.Task;
        var running = (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation);

        await room.ChangeAsync(id, new ChangePluginRequest { Settings = new Dictionary<string, string?> { ["host"] = "new.example.com" } });
        await room.IssuerAsync(id);

        room.Kind.Made.Select(p => p.Context["host"]).ShouldBe(["ka.example.com", "new.example.com"]);
        room.Kind.Made[0].Disposed.ShouldBe(0);
        finish.SetResult(Answer.Done(new IssuedKey { KeyNumber = "PLSK.00000001.0000" }));
        (await running).Outcome.ShouldBe(Outcome.Done);
        room.Kind.Made.Select(p => p.Disposed).ShouldBe([1, 0]);
    }

    [Fact]
    public async Task One_instance_serves_many_callers()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await (await room.IssuerAsync(id)).IssueAsync(Asked, _cancellation))));

        // Several may have been made at the very first moment; all but one are gone.
        room.Kind.Made.Count(p => p.Disposed == 0).ShouldBe(1);
    }

    [Fact]
    public async Task An_instance_gets_its_settings_in_clear_with_defaults()
    {
        await using var room = await PluginsRoom.OpenAsync();

        await room.IssuerAsync(await room.HasAsync());

        room.Kind.Made.Single().Context.Settings.OrderBy(s => s.Key).Select(s => $"{s.Key}={s.Value}")
            .ShouldBe(["host=ka.example.com", "password=planted-s3cret", "port=7050", "secure=true"]);
    }

    [Fact]
    public async Task Tells_what_is_wrong_with_a_number()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();

        (await room.Host.IssuerAsync(PluginId.Of(99), _cancellation)).Error!.Code.ShouldBe("plugins.not-found");
        (await room.Host.InstallerAsync(id, _cancellation)).Error!.Code.ShouldBe("plugins.not-an-installer");
        room.Kind.CreateFails = new FormatException("It can't.");
        await room.ChangeAsync(id, new ChangePluginRequest { Name = "Broken" });
        (await room.Host.IssuerAsync(id, _cancellation)).Error!.Detail.ShouldBe("'Broken' cannot be loaded: It can't.");
    }

    [Theory]
    [BothEngines]
    public async Task A_test_is_kept_with_the_plug_in(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync();
        var passed = await room.Host.TestAsync(id, _cancellation);
        var shownPassed = (await room.ShowAsync(id)).LastCheck;
        room.Kind.Check = _ => Task.FromResult(Answer.Refused<Checked>(Why, pausesPlugin: true));

        var failed = await room.Host.TestAsync(id, _cancellation);

        passed.Value.ShouldBe(new PluginCheck(true, "All is well.", null, room.Time.GetUtcNow()));
        shownPassed.ShouldBe(passed.Value);
        failed.Value.ShouldBe(new PluginCheck(false, Why.Cause, Why.Remedy, room.Time.GetUtcNow()));
        var shown = await room.ShowAsync(id);
        shown.LastCheck.ShouldBe(failed.Value);
        shown.PausedAt.ShouldBeNull();
        (await room.Host.TestAsync(PluginId.Of(99), _cancellation)).Error!.Code.ShouldBe("plugins.not-found");
    }

    [Fact]
    public async Task A_paused_plug_in_can_be_tested()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        await room.Database.WriteAsync(tx => room.Get<PausePlugin>().HandleAsync(tx, id, new PausePluginRequest(), PluginsRoom.Anna, _cancellation), _cancellation);

        (await room.Host.TestAsync(id, _cancellation)).Value.Passed.ShouldBeTrue();
        (await room.ShowAsync(id)).PausedReason.ShouldBe("Paused by anna.");
    }

    [Theory]
    [BothEngines]
    public async Task Finding_its_own_key_by_the_trace_proves_it_and_not_finding_it_takes_the_proof_back(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync();
        (await DueAsync(room)).ShouldBe([new TraceDue(id, null, null)]);
        Holds(room, "PLSK.00000001.0003");

        (await ProveAsync(room, id)).Read<TriedTrace>().Found.ShouldBeTrue();

        var proved = await room.ShowAsync(id);
        (proved.TraceProvedAt, proved.TraceTriedAt).ShouldBe((room.Time.GetUtcNow(), room.Time.GetUtcNow()));
        (await DueAsync(room)).ShouldBeEmpty();
        room.Time.Advance(TimeSpan.FromDays(1));
        (await DueAsync(room)).ShouldBe([new TraceDue(id, null, null)]);

        Holds(room, "PLSK.00000002.0000");
        (await ProveAsync(room, id)).Read<TriedTrace>().Found.ShouldBeFalse();

        var lost = await room.ShowAsync(id);
        (lost.TraceProvedAt, lost.TraceTriedAt).ShouldBe(((DateTimeOffset?)null, room.Time.GetUtcNow()));
        (await DueAsync(room)).ShouldBe([new TraceDue(id, null, room.Time.GetUtcNow())], "a newer key is worth another try");
    }

    [Theory]
    [BothEngines]
    public async Task A_try_that_got_no_answer_changes_nothing_and_one_that_is_refused_is_a_try(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync();
        Holds(room, "PLSK.00000001.0000");
        await ProveAsync(room, id);
        var proved = room.Time.GetUtcNow();
        room.Time.Advance(TimeSpan.FromDays(1));

        room.Kind.Find = _ => Task.FromResult(Answer.Unknown<IReadOnlyList<IssuedKey>>(Why));
        (await ProveAsync(room, id)).Outcome.ShouldBe(Keygate.Work.Outcome.Unknown);
        var unknown = await room.ShowAsync(id);
        room.Kind.Find = _ => Task.FromResult(Answer.Refused<IReadOnlyList<IssuedKey>>(Why));
        (await ProveAsync(room, id)).Outcome.ShouldBe(Keygate.Work.Outcome.Refused);
        var refused = await room.ShowAsync(id);

        (unknown.TraceProvedAt, unknown.TraceTriedAt).ShouldBe((proved, proved));
        (refused.TraceProvedAt, refused.TraceTriedAt).ShouldBe((proved, room.Time.GetUtcNow()));
    }

    [Theory]
    [BothEngines]
    public async Task The_proof_ends_with_a_change_of_whom_is_asked_and_not_with_another(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync();
        Holds(room, "PLSK.00000001.0000");
        await ProveAsync(room, id);

        await room.ChangeAsync(id, new ChangePluginRequest { Name = "Renamed", Settings = new Dictionary<string, string?> { ["password"] = "new", ["note"] = "Ask Anna." } });
        (await room.ShowAsync(id)).TraceProvedAt.ShouldNotBeNull();

        await room.ChangeAsync(id, new ChangePluginRequest { Settings = new Dictionary<string, string?> { ["host"] = "other.example.com" } });
        var changed = await room.ShowAsync(id);
        (changed.TraceProvedAt, changed.TraceTriedAt).ShouldBe(((DateTimeOffset?)null, (DateTimeOffset?)null));
        (await DueAsync(room)).ShouldBe([new TraceDue(id, room.Time.GetUtcNow(), null)]);
    }

    [Fact]
    public async Task A_paused_issuer_is_not_tried()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        await room.Database.WriteAsync(tx => room.Get<PausePlugin>().HandleAsync(tx, id, new PausePluginRequest(), PluginsRoom.Anna, _cancellation), _cancellation);
        (await DueAsync(room)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_look_finds_the_keys_that_the_caller_chooses_in_their_order()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        Holds(room, "PLSK.00000001.0000", "PLSK.00000002.0000", "PLSK.00000003.0000");

        var look = await (await room.IssuerAsync(id)).LookAsync(
            Intent(room), Asked, (keys, _) => Task.FromResult<IReadOnlyList<IssuedKey>>([.. keys.Skip(1).Reverse()]),
            (_, _) => Task.FromResult<KnownKey?>(null), _cancellation);

        look.Outcome.ShouldBe(LookOutcome.Found);
        look.Value!.ShouldContain("PLSK.00000003.0000");
        look.Further.Single().ShouldContain("PLSK.00000002.0000");
        (await room.ShowAsync(id)).TraceProvedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task An_absence_counts_only_where_a_known_key_is_found_at_the_same_look()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        var intent = Intent(room);

        var early = await LookAsync(room, id, intent, Known);
        room.Time.Advance(TimeSpan.FromMinutes(21));
        var nothingKnown = await LookAsync(room, id, intent);
        var notFound = await LookAsync(room, id, intent, Known);
        room.Kind.FindAsked = asked => Answer.Done<IReadOnlyList<IssuedKey>>(asked.Trace == Known.Asked.Trace ? [new IssuedKey { KeyNumber = "PLSK.00000001.0001" }] : []);
        var found = await LookAsync(room, id, intent, Known);
        room.Kind.FindAsked = asked => asked.Trace == Known.Asked.Trace ? Answer.Unknown<IReadOnlyList<IssuedKey>>(Why) : Answer.Done<IReadOnlyList<IssuedKey>>([]);
        var noAnswer = await LookAsync(room, id, intent, Known);

        (early.Outcome, early.MayStillTake).ShouldBe((LookOutcome.Absent, TimeSpan.FromMinutes(20)));
        (nothingKnown.Outcome, nothingKnown.Error!.Code).ShouldBe((LookOutcome.CannotLook, "plugins.trace-unproved"));
        (notFound.Outcome, notFound.Error!.Code).ShouldBe((LookOutcome.CannotLook, "plugins.trace-unproved"));
        notFound.Error!.Detail.ShouldContain("does not find its own key PLSK.00000001.0000");
        found.Outcome.ShouldBe(LookOutcome.Absent);
        noAnswer.Outcome.ShouldBe(LookOutcome.NotAsked);
    }

    [Fact]
    public async Task An_absence_does_not_count_for_what_was_asked_for_before_the_settings_were_changed()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        var intent = Intent(room);
        room.Time.Advance(TimeSpan.FromMinutes(1));
        await room.ChangeAsync(id, new ChangePluginRequest { Settings = new Dictionary<string, string?> { ["host"] = "other.example.com" } });
        room.Time.Advance(TimeSpan.FromMinutes(21));
        room.Kind.FindAsked = asked => Answer.Done<IReadOnlyList<IssuedKey>>(asked.Trace == Known.Asked.Trace ? [new IssuedKey { KeyNumber = Known.KeyNumber }] : []);

        (await LookAsync(room, id, intent, Known)).Outcome.ShouldBe(LookOutcome.CannotLook);
        (await LookAsync(room, id, intent with { OpenedAt = room.Time.GetUtcNow() - TimeSpan.FromMinutes(21) }, Known)).Outcome.ShouldBe(LookOutcome.Absent);
    }

    [Fact]
    public async Task A_look_that_got_no_answer_was_not_asked_and_one_that_is_refused_for_good_cannot_look()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();

        room.Kind.Find = _ => Task.FromResult(Answer.Unknown<IReadOnlyList<IssuedKey>>(Why));
        (await LookAsync(room, id, Intent(room))).Outcome.ShouldBe(LookOutcome.NotAsked);
        room.Kind.Find = _ => Task.FromResult(Answer.Refused<IReadOnlyList<IssuedKey>>(Why));
        (await LookAsync(room, id, Intent(room))).Outcome.ShouldBe(LookOutcome.CannotLook);
        room.Kind.Find = _ => Task.FromResult(Answer.Refused<IReadOnlyList<IssuedKey>>(Why, pausesPlugin: true));
        (await LookAsync(room, id, Intent(room))).Outcome.ShouldBe(LookOutcome.NotAsked);
        (await LookAsync(room, id, Intent(room))).Outcome.ShouldBe(LookOutcome.NotAsked);
    }

    private static readonly KnownKey Known = new("PLSK.00000001.0000", Asked with { Trace = "02:11:22:33:44:55" });

    private static void Holds(PluginsRoom room, params string[] keys) =>
        room.Kind.Find = _ => Task.FromResult(Answer.Done<IReadOnlyList<IssuedKey>>([.. keys.Select(k => new IssuedKey { KeyNumber = k })]));

    private static Intent Intent(PluginsRoom room) => new(1, 1, "issue", "plugin/1", "021faa009c3e", "{}", 1, room.Time.GetUtcNow());

    private static Task<List<PluginId>> AwayAsync(PluginsRoom room, TimeSpan since) => room.Database.ReadAsync(
        async s => (await room.Get<PluginReader>().AwayAsync(s, room.Time.GetUtcNow() - since, CancellationToken.None)).Select(p => p.Id).ToList(), CancellationToken.None);

    private static Task<IReadOnlyList<TraceDue>> DueAsync(PluginsRoom room) =>
        room.Database.ReadAsync(s => room.Get<PluginReader>().TracesDueAsync(s, room.Time.GetUtcNow(), CancellationToken.None), CancellationToken.None);

    private async Task<Keygate.Work.Answer> ProveAsync(PluginsRoom room, PluginId id) => await (await room.IssuerAsync(id)).ProveTraceAsync(Known, _cancellation);

    private async Task<Look> LookAsync(PluginsRoom room, PluginId id, Intent intent, KnownKey? known = null) =>
        await (await room.IssuerAsync(id)).LookAsync(
            intent, Asked, (keys, _) => Task.FromResult(keys), (_, _) => Task.FromResult(known), _cancellation);
}
