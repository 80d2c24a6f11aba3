using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Testing;

public class TestingTests
{
    [Theory, BothEngines]
    public async Task Gives_each_test_a_database_of_its_own(Engine engine)
    {
        await using var one = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        await using var two = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);

        await one.Database.WriteAsync(tx => tx.ExecuteAsync("insert into master_key_check(id, check_value) values (1, 'one')", null, default), default);

        (await two.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from master_key_check", null, default), default)).ShouldBe(0);
    }

    [Fact]
    public void The_clock_fires_timers_in_the_order_in_which_they_are_due()
    {
        var time = new ManualTime();
        var start = time.GetUtcNow();
        var fired = new List<string>();
        using var second = time.CreateTimer(_ => fired.Add($"second at {(time.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using var each = time.CreateTimer(_ => fired.Add($"each at {(time.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        time.Advance(TimeSpan.FromSeconds(3));

        fired.ShouldBe(["each at 1", "second at 2", "each at 3"]);
        time.GetUtcNow().ShouldBe(start.AddSeconds(3));
    }

    [Fact]
    public async Task A_delay_on_the_clock_ends_when_the_clock_gets_there()
    {
        var time = new ManualTime();
        var delay = Task.Delay(TimeSpan.FromMinutes(5), time);

        time.Advance(TimeSpan.FromMinutes(4));
        delay.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromMinutes(1));
        await delay.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_difference_to_the_approved_text_fails_and_leaves_what_was_received()
    {
        using var folder = new TempFolder();
        var file = folder.File("page.approved.txt");
        File.WriteAllText(file, "as before\n");

        Approve.File("as before", file);
        Should.Throw<ShouldAssertException>(() => Approve.File("changed", file));

        File.ReadAllText(folder.File("page.received.txt")).ShouldBe("changed\n");
    }
}
