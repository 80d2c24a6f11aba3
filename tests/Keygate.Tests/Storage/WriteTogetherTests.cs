using System.Collections.Concurrent;
using Keygate.Storage;
using Keygate.Testing;
using Npgsql;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Storage;

public class WriteTogetherTests
{
    [Theory, BothEngines]
    public async Task What_many_write_at_once_goes_in_fewer_transactions_and_each_is_told_of_his_own(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        var (groups, gate) = (new ConcurrentBag<int>(), new TaskCompletionSource());
        var together = Together(test, async items =>
        {
            groups.Add(items.Count);
            await gate.Task;
        });

        var written = Enumerable.Range(1, 150).Select(async n => (n, await together.WriteAsync(n))).ToList();
        gate.SetResult();

        (await Task.WhenAll(written)).ShouldAllBe(pair => pair.Item2 == $"wrote {pair.n}");
        groups.Sum().ShouldBe(150);
        groups.Count.ShouldBeLessThan(75);
        (await CountAsync(test)).ShouldBe(150);
    }

    [Theory, BothEngines]
    public async Task A_row_that_the_database_refuses_is_the_trouble_of_who_wrote_it(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("insert into things(id) values (7)", null, default), default);
        var gate = new TaskCompletionSource();
        var together = Together(test, _ => gate.Task);

        var written = Enumerable.Range(1, 20).ToDictionary(n => n, together.WriteAsync);
        gate.SetResult();

        var refused = await Should.ThrowAsync<System.Data.Common.DbException>(() => written[7]);
        if (engine == Engine.PostgreSql)
        {
            (refused as PostgresException)?.SqlState.ShouldBe("23505");
            foreach (var (n, answer) in written.Where(w => w.Key != 7))
            {
                (await answer).ShouldBe($"wrote {n}");
            }

            (await CountAsync(test)).ShouldBe(20);
        }
    }

    [Theory, BothEngines]
    public async Task Where_nobody_knows_whether_it_was_written_it_is_not_written_again(Engine engine)
    {
        await using var test = await MadeAsync(engine);
        var (calls, gate) = (0, new TaskCompletionSource());
        var together = new WriteTogether<int, string>(async items =>
        {
            Interlocked.Add(ref calls, items.Count);
            await gate.Task;
            throw new IOException("The connection is gone.");
        });

        var written = Enumerable.Range(1, 30).Select(together.WriteAsync).ToList();
        gate.SetResult();

        foreach (var one in written)
        {
            (await Should.ThrowAsync<IOException>(() => one)).Message.ShouldBe("The connection is gone.");
        }

        calls.ShouldBe(30);
    }

    private static WriteTogether<int, string> Together(TestDatabase test, Func<IReadOnlyList<int>, Task> before) => new(async items =>
    {
        await before(items);
        return await test.Database.WriteAsync(async tx =>
        {
            foreach (var n in items)
            {
                await tx.ExecuteAsync("insert into things(id) values (@n)", new { n }, default);
            }

            return items.Select(n => $"wrote {n}").ToList();
        }, default);
    });

    private static Task<int> CountAsync(TestDatabase test) => test.Database.ReadAsync(s => s.GetAsync<int>("select count(*) from things", null, default), default);

    private static async Task<TestDatabase> MadeAsync(Engine engine)
    {
        var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("create table things(id integer primary key)", null, default), default);
        return test;
    }
}
