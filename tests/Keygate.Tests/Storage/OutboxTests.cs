using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Storage;

public class OutboxTests
{
    [Theory, BothEngines]
    public async Task News_goes_to_one_receiver_and_once_it_is_marked_to_nobody(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        var outbox = new Outbox(test.Database, new ManualTime());
        await AddAsync(test, outbox, 10);

        var first = await outbox.ClaimAsync(1, 6, TimeSpan.FromMinutes(1), default);
        var second = await outbox.ClaimAsync(2, 6, TimeSpan.FromMinutes(1), default);

        first.Select(n => n.Subject).ShouldBe(["license/0", "license/1", "license/2", "license/3", "license/4", "license/5"]);
        second.Select(n => n.Subject).ShouldBe(["license/6", "license/7", "license/8", "license/9"]);
        (await outbox.ClaimAsync(3, 6, TimeSpan.FromMinutes(1), default)).ShouldBeEmpty();
        (await outbox.MarkAsync(1, [.. first.Select(n => n.Id)], default)).ShouldBe(6);
        (await outbox.MarkAsync(1, [.. second.Select(n => n.Id)], default)).ShouldBe(0);
        (await outbox.MarkAsync(1, [.. first.Select(n => n.Id)], default)).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task What_a_receiver_did_not_mark_in_time_goes_to_the_next_under_the_same_id(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        var outbox = new Outbox(test.Database, new ManualTime());
        await AddAsync(test, outbox, 1);

        var first = (await outbox.ClaimAsync(1, 6, TimeSpan.FromMilliseconds(-1), default)).Single();
        var second = (await outbox.ClaimAsync(2, 6, TimeSpan.FromMinutes(1), default)).Single();

        second.ShouldBe(first with { Attempt = 2 });
        (await outbox.MarkAsync(1, [first.Id], default)).ShouldBe(0);
        (await outbox.MarkAsync(2, [second.Id], default)).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task News_of_an_act_that_is_refused_never_goes_out(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        var outbox = new Outbox(test.Database, new ManualTime());

        await test.Database.WriteAsync<Result<Done>>(async tx =>
        {
            await outbox.AddAsync(tx, "license.installed", "license/1", "{}", default);
            return StorageErrors.FolderInUse;
        }, default);

        (await outbox.ClaimAsync(1, 6, TimeSpan.FromMinutes(1), default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task News_of_a_transaction_that_began_earlier_and_commits_later_is_not_passed_over()
    {
        await using var test = await TestDatabase.CreateAsync(Engine.PostgreSql, typeof(Database).Assembly);
        var outbox = new Outbox(test.Database, new ManualTime());
        var seen = new List<string>();

        await test.Database.WriteAsync(async tx =>
        {
            await outbox.AddAsync(tx, "license.installed", "early", "{}", default);
            await Apart(() => AddAsync(test, outbox, 1));
            seen.AddRange((await Apart(() => outbox.ClaimAsync(1, 6, TimeSpan.FromMinutes(1), default))).Select(n => n.Subject));
            return 0;
        }, default);
        seen.AddRange((await outbox.ClaimAsync(1, 6, TimeSpan.FromMinutes(1), default)).Select(n => n.Subject));

        seen.ShouldBe(["license/0", "early"]);
    }

    private static Task<int> AddAsync(TestDatabase test, Outbox outbox, int count) => test.Database.WriteAsync(async tx =>
    {
        for (var i = 0; i < count; i++)
        {
            await outbox.AddAsync(tx, "license.installed", $"license/{i}", "{}", default);
        }

        return count;
    }, default);

    // A flow of its own: another process's transaction.
    private static Task<T> Apart<T>(Func<Task<T>> act)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(act);
        }
    }
}
