using System.Globalization;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Server;

/// <summary>What is kept for a while only: gone after its time from both databases, by work that comes back by itself.</summary>
public sealed class RetentionTests
{
    [Theory, BothEngines]
    public async Task An_idempotency_key_keeps_its_answer_for_its_days_and_no_longer(Engine engine)
    {
        using var folder = new TempFolder();
        var clock = folder.File("clock");
        var now = DateTimeOffset.UtcNow;
        Set(clock, now);
        await using var server = await HostUnderTest.StartAsync(engine, s => s with { TestClock = clock, KeepIdempotencyKeys = TimeSpan.FromDays(3) });
        var priceList = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "hosting", "price-list.json"));
        const string ann = """{"name":"Ann","email":"ann@example.org"}""";
        (await server.PostAsync("/customers", ann, "k1")).Status.ShouldBe(200);
        (await server.PostAsync("/keyserver/price-lists", priceList, "k2")).Status.ShouldBe(200);

        Set(clock, now.AddDays(2));
        (await server.PostAsync("/customers", ann, "k1")).Status.ShouldBe(200);
        (await server.PostAsync("/customers", ann, "k3")).Status.ShouldBe(200);

        Set(clock, now.AddDays(4));
        await using var provider = Database.At(server.Settings.Database);
        await using var keyServer = Database.At(server.Settings.KeyServerDatabase);
        await UntilAsync(async () => (await KeysAsync(provider)) is ["k3"] && (await KeysAsync(keyServer)) is []);
        (await server.GetAsync("/customers")).Json!["items"]!.AsArray().Count.ShouldBe(2);

        // A repeat that comes so late acts anew.
        (await server.PostAsync("/customers", ann, "k1")).Status.ShouldBe(200);
        (await server.GetAsync("/customers")).Json!["items"]!.AsArray().Count.ShouldBe(3);
    }

    private static Task<List<string>> KeysAsync(Database database) =>
        database.ReadAsync(s => s.QueryAsync<string>("select idempotency_key from idempotency_keys order by idempotency_key", null, CancellationToken.None), CancellationToken.None);

    private static void Set(string clock, DateTimeOffset to)
    {
        File.WriteAllText(clock + ".new", to.ToString("O", CultureInfo.InvariantCulture));
        File.Move(clock + ".new", clock, overwrite: true);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(50, end.Token);
        }
    }
}
