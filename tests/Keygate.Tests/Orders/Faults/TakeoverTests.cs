using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Faults;

/// <summary>
/// Two processes at the same orders: what one of them leaves behind, the other ends, with one key for each request. The proof can fail: with the
/// fence or the intent taken out of the statements, the same orders buy keys twice.
/// </summary>
public sealed class TakeoverTests
{
    private const int Orders = 6;

    // Whoever lost its lease meets its fence in these words; without them it writes all the same.
    private const string Fence = " and fence = @HeldFence";

    // The intent is in the books, and the process does not know it any more once it is read again.
    private const string Intent = "intent = @Intent", NoIntent = "intent = null";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_lost_its_lease_writes_nothing_and_without_the_fence_it_has_a_second_key_bought(bool fenced)
    {
        var (letGo, waiting, called, mutated) = (new TaskCompletionSource(), 0, 0, 0);
        var options = fenced ? null : new DatabaseOptions { Mutated = Without(Fence, "", () => mutated++) };
        using var folder = new TempFolder();
        await using var frozen = await OrdersHouse.StartAsync(
            Engine.PostgreSql,
            new HouseSettings { Database = options, Work = new WorkOptions { Passing = p => IsIssue(p, Keygate.Work.Moment.StepBegun) && Interlocked.Increment(ref waiting) > 0 ? letGo.Task : Task.CompletedTask } },
            new Keygate.Issuers.SimulatedFactory());
        var plan = await PlanAsync(frozen, folder, latencyMilliseconds: 2000);
        for (var i = 0; i < Orders; i++)
        {
            await Soak.PaidAsync(frozen.ToSoak(), plan);
        }

        await UntilAsync(() => waiting == Orders);
        await using var other = await OrdersHouse.StartAsync(
            Engine.PostgreSql,
            new HouseSettings { Beside = frozen, Work = new WorkOptions { Passing = p => Task.FromResult(IsIssue(p, Keygate.Work.Moment.RequestSent) ? Interlocked.Increment(ref called) : 0) } },
            new Keygate.Issuers.SimulatedFactory());
        await frozen.CutNodeAsync();

        // Its work is taken over and asked for; now it comes back and believes that all of it is still its own.
        await UntilAsync(() => called >= Orders);
        letGo.SetResult();
        var report = await EndAsync(other, folder);

        if (fenced)
        {
            report.Faults.ShouldBeEmpty(report.ToString());
            report.KeysMade.ShouldBe(Orders);
        }
        else
        {
            mutated.ShouldBeGreaterThan(0);
            report.Twice.ShouldNotBeEmpty(report.ToString());
        }
    }

    [Theory]
    [InlineData(Engine.Sqlite, true)]
    [InlineData(Engine.Sqlite, false)]
    [InlineData(Engine.PostgreSql, true)]
    [InlineData(Engine.PostgreSql, false)]
    public async Task An_answer_that_died_with_its_process_is_looked_for_and_without_the_intent_a_second_key_is_bought(Engine engine, bool intended)
    {
        var (never, answered, mutated) = (new TaskCompletionSource(), 0, 0);
        var options = intended ? null : new DatabaseOptions { Mutated = Without(Intent, NoIntent, () => mutated++) };
        using var folder = new TempFolder();
        await using var killed = await OrdersHouse.StartAsync(
            engine,
            new HouseSettings { Database = options, Work = new WorkOptions { Passing = p => IsIssue(p, Keygate.Work.Moment.AnswerReceived) && Interlocked.Increment(ref answered) > 0 ? never.Task : Task.CompletedTask } },
            new Keygate.Issuers.SimulatedFactory());
        var plan = await PlanAsync(killed, folder, latencyMilliseconds: 0);
        for (var i = 0; i < Orders; i++)
        {
            await Soak.PaidAsync(killed.ToSoak(), plan);
        }

        await UntilAsync(() => answered == Orders);
        await killed.DieAsync();
        await using var next = await OrdersHouse.StartAsync(engine, new HouseSettings { Beside = killed }, new Keygate.Issuers.SimulatedFactory());
        var report = await EndAsync(next, folder);
        never.SetResult();

        if (intended)
        {
            report.Faults.ShouldBeEmpty(report.ToString());
            report.KeysMade.ShouldBe(Orders);
        }
        else
        {
            mutated.ShouldBeGreaterThan(0);
            report.Twice.ShouldNotBeEmpty(report.ToString());
        }
    }

    private static Func<string, string> Without(string guard, string instead, Action met) => sql =>
    {
        if (!sql.Contains(guard, StringComparison.Ordinal))
        {
            return sql;
        }

        met();
        return sql.Replace(guard, instead, StringComparison.Ordinal);
    };

    private static bool IsIssue(PassedMoment passed, Keygate.Work.Moment moment) => passed.Moment == moment && passed.Step == "issue";

    private static async Task<int> PlanAsync(OrdersHouse house, TempFolder folder, int latencyMilliseconds) => await Soak.PlanAsync(
        house.ToSoak(), await Soak.SandboxAsync(house.ToSoak(), "issuer.simulated", [new("journal", folder.File("keys.journal")), new("latencyMilliseconds", $"{latencyMilliseconds}")]),
        house.InstallerId);

    // All are installed, or one was announced twice; either way nothing is under way any more.
    private static async Task<SoakReport> EndAsync(OrdersHouse house, TempFolder folder)
    {
        await UntilAsync(async () => await house.CountAsync("orders where state = 'CP'") == Orders || await house.CountAsync("work_intents") > Orders);
        await UntilAsync(async () => await house.CountAsync("work where kind = 'licensing.provision' and state = 'running'") == 0);
        return await Soak.CheckAsync(house.ToSoak(), folder.File("keys.journal"));
    }

    private static Task UntilAsync(Func<bool> fits) => UntilAsync(() => Task.FromResult(fits()));

    private static async Task UntilAsync(Func<Task<bool>> fits)
    {
        for (var i = 0; !await fits(); i++)
        {
            i.ShouldBeLessThan(1200, "It did not come about within a minute.");
            await Task.Delay(50);
        }
    }
}
