using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Accounts.Auditing;

public sealed class AuditEndpointsTests
{
    [Theory, BothEngines]
    public async Task The_trail_is_read_newest_first_and_by_subject_and_the_server_itself_links_it_for_both_databases(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        foreach (var name in new[] { "Ann", "Bob" })
        {
            (await server.PostAsync("/customers", $$"""{"name":"{{name}}","email":"{{name}}@example.org"}""")).Status.ShouldBe(200);
        }

        var first = await server.GetAsync("/audit?limit=1");
        var newest = first.Json!["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)newest["act"], (string?)newest["subject"], (string?)newest["actorKind"], (string?)newest["actorName"])
            .ShouldBe(("customer.created", "customer/1000002", "Staff", "Local command line"));
        var second = await server.GetAsync($"/audit?limit=1&cursor={first.Json["next"]}");
        ((string?)second.Json!["items"]![0]!["subject"]).ShouldBe("customer/1000001");
        (await server.GetAsync("/audit?subject=customer/1000001")).Json!["items"]!.AsArray().Count.ShouldBe(1);
        (await server.GetAsync("/audit?subject=customer/1")).Json!["items"]!.AsArray().ShouldBeEmpty();
        (await server.GetAsync($"/audit?subject=customer/1000001&cursor={first.Json["next"]}")).ShouldBeProblem(400, "kernel.cursor-foreign");
        (await server.GetAsync("/audit/verification?head=provider/1")).ShouldBeProblem(400, "accounts.audit-head-unreadable");
        (await Reply.OfAsync(server.Anonymous.GetAsync("/api/v1/audit"))).ShouldBeProblem(401, "accounts.token-missing");

        var whole = await LinkedAsync(server);
        whole.Select(v => (string?)v!["database"]).ShouldBe(["provider", "keyserver"]);
        whole.ShouldAllBe(v => (bool)v!["isWhole"]!);
        ((long)whole[0]!["rows"]!).ShouldBeGreaterThanOrEqualTo(2);
        var head = (string)whole[0]!["head"]!;
        (await server.GetAsync($"/audit/verification?head={head}")).Json![0]!["isWhole"]!.GetValue<bool>().ShouldBeTrue();

        var database = (Database)server.Host.Services.GetService(typeof(Database))!;
        await database.WriteAsync(tx => tx.ExecuteAsync("update audit set subject = 'customer/1' where subject = 'customer/1000001'", null, CancellationToken.None), CancellationToken.None);

        var broken = (await server.GetAsync("/audit/verification")).Json![0]!;
        ((bool)broken["isWhole"]!).ShouldBeFalse();
        ((string?)broken["findings"]![0]!["fault"]).ShouldBe("Altered");
    }

    private static async Task<JsonArray> LinkedAsync(HostUnderTest server)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var all = (await server.GetAsync("/audit/verification")).Json!.AsArray();
            if (all.All(v => (long)v!["pending"]! == 0 && v["head"] is not null))
            {
                return all;
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
