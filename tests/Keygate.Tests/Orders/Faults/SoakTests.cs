using System.Globalization;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Faults;

/// <summary>Many orders at an issuer that stalls, loses answers, answers late and refuses: none is lost, and no request has two keys.</summary>
public sealed class SoakTests
{
    private const int Orders = 1000;

    [Theory, BothEngines]
    public async Task A_thousand_orders_at_a_bad_issuer_end_installed_or_refused_with_one_key_each(Engine engine)
    {
        using var folder = new TempFolder();
        await using var house = await OrdersHouse.StartAsync(engine, new Keygate.Issuers.SimulatedFactory());
        var made = await SoakAsync(house, "issuer.simulated", folder.File("keys.journal"), Orders);

        var states = await house.Database.ReadAsync(s => s.QueryAsync<string>("select state from orders", null, default), default);
        states.Distinct().Order(StringComparer.Ordinal).ShouldBe(["CP", "PF"]);
        states.Count.ShouldBe(Orders + 1);
        var numbers = await house.Database.ReadAsync(s => s.QueryAsync<string>("select key_number from licenses where key_number is not null order by key_number", null, default), default);
        numbers.Count.ShouldBe(states.Count(s => s == "CP"));
        made.Select(k => (string)k["Trace"]!).ShouldBeUnique();
        made.Select(k => (string)k["Number"]!).Order(StringComparer.Ordinal).ShouldBe(numbers);

        // Every refusal is an item with its cause, and nothing else is one.
        var items = (await house.GetAsync("attention?limit=500"))["items"]!.AsArray();
        items.Count.ShouldBe(states.Count(s => s == "PF"));
        items.Count.ShouldBeInRange(2, Orders / 20);
        items.ShouldAllBe(i => ((string)i!["cause"]!).Contains("244 Refused by chance"));
    }

    /// <summary>The proof can fail: without the look, and without telling Unknown from NotDone, the same orders buy keys twice.</summary>
    [Theory]
    [InlineData("issuer.blind", false, true)]
    [InlineData("issuer.sure", true, false)]
    public async Task Without_one_of_the_guards_the_soak_finds_keys_made_twice(string kind, bool looks, bool tellsUnknown)
    {
        using var folder = new TempFolder();
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite, new MutantFactory(kind, looks, tellsUnknown));

        var made = await SoakAsync(house, kind, folder.File("keys.journal"), Orders / 5);

        made.GroupBy(k => (string)k["Trace"]!).Count(g => g.Count() > 1).ShouldBeGreaterThan(0);
    }

    /// <summary>Has orders paid at a bad issuer and waits for their ends; returns the keys that were made, as the issuer's own books have them.</summary>
    private static async Task<IReadOnlyList<JsonNode>> SoakAsync(OrdersHouse house, string kind, string journal, int orders)
    {
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "Sandbox",
            ["kind"] = kind,
            ["settings"] = new JsonObject
            {
                ["stall"] = "4", ["answerLate"] = "1", ["loseAnswer"] = "2", ["refuse"] = "1", ["notDone"] = "1", ["journal"] = journal,
                ["script"] = "issue 1: done",
            },
        }))["id"]!;
        var plan = await house.PlanAsync(p => p["issuerId"] = issuer);

        // The first key proves that this issuer can be searched; before that, an absence would wait for a person.
        await house.UntilStateAsync(await house.PaidAsync(plan), "CP");
        await Parallel.ForEachAsync(Enumerable.Range(0, orders), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => await house.PaidAsync(plan));
        await EndedAsync(house, orders);
        return [.. (await File.ReadAllLinesAsync(journal)).Select(line => JsonNode.Parse(line)!)];
    }

    // What waits for a look or a repeat waits for the clock.
    private static async Task EndedAsync(OrdersHouse house, int orders)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var open = await house.Database.ReadAsync(
                s => s.GetAsync<long>("select count(*) from work where kind = 'licensing.provision' and state not in ('done', 'stopped', 'cancelled')", null, default), default);
            var begun = await house.CountAsync("licenses");
            if (open == 0 && begun == orders + 1)
            {
                return;
            }

            over.IsCancellationRequested.ShouldBeFalse(string.Create(CultureInfo.InvariantCulture, $"{open} are still open"));
            await Task.Delay(500);
            house.Time.Advance(TimeSpan.FromSeconds(30));
        }
    }
}
