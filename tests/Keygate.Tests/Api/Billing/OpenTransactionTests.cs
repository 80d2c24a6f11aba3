using System.Net;
using System.Text.Json.Nodes;
using Keygate.Api.Billing;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api.Billing;

/// <summary>Transactions that stay open between calls (business-automation.md 5.4).</summary>
public sealed class OpenTransactionTests
{
    private static readonly (string, XmlRpcValue) KeepOpen = ("AutoCommit", "No");

    [Theory, BothEngines]
    public async Task What_was_done_in_it_is_there_when_it_is_committed_and_not_when_it_is_rolled_back(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);

        var id = await BeginAsync(house, "FIRST");
        await house.DoneAsync(Add("SECOND", KeepOpen, ("TransactionID", id)));
        (await house.CountAsync("feature_groups where id in ('FIRST', 'SECOND')")).ShouldBe(0);

        // A refusal undoes its own call and leaves the rest.
        (await house.FaultAsync(Add("FIRST", KeepOpen, ("TransactionID", id)))).Code.ShouldBe(409);
        (await house.ResultAsync(Xml.Call("BM", "CommitTransaction", [], id))).AsStruct()["Status"].AsString().ShouldBe("Operation done.");
        (await house.CountAsync("feature_groups where id in ('FIRST', 'SECOND')")).ShouldBe(2);
        (await house.FaultAsync(Add("THIRD", KeepOpen, ("TransactionID", id)))).Text.ShouldContain("it was committed");

        var other = await BeginAsync(house, "THIRD");
        await house.DoneAsync(Xml.Call("KAGATE", "RollbackTransaction", [("TransactionID", other)]));
        (await house.CountAsync("feature_groups where id = 'THIRD'")).ShouldBe(0);
        (await house.FaultAsync(Xml.Call("BM", "CommitTransaction", [], other))).Text.ShouldContain("rolled back by its caller");
    }

    [Theory, BothEngines]
    public async Task A_joined_call_that_does_not_repeat_AutoCommit_ends_it(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);

        var id = await BeginAsync(house, "FIRST");
        var answer = await house.DoneAsync(Add("SECOND", ("TransactionID", id)));
        answer.Contains("TransactionID").ShouldBeFalse();
        (await house.CountAsync("feature_groups where id in ('FIRST', 'SECOND')")).ShouldBe(2);

        var other = await BeginAsync(house, "THIRD");
        (await house.FaultAsync(Add("FIRST", ("TransactionID", other)))).Code.ShouldBe(409);
        (await house.CountAsync("feature_groups where id = 'THIRD'")).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task It_is_rolled_back_when_nothing_comes_for_10_seconds_and_after_30_seconds_in_all(Engine engine)
    {
        var clock = new ManualTime();
        await using var house = await OrdersHouse.StartAsync(engine, new HouseSettings { Billing = Options(clock) });

        var idle = await BeginAsync(house, "IDLE");
        clock.Advance(TimeSpan.FromSeconds(9));
        await house.DoneAsync(Add("IDLE_TOO", KeepOpen, ("TransactionID", idle)));
        clock.Advance(TimeSpan.FromSeconds(10));
        (await house.FaultAsync(Xml.Call("BM", "CommitTransaction", [], idle))).Text.ShouldContain("no call came for 10 seconds, and it was rolled back");

        var busy = await BeginAsync(house, "BUSY");
        for (var i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(9));
            await house.DoneAsync(Add($"BUSY_{i}", KeepOpen, ("TransactionID", busy)));
        }

        clock.Advance(TimeSpan.FromSeconds(3));
        (await house.FaultAsync(Xml.Call("BM", "CommitTransaction", [], busy))).Text.ShouldContain("it was open for 30 seconds, which is the most, and was rolled back");
        (await house.CountAsync("feature_groups where id like 'IDLE%' or id like 'BUSY%'")).ShouldBe(0);

        // Nothing is left locked.
        await house.DoneAsync(Add("AFTER"));
    }

    [Fact]
    public async Task On_sqlite_other_writers_are_told_to_come_again_and_work_goes_on()
    {
        await using var house = await OrdersHouse.StartAsync(
            Engine.Sqlite, new HouseSettings { Billing = Options(new ManualTime()), Database = new DatabaseOptions { TurnMax = TimeSpan.FromMilliseconds(200) } });
        var plan = await house.PlanAsync();
        var order = await house.PlaceAsync(plan);
        house.Issuer.Asked.Count.ShouldBe(0);
        var paid = await house.PayAsync(order);
        var id = await BeginAsync(house, "HELD");

        var (status, text, headers) = await house.XmlRpcAsync(Add("OTHER"));
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        text.ShouldContain("<fault>");
        (await house.XmlRpcAsync(Add("OTHER", KeepOpen))).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var problem = await house.RefusedAsync("customers", new JsonObject { ["name"] = "Later", ["email"] = "later@example.org" }, HttpStatusCode.ServiceUnavailable);
        ((string)problem["code"]!).ShouldBe("storage.busy");
        (await house.GetAsync("customers")).ToJsonString().ShouldNotContain("Later");

        await house.DoneAsync(Xml.Call("BM", "CommitTransaction", [], id));
        await house.DoneAsync(Add("OTHER"));
        await house.UntilStateAsync((int)paid["id"]!, "CP");
        house.Issuer.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task On_postgres_it_belongs_to_its_node_and_holds_nobody_up()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.PostgreSql);
        await using var other = await OrdersHouse.StartAsync(Engine.PostgreSql, new HouseSettings { Beside = house });
        var id = await BeginAsync(house, "HERE");

        var (code, text) = await other.FaultAsync(Xml.Call("BM", "CommitTransaction", [], id));
        code.ShouldBe(409);
        text.ShouldContain($"The transaction {id} was begun by another node");
        await house.PostAsync("customers", new JsonObject { ["name"] = "Now", ["email"] = "now@example.org" });
        await house.DoneAsync(Xml.Call("BM", "CommitTransaction", [], id));
    }

    [Theory, BothEngines]
    public async Task A_stop_rolls_back_what_is_open(Engine engine)
    {
        var house = await OrdersHouse.StartAsync(engine);
        var database = house.Database;
        await BeginAsync(house, "STOPPED");

        var began = TimeProvider.System.GetTimestamp();
        await house.StopAsync();

        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(8));
        (await database.ReadAsync(s => s.GetAsync<long>("select count(*) from feature_groups where id = 'STOPPED'", null, CancellationToken.None), CancellationToken.None)).ShouldBe(0);
        await house.DisposeAsync();
    }

    private static BillingOptions Options(ManualTime clock) => new() { Allowed = [IPNetwork.Parse("127.0.0.0/8")], Clock = clock };

    private static string Add(string group, params (string, XmlRpcValue)[] more) => Xml.Call("KAGATE", "KA_FeatureGroupAdd", more, group, "A group", 1, 0);

    private static async Task<string> BeginAsync(OrdersHouse house, string group) => (await house.DoneAsync(Add(group, KeepOpen)))["TransactionID"].AsString();
}
