using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.Faults;

/// <summary>Real processes killed and frozen at the moments that the engine itself names: no order is lost, and no key is made twice.</summary>
[Trait("Needs", "Processes")]
public sealed class KillPointTests
{
    /// <summary>On SQLite the next process starts after the death; on PostgreSQL it runs beside, and takes over.</summary>
    [Theory]
    [BothEngines]
    public async Task A_process_killed_at_any_moment_of_an_order_loses_nothing_and_makes_no_key_twice(Engine engine)
    {
        await using var sides = await BothSides.StartAsync(engine);
        var moments = await MomentsAsync(sides);
        moments.Count.ShouldBe(Moments.OfAnOrder, string.Join('\n', moments));
        moments.Where(m => m.Step == "issue").Select(m => m.Moment).ShouldBe(Enum.GetValues<Moment>(), ignoreOrder: true);

        await using var last = await Deaths.AtEachAsync(
            moments, sides.PathOf, sides.ProviderAsync,
            async dying =>
            {
                var order = await sides.PlaceAsync(dying);
                await sides.PayAsync(dying, order);
                return order;
            },
            async (next, order) =>
            {
                await sides.PayAsync(next, order);
                await sides.CompleteAsync(next, order);
            },
            beside: engine == Engine.PostgreSql);

        await sides.OneKeyForEachLicenseAsync(last, 2 + moments.Count);
    }

    /// <summary>
    /// At every moment but one, after which a second key can't be prevented. Where a transaction is open, its rows stay locked until PostgreSQL ends it. The
    /// request itself is written in the payment's own commit, in which the engine has no moment.
    /// </summary>
    [Fact]
    public async Task The_orders_of_frozen_processes_are_taken_over_and_the_thawed_ones_do_nothing_again()
    {
        await using var sides = await BothSides.StartAsync(Engine.PostgreSql);
        var moments = await MomentsAsync(sides);
        moments.Count.ShouldBe(Moments.OfAnOrder, string.Join('\n', moments));
        var points = moments.Where(m => m != (Moment.RequestSent, "issue")).ToList();
        await using var other = await sides.ProviderAsync();
        var frozen = new List<(ServerProcess Process, int Order, Task Paying)>();
        try
        {
            foreach (var (moment, step) in points)
            {
                var armed = sides.PathOf($"freeze-{frozen.Count}");
                var freezing = await sides.ProviderAsync($"freeze:{moment}:{step}:{armed}");
                frozen.Add((freezing, 0, Task.CompletedTask));
                var order = await sides.PlaceAsync(freezing);

                // Whatever it does from now on, be it another's order that it takes over, it freezes there.
                await File.WriteAllTextAsync(armed, "");
                frozen[^1] = (freezing, order, sides.PayAsync(freezing, order));
                await freezing.FrozeAsync();
            }

            // Five seconds after its last heartbeat a process counts as dead.
            var took = await sides.CompleteAsync(other, frozen[^1].Order);
            took.ShouldBeLessThan(TimeSpan.FromSeconds(30));
            foreach (var (_, order, _) in frozen)
            {
                await sides.PayAsync(other, order);
                await sides.CompleteAsync(other, order);
            }

            foreach (var (process, _, paying) in frozen)
            {
                process.Thaw();
                await paying;
            }

            // Each ends what it has in hand before it goes.
            foreach (var (process, order, _) in frozen)
            {
                (await process.TerminateAsync()).ExitCode.ShouldBe(0, $"order {order}: {process.Output}");
            }

            // One that froze with its own order may have had a request for another's under way, which it had taken over: then there is a second key, until the look after an hour.
            sides.Advance(TimeSpan.FromMinutes(61));
            await sides.KeysLiveAsync(2 + points.Count);
            await sides.OneKeyForEachLicenseAsync(other, 2 + points.Count, terminated: null);
        }
        finally
        {
            foreach (var (process, _, _) in frozen)
            {
                await process.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_key_that_a_thawed_process_still_gets_is_found_terminated_and_reported()
    {
        await using var sides = await BothSides.StartAsync(Engine.PostgreSql);
        await using var freezing = await sides.ProviderAsync("freeze:RequestSent:issue");
        await using var other = await sides.ProviderAsync();
        var order = await sides.PlaceAsync(freezing);
        var paying = sides.PayAsync(freezing, order);
        await freezing.FrozeAsync();
        await sides.CompleteAsync(other, order);

        // Its request was on its way, and nobody can call it back. The look after an hour finds what became of it.
        freezing.Thaw();
        await paying;
        await sides.KeysMadeAsync(3);
        sides.Advance(TimeSpan.FromMinutes(61));
        var history = "";
        for (var tries = 0; tries < 600 && !history.Contains("Surplus key", StringComparison.Ordinal); tries++)
        {
            await Task.Delay(100);
            history = await sides.HistoryAsync(other, 2);
        }

        history.ShouldContain("was made in addition to");
        history.ShouldContain("Surplus key PLSK.00000003.0000 is terminated at the issuer");
        await sides.OneKeyForEachLicenseAsync(other, 2, terminated: 1);
    }

    [Fact]
    public async Task The_order_of_a_killed_process_is_taken_over_by_the_other_within_a_second()
    {
        await using var sides = await BothSides.StartAsync(Engine.PostgreSql);
        await using var other = await sides.ProviderAsync();
        // What a process does for the first time takes it longer than a takeover.
        var first = await sides.PlaceAsync(other);
        await sides.PayAsync(other, first);
        await sides.CompleteAsync(other, first);

        // The takeover, the installation, and finding out. What else the machine does may hold one of them up, not each.
        var took = TimeSpan.MaxValue;
        var kills = 0;
        for (; kills < 3 && took >= TimeSpan.FromSeconds(1); kills++)
        {
            await using var dying = await sides.ProviderAsync("kill:AnswerReceived:install");
            var order = await sides.PlaceAsync(dying);
            await sides.PayAsync(dying, order);
            await dying.DiedAsync();
            took = await sides.CompleteAsync(other, order);
        }

        took.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        await sides.OneKeyForEachLicenseAsync(other, 2 + kills);
    }

    private static async Task<IReadOnlyList<(Moment Moment, string Step)>> MomentsAsync(BothSides sides)
    {
        var file = sides.PathOf("moments");
        await using (var recording = await sides.ProviderAsync($"record:{file}"))
        {
            var order = await sides.PlaceAsync(recording);
            await sides.PayAsync(recording, order);
            await sides.CompleteAsync(recording, order);
            await recording.TerminateAsync();
        }

        return await Moments.ReadAsync(file);
    }
}
