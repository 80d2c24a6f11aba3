using System.Globalization;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.Faults;

/// <summary>
/// The provider's real processes against a Key Administrator that was not written to fit them. Keys are counted in its books: one for each request,
/// whatever happens on the way.
/// </summary>
[Trait("Needs", "Processes")]
public sealed class ForeignAdministratorTests
{
    // Times are kept in milliseconds.
    private static readonly TimeSpan Precision = TimeSpan.FromMilliseconds(2);

    [Theory]
    [BothEngines]
    public async Task A_process_killed_at_any_moment_of_an_order_makes_one_key_for_it(Engine engine)
    {
        await using var sides = await ForeignSides.StartAsync(engine);
        var file = sides.Provider.PathOf("moments");
        await using (var recording = await sides.Provider.ProcessAsync($"record:{file}"))
        {
            await sides.FirstOrderAsync(recording);
            await recording.TerminateAsync();
        }

        var moments = await Moments.ReadAsync(file);
        moments.Count.ShouldBe(Moments.OfAnOrder, string.Join('\n', moments));
        await using var last = await Deaths.AtEachAsync(
            moments, sides.Provider.PathOf, sides.Provider.ProcessAsync, sides.OrderAsync,
            async (next, order) =>
            {
                await sides.Provider.PayAsync(next, order);
                await sides.CompleteAsync(next, order);
            });

        await sides.OneKeyForEachLicenseAsync(last, 1 + moments.Count);
        (await sides.AttentionAsync(last)).ShouldBeEmpty();
    }

    [Theory]
    [BothEngines]
    public async Task A_key_that_is_made_long_after_the_time_out_is_found_and_no_second_one_bought(Engine engine)
    {
        await using var sides = await ForeignSides.StartAsync(engine, timeoutSeconds: 5);
        await using var process = await sides.Provider.ProcessAsync();
        await sides.FirstOrderAsync(process);
        await sides.Administrator.ScriptAsync("""{"do": "hold"}""");
        var start = sides.Provider.Now;

        var order = await sides.OrderAsync(process);
        await sides.Administrator.HeldAsync();

        // At once and after a minute and five it is not there yet, which is believed of nobody who may still take twenty minutes.
        foreach (var minutes in new[] { 1, 5, 60 })
        {
            var next = await sides.NextLookAsync(process, order);
            next.ShouldBe(start + TimeSpan.FromMinutes(minutes), Precision);
            if (minutes < 60)
            {
                sides.Provider.Set(next);
                await sides.Provider.UntilAsync(process, $"licenses/{await NumberAsync(sides, process, order)}", l => l["goingOn"]?["nextAttemptAt"] is { } at && DateTimeOffset.Parse((string)at!, CultureInfo.InvariantCulture) > next);
            }
        }

        await sides.Administrator.ReleaseAsync();
        await sides.CompleteAsync(process, order);

        sides.Provider.Now.ShouldBe(start + TimeSpan.FromHours(1), Precision);
        (await sides.Administrator.CallsAsync("createKey")).ShouldBe(2);
        await sides.OneKeyForEachLicenseAsync(process, 2);
        (await sides.AttentionAsync(process)).ShouldBeEmpty();
    }

    [Theory]
    [BothEngines]
    public async Task A_key_that_is_made_after_all_the_time_it_may_take_is_found_terminated_and_reported(Engine engine)
    {
        await using var sides = await ForeignSides.StartAsync(engine, timeoutSeconds: 5);
        await using var process = await sides.Provider.ProcessAsync();
        await sides.FirstOrderAsync(process);
        await sides.Administrator.ScriptAsync("""{"do": "hold"}""");
        var order = await sides.OrderAsync(process);
        await sides.CompleteAsync(process, order);
        await sides.OneKeyForEachLicenseAsync(process, 2);

        await sides.Administrator.ReleaseAsync();
        sides.Provider.Advance(TimeSpan.FromMinutes(61));

        var license = await NumberAsync(sides, process, order);
        await sides.Provider.UntilAsync(process, $"licenses/{license}/history", h => h["items"]!.ToJsonString().Contains("is terminated at the issuer", StringComparison.Ordinal)
            && h["items"]!.ToJsonString().Contains("Surplus key", StringComparison.Ordinal));
        (await sides.Provider.HistoryAsync(process, license)).ShouldContain("was made in addition to");
        await sides.OneKeyForEachLicenseAsync(process, 2, terminated: 1);
    }

    [Theory]
    [InlineData("""{"do": "lose"}""")]
    [InlineData("""{"do": "late", "seconds": 8}""")]
    [InlineData("""{"do": "http", "status": 500}""")]
    [InlineData("""{"do": "die"}""")]
    public async Task Whatever_becomes_of_the_answer_there_is_one_key(string step)
    {
        await using var sides = await ForeignSides.StartAsync(Engine.Sqlite, timeoutSeconds: 5);
        await using var process = await sides.Provider.ProcessAsync();
        await sides.FirstOrderAsync(process);
        await sides.Administrator.ScriptAsync(step);

        var order = await sides.OrderAsync(process);
        if (step.Contains("die", StringComparison.Ordinal))
        {
            await sides.Administrator.DiedAsync();
            await sides.Administrator.RestartAsync();
        }

        await sides.CompleteAsync(process, order);

        await sides.OneKeyForEachLicenseAsync(process, 2);
        (await sides.AttentionAsync(process)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_stands_where_a_person_sees_it_and_makes_no_key()
    {
        await using var sides = await ForeignSides.StartAsync(Engine.Sqlite);
        await using var process = await sides.Provider.ProcessAsync();
        await sides.Administrator.ScriptAsync("""{"do": "refuse", "code": 260, "text": "30_DOMAINS is not on your price list."}""");

        var order = await sides.OrderAsync(process);

        var item = await sides.NeedsAttentionAsync(process, order);
        ((string)item["cause"]!).ShouldContain("260 30_DOMAINS is not on your price list.");
        ActionsOf(item).ShouldBe(["resubmit", "cancel"]);
        (await sides.Administrator.KeysAsync()).ShouldBeEmpty();

        await sides.Provider.PostAsync(process, $"orders/{order}/resubmit");
        await sides.CompleteAsync(process, order);
        await sides.OneKeyForEachLicenseAsync(process, 1);
    }

    [Theory]
    [BothEngines]
    public async Task Where_addresses_given_at_creation_are_ignored_the_step_stops_for_a_person_and_no_second_key_is_bought(Engine engine)
    {
        await using var sides = await ForeignSides.StartAsync(engine, ignoresAddresses: true);
        await using var process = await sides.Provider.ProcessAsync();
        await sides.FirstOrderAsync(process, proves: false);
        await sides.Administrator.ScriptAsync("""{"do": "lose"}""");

        await AdoptsAsync(sides, process, "plugins.trace-unproved", ordersBefore: 1);
    }

    [Theory]
    [BothEngines]
    public async Task With_the_trace_switched_off_the_step_stops_for_a_person(Engine engine)
    {
        await using var sides = await ForeignSides.StartAsync(engine, trace: false);
        await using var process = await sides.Provider.ProcessAsync();
        await sides.FirstOrderAsync(process, proves: false);
        (await sides.Administrator.KeysAsync()).Single()["macs"]!.AsArray().ShouldBeEmpty();
        await sides.Administrator.ScriptAsync("""{"do": "lose"}""");

        await AdoptsAsync(sides, process, "plugins.cannot-look", ordersBefore: 1);
    }

    [Fact]
    public async Task Where_a_person_confirms_that_there_is_none_it_is_asked_for_again()
    {
        await using var sides = await ForeignSides.StartAsync(Engine.Sqlite, trace: false);
        await using var process = await sides.Provider.ProcessAsync();
        await sides.Administrator.ScriptAsync("""{"do": "http", "status": 503}""");
        var order = await sides.OrderAsync(process);
        await sides.NeedsAttentionAsync(process, order);

        await sides.Provider.PostAsync(process, $"licenses/{await NumberAsync(sides, process, order)}/confirm-no-key");

        await sides.CompleteAsync(process, order);
        (await sides.Administrator.CallsAsync("createKey")).ShouldBe(2);
        await sides.OneKeyForEachLicenseAsync(process, 1);
    }

    [Fact]
    public async Task The_trace_is_tried_once_a_day_by_two_processes_together_and_no_longer_believed_when_a_known_key_is_not_found()
    {
        await using var sides = await ForeignSides.StartAsync(Engine.PostgreSql);
        await using var process = await sides.Provider.ProcessAsync();
        await using (var other = await sides.Provider.ProcessAsync())
        {
            await sides.FirstOrderAsync(process);
            (await sides.Administrator.CallsAsync("getKeyNumbers")).ShouldBe(1);

            // The search for a key made in addition comes first, an hour after the order: by a trace that was never laid, and by the order's own.
            sides.Provider.Advance(TimeSpan.FromMinutes(75));
            for (var tries = 0; tries < 600 && await sides.Administrator.CallsAsync("getKeyNumbers") < 3; tries++)
            {
                await Task.Delay(100);
            }

            // It counts as a try itself: one that is written down only after the jump would be that day's.
            await TriedAsync(sides, process);
            sides.Provider.Advance(TimeSpan.FromDays(1));
            await TriedAsync(sides, process);
            await Task.Delay(TimeSpan.FromSeconds(1));
            (await sides.Administrator.CallsAsync("getKeyNumbers")).ShouldBe(4);
            await other.TerminateAsync();
            await process.TerminateAsync();
        }

        // Three days without Keygate are one try.
        sides.Provider.Advance(TimeSpan.FromDays(3));
        await using var next = await sides.Provider.ProcessAsync();
        await TriedAsync(sides, next);
        await Task.Delay(TimeSpan.FromSeconds(1));
        (await sides.Administrator.CallsAsync("getKeyNumbers")).ShouldBe(5);

        await sides.Administrator.IgnoreAddressesAsync(true);
        sides.Provider.Advance(TimeSpan.FromDays(1));
        ((string?)(await TriedAsync(sides, next))["traceProvedAt"]).ShouldBeNull();
        await sides.Administrator.ScriptAsync("""{"do": "lose"}""");
        await AdoptsAsync(sides, next, "plugins.trace-unproved", ordersBefore: 1);
    }

    private static Task<JsonNode> TriedAsync(ForeignSides sides, ServerProcess process) =>
        sides.Provider.UntilAsync(process, "plugins/3", p => p["traceTriedAt"] is { } at && (DateTimeOffset)at > sides.Provider.Now - TimeSpan.FromMinutes(1));

    private static async Task AdoptsAsync(ForeignSides sides, ServerProcess process, string code, int ordersBefore)
    {
        var order = await sides.OrderAsync(process);
        var item = await sides.NeedsAttentionAsync(process, order);
        ((string)item["code"]!).ShouldBe(code);
        ActionsOf(item).ShouldBe(["adopt-key", "confirm-no-key", "resubmit"]);

        // Resubmitted, it looks again and stops again: nothing is repeated.
        await sides.Provider.PostAsync(process, $"orders/{order}/resubmit");
        item = await sides.NeedsAttentionAsync(process, order);
        ((string)item["code"]!).ShouldBe(code);
        (await sides.Administrator.CallsAsync("createKey")).ShouldBe(ordersBefore + 1);

        var keys = await sides.Administrator.KeysAsync();
        keys.Count.ShouldBe(ordersBefore + 1);
        await sides.Provider.PostAsync(
            process, $"licenses/{await NumberAsync(sides, process, order)}/adopt-key", new JsonObject { ["keyNumber"] = (string)keys[^1]["number"]! });
        await sides.CompleteAsync(process, order);
        await sides.OneKeyForEachLicenseAsync(process, ordersBefore + 1);
        (await sides.AttentionAsync(process)).ShouldBeEmpty();
    }

    private static async Task<int> NumberAsync(ForeignSides sides, ServerProcess process, int order) => (int)(await sides.LicenseAsync(process, order))["id"]!;

    private static IEnumerable<string> ActionsOf(JsonNode item) => item["actions"]!.AsArray().Select(a => (string)a!["name"]!);
}
