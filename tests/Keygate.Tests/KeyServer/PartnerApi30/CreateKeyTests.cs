using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi30;

public sealed class CreateKeyTests
{
    [Theory, BothEngines]
    public async Task The_answer_shows_a_plain_key_as_it_is_read_afterwards(Engine engine)
    {
        await using var world = await World.StartAsync(engine);

        var made = await world.Rest.PostAsync("keys?return-key-state=yes", """
            { "ownerId": 1, "nickname": "rack 7", "autoRenew": true, "restrictIPBinding": true, "activationInfo": null,
              "items": [ { "item": "360-MON-SRV-1M", "quantity": 2, "externalId": 7 }, { "item": "360-MON-1M", "externalId": "base" }, { "item": "360-MON-SRV-1M", "quantity": 3 } ] }
            """);

        made.Status.ShouldBe(201, made.ToString());
        var key = made.Json.GetProperty("keyIdentifiers").GetProperty("keyId").GetInt32();
        made.Headers.Location.ShouldNotBeNull().AbsolutePath.ShouldEndWith($"/30/keys/{key}");
        made.Body.ShouldBe((await world.Rest.GetAsync($"keys/{key}")).Body);
        made.Json.GetProperty("nickname").GetString().ShouldBe("rack 7");
        made.Json.GetProperty("autoRenew").GetBoolean().ShouldBeTrue();
        made.Json.GetProperty("restrictIPBinding").GetBoolean().ShouldBeTrue();
        made.Json.GetProperty("items").GetRawText().ShouldBe(
            """[{"item":"360-MON-1M","externalId":"base","quantity":1},{"item":"360-MON-SRV-1M","externalId":7,"quantity":2},{"item":"360-MON-SRV-1M","externalId":null,"quantity":3}]""");
        (await HistoryAsync(world)).ShouldBe([$"{key} 0 created MONITORING_360, billing northwind-api"]);

        (await world.Rest.PostAsync("keys", World.Host)).ShouldSatisfyAllConditions(plain => plain.Status.ShouldBe(201), plain => plain.Body.ShouldBeEmpty());
    }

    [Fact]
    public async Task Plain_keys_that_arrive_together_are_made_in_one_transaction()
    {
        Assert.SkipWhen(Postgres.Missing is not null, Postgres.Missing ?? "");
        await using var world = await World.StartAsync(Engine.PostgreSql);
        var (calls, transactions) = (0, 0);

        // Who comes together is up to chance; that nobody ever does, in so many rounds, is not.
        for (var round = 0; round < 20 && calls == transactions; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => world.Rest.PostAsync("keys?return-key-state=yes", $$"""{ "nickname": "{{round}}-{{n}}", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")));

            answers.ShouldAllBe(answer => answer.Status == 201);
            answers.Select(answer => answer.Json.GetProperty("nickname").GetString()).ShouldBe(Enumerable.Range(0, 20).Select(n => $"{round}-{n}"));
            answers.Select(answer => answer.Json.GetProperty("keyIdentifiers").GetProperty("keyId").GetInt32()).ShouldBeUnique();
            calls += answers.Length;
            transactions = await world.Server.Database.ReadAsync(s => s.GetAsync<int>("select count(distinct xmin::text) from keys", null, CancellationToken.None), CancellationToken.None);
        }

        transactions.ShouldBeLessThan(calls);
        (await world.Server.CountKeysAsync()).ShouldBe(calls);
        (await HistoryAsync(world)).Count.ShouldBe(calls);
    }

    [Theory, BothEngines]
    public async Task An_order_that_is_refused_makes_no_key_whatever_comes_with_it(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        string[] bad = ["""{ "items": [ { "item": "360-MON-SRV-1M" } ] }""", """{ "items": [ { "item": "NO-SUCH" } ] }""", """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "quantity": 2 } ] }"""];

        var answers = await Task.WhenAll(bad.Concat(Enumerable.Repeat(World.Host, 6)).Select(body => world.Rest.PostAsync("keys", body)));

        answers.Take(3).ShouldAllBe(answer => answer.Status >= 400 && answer.Status < 500);
        answers.Skip(3).ShouldAllBe(answer => answer.Status == 201);
        (await world.Server.CountKeysAsync()).ShouldBe(6);
    }

    private static async Task<List<string>> HistoryAsync(World world) => [.. (await world.Server.Database.ReadAsync(
        s => s.QueryAsync<Entry>("select key_id, revision, act, detail, actor from key_history order by id", null, CancellationToken.None), CancellationToken.None))
        .Select(e => $"{e.KeyId} {e.Revision} {e.Act} {e.Detail} {e.Actor}")];

    private sealed record Entry
    {
        public int KeyId { get; init; }

        public int Revision { get; init; }

        public string Act { get; init; } = "";

        public string Detail { get; init; } = "";

        public string Actor { get; init; } = "";
    }
}
