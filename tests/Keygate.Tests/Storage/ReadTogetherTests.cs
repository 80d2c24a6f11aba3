using System.Collections.Concurrent;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Storage;

public class ReadTogetherTests
{
    [Theory, BothEngines]
    public async Task What_many_ask_for_at_once_is_read_in_fewer_trips_and_each_gets_his_own(Engine engine)
    {
        await using var test = await MadeAsync(engine, 200);
        var (groups, gate) = (new ConcurrentBag<int[]>(), new TaskCompletionSource());
        var together = Together(test, async (session, keys) =>
        {
            groups.Add([.. keys]);
            await gate.Task;
            return await RowsAsync(session, keys);
        });

        // Twice the same ones, and some that do not exist.
        int[] asked = [.. Enumerable.Range(1, 210), .. Enumerable.Range(1, 50)];
        var answers = asked.Select(key => together.FindAsync(key, default)).ToList();
        gate.SetResult();

        (await Task.WhenAll(answers)).Select(row => row?.Name).ShouldBe(asked.Select(key => key <= 200 ? $"thing {key}" : null));
        groups.Count.ShouldBeLessThan(asked.Length / 2);
        groups.ShouldAllBe(group => group.Distinct().Count() == group.Length);
    }

    [Theory, BothEngines]
    public async Task Whoever_asks_after_a_commit_sees_it(Engine engine)
    {
        await using var test = await MadeAsync(engine, 1);
        var together = Together(test, RowsAsync);

        for (var i = 0; i < 50; i++)
        {
            var name = $"name {i}";
            await test.Database.WriteAsync(tx => tx.ExecuteAsync("update things set name = @name where id = 1", new { name }, default), default);
            var others = Enumerable.Range(0, 8).Select(_ => together.FindAsync(1, default));
            (await Task.WhenAll(others)).ShouldAllBe(row => row!.Name == name);
        }
    }

    [Theory, BothEngines]
    public async Task A_row_that_cannot_be_read_is_the_trouble_of_who_asked_for_it(Engine engine)
    {
        await using var test = await MadeAsync(engine, 20);
        var gate = new TaskCompletionSource();
        var together = Together(test, async (session, keys) =>
        {
            await gate.Task;
            return keys.Contains(7) ? throw new InvalidOperationException("seven") : await RowsAsync(session, keys);
        });

        var answers = Enumerable.Range(1, 20).ToDictionary(key => key, key => together.FindAsync(key, default));
        gate.SetResult();

        (await Should.ThrowAsync<InvalidOperationException>(() => answers[7])).Message.ShouldBe("seven");
        foreach (var (key, answer) in answers.Where(a => a.Key != 7))
        {
            (await answer)!.Name.ShouldBe($"thing {key}");
        }
    }

    [Theory, BothEngines]
    public async Task Who_no_longer_waits_leaves_the_others_their_rows(Engine engine)
    {
        await using var test = await MadeAsync(engine, 2);
        var gate = new TaskCompletionSource();
        var together = Together(test, async (session, keys) =>
        {
            await gate.Task;
            return await RowsAsync(session, keys);
        });
        using var gone = new CancellationTokenSource();

        var (mine, his) = (together.FindAsync(1, gone.Token), together.FindAsync(1, default));
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => mine);
        gate.SetResult();

        (await his)!.Name.ShouldBe("thing 1");
    }

    [Theory, BothEngines]
    public async Task A_trip_that_hangs_does_not_keep_those_behind_it(Engine engine)
    {
        await using var test = await MadeAsync(engine, 2);
        var (time, gate, hangs) = (new ManualTime(), new TaskCompletionSource(), new CountdownEvent(1));
        var together = new ReadTogether<int, Thing>(test.Database, async (session, keys, _) =>
        {
            if (keys.Contains(1))
            {
                hangs.Signal();
                await gate.Task;
            }

            return await RowsAsync(session, keys);
        }, time);

        var hanging = together.FindAsync(1, default);
        hangs.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken).ShouldBeTrue();
        time.Advance(TimeSpan.FromSeconds(1));

        (await together.FindAsync(2, default))!.Name.ShouldBe("thing 2");
        hanging.IsCompleted.ShouldBeFalse();
        gate.SetResult();
        (await hanging)!.Name.ShouldBe("thing 1");
    }

    private static ReadTogether<int, Thing> Together(TestDatabase test, Func<Session, IReadOnlyList<int>, Task<IReadOnlyDictionary<int, Thing>>> read) =>
        new(test.Database, (session, keys, _) => read(session, keys));

    private static async Task<IReadOnlyDictionary<int, Thing>> RowsAsync(Session session, IReadOnlyList<int> keys) =>
        (await session.QueryAsync<Thing>($"select id, name from things where id {session.Dialect.AnyOf("keys")}", new { keys = keys.ToArray() }, default)).ToDictionary(row => row.Id);

    private static async Task<TestDatabase> MadeAsync(Engine engine, int things)
    {
        var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        await test.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync(tx.Dialect.Expand("create table things (id {id}, name {text} not null)"), null, default);
            for (var i = 1; i <= things; i++)
            {
                await tx.LaterAsync("insert into things(id, name) values (@i, @name)", new { i, name = $"thing {i}" }, default);
            }

            return 0;
        }, default);
        return test;
    }

    private sealed class Thing
    {
        public int Id { get; init; }
        public string Name { get; init; } = "";
    }
}
