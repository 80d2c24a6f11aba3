using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Faults;

/// <summary>Keys that turn up long after the call that made them was believed lost: none of them is paid for unseen.</summary>
public sealed class LateKeysTests
{
    [Theory, BothEngines]
    public async Task All_keys_that_turn_up_beside_the_orders_own_are_ended(Engine engine)
    {
        var issuer = new LateIssuer();
        await using var house = await OrdersHouse.StartAsync(engine, issuer);
        var plan = await ProvedPlanAsync(house);
        issuer.Next(_ => LateIssuer.Silence);
        await house.UntilStateAsync(await house.PaidAsync(plan), "CP");
        issuer.Live.Count.ShouldBe(2);

        // After an hour nothing is there. The last look, a day after, sees what three copies of the first call have made since.
        await house.AfterAsync(TimeSpan.FromMinutes(75));
        string[] late = [issuer.MakeLate(), issuer.MakeLate(), issuer.MakeLate()];
        await house.AfterAsync(TimeSpan.FromHours(23));

        issuer.Live.Count.ShouldBe(2);
        issuer.Terminated.Order(StringComparer.Ordinal).ShouldBe(late);
        var history = await HistoryAsync(house, 2);
        foreach (var key in late)
        {
            history.ShouldContain($"Key {key} was made in addition to LATE.00000002.0000 for the same request and is terminated at the issuer");
            history.ShouldContain($"Surplus key {key} is terminated at the issuer");
        }

        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>The repeat was refused and the step waits for a person; the first try's key is what the customer has paid for.</summary>
    [Theory, BothEngines]
    public async Task A_key_that_turns_up_while_the_step_is_stopped_is_taken_and_a_second_one_ended(Engine engine)
    {
        var issuer = new LateIssuer();
        await using var house = await OrdersHouse.StartAsync(engine, issuer);
        var plan = await ProvedPlanAsync(house);
        var order = await RefusedAfterSilenceAsync(house, issuer, plan);
        var first = issuer.MakeLate();
        var second = issuer.MakeLate();

        await house.AfterAsync(TimeSpan.FromMinutes(61));

        await house.UntilStateAsync(order, "CP");
        ((string?)(await house.GetAsync("licenses/2"))["keyNumber"]).ShouldBe(first);
        (await HistoryAsync(house, 2)).ShouldContain($"Key {first} of a try without an answer turned up at the issuer: the request goes on with it");
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
        issuer.Asked.ShouldBe(3, "nothing was asked for again");

        await house.AfterAsync(TimeSpan.FromMinutes(75));
        issuer.Terminated.ShouldBe([second]);
        issuer.Live.Count.ShouldBe(2);
    }

    /// <summary>A person resubmits before the look of the hour comes: the resubmission looks itself.</summary>
    [Theory, BothEngines]
    public async Task A_resubmission_takes_the_key_that_turned_up_and_buys_none(Engine engine)
    {
        var issuer = new LateIssuer();
        await using var house = await OrdersHouse.StartAsync(engine, issuer);
        var plan = await ProvedPlanAsync(house);
        var order = await RefusedAfterSilenceAsync(house, issuer, plan);
        var late = issuer.MakeLate();

        await house.PostAsync($"orders/{order}/resubmit");

        await house.UntilStateAsync(order, "CP");
        ((string?)(await house.GetAsync("licenses/2"))["keyNumber"]).ShouldBe(late);
        issuer.Asked.ShouldBe(3, "nothing was asked for again");
        await house.AfterAsync(TimeSpan.FromHours(25));
        issuer.Live.Count.ShouldBe(2);
        issuer.Terminated.ShouldBeEmpty();
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>Whoever has ended the late key at the issuer wants another one.</summary>
    [Theory, BothEngines]
    public async Task A_resubmission_does_not_take_a_key_that_was_terminated_at_the_issuer(Engine engine)
    {
        var issuer = new LateIssuer();
        await using var house = await OrdersHouse.StartAsync(engine, issuer);
        var plan = await ProvedPlanAsync(house);
        var order = await RefusedAfterSilenceAsync(house, issuer, plan);
        var late = issuer.MakeLate();
        await issuer.TerminateAsync(late, default);

        await house.PostAsync($"orders/{order}/resubmit");

        await house.UntilStateAsync(order, "CP");
        ((string?)(await house.GetAsync("licenses/2"))["keyNumber"]).ShouldBe("LATE.00000003.0000");
        issuer.Live.Count.ShouldBe(2);
    }

    [Theory, BothEngines]
    public async Task A_key_that_turns_up_after_the_order_was_cancelled_is_ended(Engine engine)
    {
        var issuer = new LateIssuer();
        await using var house = await OrdersHouse.StartAsync(engine, issuer);
        var plan = await ProvedPlanAsync(house);
        var order = await RefusedAfterSilenceAsync(house, issuer, plan);
        await house.PostAsync($"orders/{order}/cancel", new JsonObject { ["reason"] = "The customer changed their mind." });

        // Nothing is there after an hour; what comes then is seen after a day.
        await house.AfterAsync(TimeSpan.FromMinutes(61));
        issuer.Terminated.ShouldBeEmpty();
        var late = issuer.MakeLate();
        await house.AfterAsync(TimeSpan.FromHours(23));

        issuer.Terminated.ShouldBe([late]);
        issuer.Live.Count.ShouldBe(1);
        var history = await HistoryAsync(house, 2);
        history.ShouldContain($"Key {late} was made for this request, which was given up, and is terminated at the issuer");
        history.ShouldContain($"Surplus key {late} is terminated at the issuer");
        ((string)(await house.OrderAsync(order))["state"]!).ShouldBe("CL");
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>The end of a surplus key that was begun before belongs to no order and is not given up with one.</summary>
    [Fact]
    public async Task Cancelling_the_order_does_not_give_up_the_end_of_a_surplus_key()
    {
        var issuer = new LateIssuer();
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite, issuer);
        var plan = await ProvedPlanAsync(house);
        var order = await RefusedAfterSilenceAsync(house, issuer, plan);
        await house.PostAsync($"orders/{order}/cancel", new JsonObject { ["reason"] = "The customer changed their mind." });
        var late = issuer.MakeLate();
        issuer.RefusesToTerminate = true;
        await house.AfterAsync(TimeSpan.FromMinutes(61));

        var item = (await house.GetAsync("attention"))["items"]!.AsArray().Single()!;
        ((string)item["work"]!, (int)item["licenseId"]!).ShouldBe(("licensing.end-surplus-key", 2));
        ((string)item["cause"]!).ShouldContain("Terminate it by mail.");

        issuer.RefusesToTerminate = false;
        await house.PostAsync($"attention/{item["id"]}/resubmit");
        await house.AfterAsync(TimeSpan.Zero);
        issuer.Terminated.ShouldBe([late]);
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    // An absence is believed of an issuer alone that finds a known key by its trace.
    private static async Task<int> ProvedPlanAsync(OrdersHouse house)
    {
        var id = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "Late", ["kind"] = "issuer.late" }))["id"]!;
        var plan = await house.PlanAsync(p => p["issuerId"] = id);
        await house.UntilStateAsync(await house.PaidAsync(plan), "CP");
        return plan;
    }

    private static async Task<int> RefusedAfterSilenceAsync(OrdersHouse house, LateIssuer issuer, int plan)
    {
        issuer.Next(_ => LateIssuer.Silence);
        issuer.Next(_ => Answer.Refused<IssuedKey>(new Reason("244 The price list has changed.", "Correct the plan.", "244")));
        var order = await house.PaidAsync(plan);
        await house.UntilStateAsync(order, "PF");
        ((string)(await house.GetAsync("attention"))["items"]!.AsArray().Single()!["cause"]!).ShouldContain("244 The price list has changed.");
        issuer.Live.Count.ShouldBe(1);
        return order;
    }

    private static async Task<List<string>> HistoryAsync(OrdersHouse house, int license) =>
        [.. (await house.GetAsync($"licenses/{license}/history"))["items"]!.AsArray().Select(h => (string)h!["what"]!)];

    /// <summary>An issuer that can be told to make keys long after it was asked.</summary>
    private sealed class LateIssuer : IPluginFactory, IIssuer, IFindsKeys, ITerminatesKeys
    {
        public static readonly Answer<IssuedKey> Silence = Answer.Unknown<IssuedKey>(new Reason("No answer within 100 s.", "It is looked into."));

        private readonly ConcurrentQueue<Func<IssueRequest, Answer<IssuedKey>>> _next = new();
        private readonly ConcurrentDictionary<string, string> _traces = new(StringComparer.Ordinal);
        private readonly ConcurrentQueue<string> _terminated = new();
        private volatile IssueRequest? _last;
        private int _asked, _made;

        public int Asked => _asked;

        public IReadOnlyList<string> Terminated => [.. _terminated];

        public IReadOnlyList<string> Live => [.. _traces.Keys.Except(_terminated, StringComparer.Ordinal)];

        public bool RefusesToTerminate { get; set; }

        public PluginManifest Manifest { get; } = new("issuer.late", "Late issuer", "Makes keys when told.", []);

        public TimeSpan MayStillTake => TimeSpan.Zero;

        public void Next(Func<IssueRequest, Answer<IssuedKey>> answer) => _next.Enqueue(answer);

        /// <summary>Makes a key for the last request; its number.</summary>
        public string MakeLate() => Make(_last!).KeyNumber;

        public IPlugin Create(PluginContext context) => this;

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked("It answers.")));

        public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _asked);
            _last = request;
            return Task.FromResult(_next.TryDequeue(out var answer) ? answer(request) : Answer.Done(Make(request)));
        }

        public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) =>
            Task.FromResult(Answer.Done(new RetrievedFile(keyNumber, Encoding.UTF8.GetBytes($"<key>{keyNumber}</key>"), "xml")));

        public Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation) =>
            Task.FromResult(Answer.Done<IReadOnlyList<IssuedKey>>([.. _traces.Where(k => k.Value == asked.Trace).Select(k => Key(k.Key)).OrderBy(k => k.KeyNumber, StringComparer.Ordinal)]));

        public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation)
        {
            if (RefusesToTerminate)
            {
                return Task.FromResult(Answer.Refused<TerminatedKey>(new Reason("Not through this door. Terminate it by mail.", "Write to the issuer.")));
            }

            _terminated.Enqueue(keyNumber);
            return Task.FromResult(Answer.Done(new TerminatedKey(keyNumber)));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private IssuedKey Make(IssueRequest request)
        {
            var key = Key(string.Create(CultureInfo.InvariantCulture, $"LATE.{Interlocked.Increment(ref _made):00000000}.0000"));
            _traces[key.KeyNumber] = request.Trace;
            return key;
        }

        private IssuedKey Key(string number) => new() { KeyNumber = number, Terminated = _terminated.Contains(number) };
    }
}
