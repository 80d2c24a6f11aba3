using System.Globalization;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi30;

public sealed class SearchTests
{
    [Theory, BothEngines]
    public async Task Lists_each_key_once_over_many_pages_and_owners(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        const int count = 12_001;
        await FillAsync(world, count, client: "case when i % 3 = 0 then @second else @first end");

        var found = (await world.Reseller.GetAsync("keys")).Json.EnumerateArray().Select(k => (Owner: k.GetProperty("ownerId").GetString(), Id: k.GetProperty("keyId").GetInt32())).ToList();

        found.Count.ShouldBe(count);
        found.Select(k => k.Id).Distinct().Count().ShouldBe(count);
        found.GroupBy(k => k.Owner).Select(g => (g.Key, Count: g.Count())).ShouldBe([
            (world.SubClient.Value.ToString(CultureInfo.InvariantCulture), 8001), (world.SecondSubClient.Value.ToString(CultureInfo.InvariantCulture), 4000)]);
        (await world.Reseller.GetAsync("keys?nickname=n-7777")).Json.GetArrayLength().ShouldBe(1);
        (await world.Rest.GetAsync("keys")).Body.ShouldBe("[]");
    }

    [Theory, BothEngines]
    public async Task Ends_a_page_that_is_exactly_full(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        await FillAsync(world, 5000, client: "@first");

        (await world.Reseller.GetAsync("keys")).Json.GetArrayLength().ShouldBe(5000);
    }

    [Theory, BothEngines]
    public Task Cuts_the_answer_when_the_database_fails_half_way(Engine engine) => CutsAsync(engine, sent: 9999);

    [Theory, BothEngines]
    public Task Cuts_a_short_answer_too_that_has_not_left_yet(Engine engine) => CutsAsync(engine, sent: 3);

    private static async Task CutsAsync(Engine engine, int sent)
    {
        await using var world = await World.StartAsync(engine);
        // Two owners: the first one's keys go out, and the second one's lie behind a view that fails.
        await FillAsync(world, sent + 1, client: string.Create(CultureInfo.InvariantCulture, $"case when i <= {sent} then @first else @second end"));
        await world.Server.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("alter table keys rename to real_keys", null, CancellationToken.None);
            return await tx.ExecuteAsync(
                engine == Engine.Sqlite
                    ? $"create view keys as select * from real_keys k where k.id <= {sent} or json('{{' || k.id) is not null"
                    : $"create view keys as select * from real_keys k where k.id <= {sent} or 1 / ({sent + 1} - k.id) = 1",
                null, CancellationToken.None);
        }, CancellationToken.None);

        (await Should.ThrowAsync<Exception>(() => world.Reseller.GetAsync("keys"))).ShouldBeOfType<HttpRequestException>();
    }

    private static Task<int> FillAsync(World world, int count, string client)
    {
        var series = world.Server.Database.Engine == Engine.PostgreSql
            ? "generate_series(1, @count) as n(i)"
            : "(with recursive n(i) as (select 1 union all select i + 1 from n where i < @count) select i from n) as n";
        return world.Server.Database.WriteAsync(tx => tx.ExecuteAsync(
            $"""
            insert into keys(prefix, revision, client_id, price_list_id, key_type, kind, billing, activation_code, activation, start_date, terms, update_date, expiration_date, update_ticket,
              problem, nickname, created_at, changed_at)
            select 'PLSK', 0, {client}, 1, 'PLESK_12_WEB_HOST', 'Main', 'Lease', 'C-' || i, 'None', '2026-03-09', 1, '2026-04-09', '2026-04-19', '0', @no, 'n-' || i, 0, 0 from {series}
            """, new { count, no = false, first = world.SubClient, second = world.SecondSubClient }, CancellationToken.None), CancellationToken.None);
    }
}
