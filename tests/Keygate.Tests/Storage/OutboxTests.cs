using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Storage;

public class OutboxTests
{
    [Theory, BothEngines]
    public async Task News_are_taken_out_once_in_their_order(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        var outbox = new Outbox(new ManualTime());
        var told = 0;
        outbox.Added += (_, _) => told++;
        (await test.Database.ReadAsync(s => outbox.AnyAsync(s, default), default)).ShouldBeFalse();
        await AddAsync(test, outbox, 10);
        told.ShouldBe(10);

        var first = await TakeAsync(test, outbox);
        var second = await TakeAsync(test, outbox);

        first.Select(n => n.Subject).ShouldBe(["license/0", "license/1", "license/2", "license/3", "license/4", "license/5"]);
        second.Select(n => n.Subject).ShouldBe(["license/6", "license/7", "license/8", "license/9"]);
        (await TakeAsync(test, outbox)).ShouldBeEmpty();
        (await test.Database.ReadAsync(s => outbox.AnyAsync(s, default), default)).ShouldBeFalse();
    }

    [Theory, BothEngines]
    public async Task News_whose_taking_is_rolled_back_are_there_again(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        var outbox = new Outbox(new ManualTime());
        await AddAsync(test, outbox, 1);

        await test.Database.WriteAsync<Result<Done>>(async tx =>
        {
            (await outbox.TakeAsync(tx, 6, default)).ShouldHaveSingleItem();
            return StorageErrors.FolderInUse;
        }, default);

        (await TakeAsync(test, outbox)).ShouldHaveSingleItem().Subject.ShouldBe("license/0");
    }

    [Theory, BothEngines]
    public async Task News_of_an_act_that_is_refused_never_goes_out(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        var outbox = new Outbox(new ManualTime());

        await test.Database.WriteAsync<Result<Done>>(async tx =>
        {
            await outbox.AddAsync(tx, "license.installed", "license/1", "{}", default);
            return StorageErrors.FolderInUse;
        }, default);

        (await TakeAsync(test, outbox)).ShouldBeEmpty();
    }

    [Fact]
    public async Task News_of_a_transaction_that_began_earlier_and_commits_later_is_not_passed_over()
    {
        await using var test = await TestDatabase.CreateAsync(Engine.PostgreSql, typeof(Database).Assembly);
        var outbox = new Outbox(new ManualTime());
        var seen = new List<string>();

        await test.Database.WriteAsync(async tx =>
        {
            await outbox.AddAsync(tx, "license.installed", "early", "{}", default);
            await Apart(() => AddAsync(test, outbox, 1));
            seen.AddRange((await Apart(() => TakeAsync(test, outbox))).Select(n => n.Subject));
            return 0;
        }, default);
        seen.AddRange((await TakeAsync(test, outbox)).Select(n => n.Subject));

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

    private static Task<List<News>> TakeAsync(TestDatabase test, Outbox outbox) => test.Database.WriteAsync(tx => outbox.TakeAsync(tx, 6, default), default);

    // A flow of its own: another process's transaction.
    private static Task<T> Apart<T>(Func<Task<T>> act)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(act);
        }
    }
}
