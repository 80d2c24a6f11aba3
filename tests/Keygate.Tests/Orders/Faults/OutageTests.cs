using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Faults;

/// <summary>An issuer that cannot be reached for an hour, by the test's clock.</summary>
public sealed class OutageTests
{
    private const int Concurrency = 4;
    private static readonly TimeSpan Tick = TimeSpan.FromMinutes(1);

    // The clock moves many times and nobody tells of it: what is due by then is to be found soon.
    private static readonly HouseSettings Settings = new() { BreakersFollowTheClock = true, Work = new Keygate.Work.WorkOptions { PollEvery = TimeSpan.FromMilliseconds(10) } };

    [Theory, BothEngines]
    public async Task Orders_wait_an_hour_others_go_on_and_all_are_done_within_minutes_of_its_return(Engine engine)
    {
        var issuer = new AwayIssuer();
        await using var house = await OrdersHouse.StartAsync(engine, Settings, issuer);
        var away = await AwayPlanAsync(house);
        var fine = await house.PlanAsync();

        // One is being fetched when it goes away; the others come while it is.
        issuer.RetrievesFail = true;
        var half = await house.PaidAsync(away);
        await house.UntilAsync(half, _ => issuer.Retrieves > 0);
        issuer.Reachable = false;
        List<int> waiting = [half];
        for (var i = 0; i < 30; i++)
        {
            waiting.Add(await house.PaidAsync(away));
        }

        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(59); passed += Tick)
        {
            if (passed.TotalMinutes % 20 == 0)
            {
                await house.UntilStateAsync(await house.PaidAsync(fine), "CP");
            }

            await house.AfterAsync(Tick);
        }

        // For an hour that is nobody's business; then it is one item for all that wait.
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
        var opened = (DateTimeOffset)(await AwayPluginAsync(house))["awaySince"]!;
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(6); passed += Tick)
        {
            await house.AfterAsync(Tick);
        }

        var item = (await house.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)item["why"]!, (string)item["code"]!, (int)item["waiting"]!, item["orderId"]).ShouldBe(("away", "plugins.breaker-open", 31, null));
        ((DateTimeOffset)item["since"]!).ShouldBe(opened);
        ((string)item["cause"]!).ShouldBe($"'Away' has not answered since {opened:u}, and 31 licenses wait for it. The last cause: Connection to issuer.example:7050 refused.");
        ((string)item["remedy"]!).ShouldContain("goes on by itself");
        item["actions"]!.AsArray().Select(a => $"{a!["method"]} {a["path"]}").ShouldBe([$"POST /api/v1/plugins/{item["pluginId"]}/test", $"PATCH /api/v1/plugins/{item["pluginId"]}"]);
        (await house.AttentionCountAsync()).ShouldBe(1);
        (await house.GetAsync($"attention/{item["id"]}")).ToJsonString().ShouldBe(item.ToJsonString());
        await house.RefusedAsync($"attention/{item["id"]}/cancel", null, HttpStatusCode.NotFound);

        foreach (var order in waiting)
        {
            ((string)(await house.OrderAsync(order))["state"]!).ShouldBe("PR");
        }

        // A test in vain changes nothing.
        ((bool)(await house.PostAsync($"plugins/{item["pluginId"]}/test"))["passed"]!).ShouldBeFalse();
        (await house.GetAsync("attention"))["items"]!.AsArray().Count.ShouldBe(1);
        issuer.Calls.ShouldBeLessThan(31 + 16 + 140, "one call an order at most, and one probe each half minute");

        issuer.ComeBack();
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(4); passed += Tick)
        {
            await house.AfterAsync(Tick);
        }

        foreach (var order in waiting)
        {
            ((string)(await house.OrderAsync(order))["state"]!).ShouldBe("CP");
        }

        (await AwayPluginAsync(house))["awaySince"].ShouldBeNull();

        issuer.Keys.ShouldBe(31);
        issuer.BeforeTheFirstAnswer.ShouldBe(1, "one probe alone, until it is answered");
        issuer.AtOnce.ShouldBeLessThanOrEqualTo(Concurrency);
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>A single order has no neighbours whose failures open the breaker; its own do.</summary>
    [Theory, BothEngines]
    public async Task A_single_order_outlasts_an_hour_without_spending_its_attempts(Engine engine)
    {
        var issuer = new AwayIssuer { Reachable = false };
        await using var house = await OrdersHouse.StartAsync(engine, Settings, issuer);
        var order = await house.PaidAsync(await AwayPlanAsync(house));

        // The tries come 10, 20, 40, 80 s after each other.
        for (var i = 0; issuer.Calls < 5 && i < 60; i++)
        {
            await house.AfterAsync(TimeSpan.FromSeconds(5));
        }

        issuer.Calls.ShouldBe(5);
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromHours(1); passed += Tick)
        {
            await house.AfterAsync(Tick);
        }

        ((string)(await house.OrderAsync(order))["state"]!).ShouldBe("PR");
        issuer.ComeBack();
        for (var i = 0; i < 6; i++)
        {
            await house.AfterAsync(Tick);
        }

        ((string)(await house.OrderAsync(order))["state"]!).ShouldBe("CP");
        issuer.Keys.ShouldBe(1);
    }

    private static async Task<JsonNode> AwayPluginAsync(OrdersHouse house) =>
        (await house.GetAsync("plugins"))["items"]!.AsArray().Single(p => (string)p!["name"]! == "Away")!;

    private static async Task<int> AwayPlanAsync(OrdersHouse house)
    {
        var id = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "Away", ["kind"] = "issuer.away", ["settings"] = new JsonObject(), ["limits"] = new JsonObject { ["concurrency"] = Concurrency },
        }))["id"]!;
        return await house.PlanAsync(plan => plan["issuerId"] = id);
    }

    /// <summary>An issuer whose line is cut: nothing of a call can have left.</summary>
    private sealed class AwayIssuer : IPluginFactory, IIssuer
    {
        private static readonly Reason Cut = new("Connection to issuer.example:7050 refused.", "Check host and port.");
        private readonly ConcurrentDictionary<string, string> _keys = new();
        private int _calls, _retrieves, _open, _atOnce, _beforeAnswer;
        private volatile bool _back, _answered;

        public bool Reachable { get; set; } = true;

        public bool RetrievesFail { get; set; }

        public int Calls => _calls;

        public int Retrieves => _retrieves;

        public int Keys => _keys.Count;

        /// <summary>The most calls that were open at the same time after the return.</summary>
        public int AtOnce => _atOnce;

        /// <summary>Calls that were begun after the return before the first of them was answered.</summary>
        public int BeforeTheFirstAnswer => _beforeAnswer;

        public PluginManifest Manifest { get; } = new("issuer.away", "Away issuer", "Can be cut off.", []);

        public void ComeBack() => (RetrievesFail, Reachable, _back) = (false, true, true);

        public IPlugin Create(PluginContext context) => this;

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Reachable ? Answer.Done(new Checked("It answers.")) : Answer.NotDone<Checked>(Cut));

        public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation) => CallAsync(
            () => new IssuedKey { KeyNumber = _keys.GetOrAdd(request.Trace, _ => $"AWAY.{request.LicenseId:00000000}.0000"), ExpirationDate = new DateOnly(2026, 3, 11) });

        public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _retrieves);
            return RetrievesFail
                ? Task.FromResult(Answer.NotDone<RetrievedFile>(Cut))
                : CallAsync(() => new RetrievedFile(keyNumber, Encoding.UTF8.GetBytes($"<key>{keyNumber}</key>"), "xml"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async Task<Answer<T>> CallAsync<T>(Func<T> act)
        {
            Interlocked.Increment(ref _calls);
            if (!Reachable)
            {
                return Answer.NotDone<T>(Cut);
            }

            if (_back)
            {
                var open = Interlocked.Increment(ref _open);
                InterlockedMax(ref _atOnce, open);
                if (!_answered)
                {
                    Interlocked.Increment(ref _beforeAnswer);
                }

                // As long as a real call takes: time for others to crowd in, if they were let.
                await Task.Delay(100);
                Interlocked.Decrement(ref _open);
                _answered = true;
            }

            return Answer.Done(act());
        }

        private static void InterlockedMax(ref int place, int value)
        {
            for (var seen = place; value > seen; seen = place)
            {
                Interlocked.CompareExchange(ref place, value, seen);
            }
        }
    }
}
