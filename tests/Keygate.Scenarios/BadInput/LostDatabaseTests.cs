using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.BadInput;

/// <summary>
/// A database that is locked or gone under a running server: writes are refused in one sentence with the remedy, nothing is half written, and when
/// it is back everything goes on; the paid order with one key.
/// </summary>
[Trait("Needs", "Processes")]
public sealed class LostDatabaseTests
{
    [Fact]
    public async Task A_locked_database_refuses_writes_and_lets_them_through_when_it_is_free()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite);
        var order = await provider.PlaceAsync("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(provider.Data, "keygate.db")};Pooling=false"))
        {
            await other.OpenAsync();
            await using var held = other.BeginTransaction(deferred: false);

            await RefusedAsync(provider, order, "storage.locked", "End the other program");
        }

        await PaidAndCompletedAsync(provider, order);
    }

    [Fact]
    public async Task A_database_that_is_gone_refuses_all_and_everything_goes_on_when_it_is_back()
    {
        var address = new Uri(await TestDatabase.PostgresUrlAsync());
        await using var line = Forwarder.To(address.Port);
        var through = new UriBuilder(address) { Port = line.Port }.Uri;
        await using var provider = await DemoProvider.StartAsync(Engine.PostgreSql, database: through.ToString());
        var order = await provider.PlaceAsync("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        var underWay = await provider.OrderAndPayAsync("PLESK_10_AND_LATER_FOR_VZ", "100_DOMAINS");

        line.Cut();
        await RefusedAsync(provider, order, "storage.unreachable", "Check that the database runs");
        using (var http = new HttpClient { BaseAddress = provider.Server.Url })
        {
            using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).ShouldContain("database");
        }

        line.Mend();
        await provider.ReadyAsync();
        await provider.UntilAsync(underWay, o => (string)o["state"]! == "CP");
        await PaidAndCompletedAsync(provider, order, keys: 3);
    }

    private static async Task RefusedAsync(DemoProvider provider, JsonNode order, string code, string remedy)
    {
        var (status, problem) = await provider.Rest.PostAsync($"orders/{order["id"]}/pay", Payment(order), key: "the-payment");
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        ((string)problem["code"]!).ShouldBe(code);
        ((string)problem["remedy"]!).ShouldContain(remedy);
        ((string)problem["remedy"]!).ShouldContain("nothing was changed, try again");

        var (exit, said) = await provider.CommandAsync("order", "pay", $"{order["id"]}", "--amount", $"{order["total"]}", "--currency", $"{order["currency"]}");
        exit.ShouldBe(1, said);
        said.ShouldContain((string)problem["detail"]!);
        said.ShouldContain((string)problem["remedy"]!);
    }

    private static async Task PaidAndCompletedAsync(DemoProvider provider, JsonNode order, int keys = 2)
    {
        var id = (int)order["id"]!;
        var waiting = await provider.Rest.GetAsync($"orders/{id}");
        ((string)waiting["state"]!).ShouldBe("WP");
        waiting["payments"]!.AsArray().ShouldBeEmpty();

        var (status, answer) = await provider.Rest.PostAsync($"orders/{id}/pay", Payment(order), key: "the-payment");
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        var done = await provider.UntilAsync(id, o => (string)o["state"]! == "CP");
        done["payments"]!.AsArray().Count.ShouldBe(1);
        done["licenses"]!.AsArray().Count.ShouldBe(1);
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(keys);
    }

    private static JsonObject Payment(JsonNode order) => new() { ["amount"] = (long)order["total"]!, ["currency"] = (string)order["currency"]! };
}
