using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.MainJob;

/// <summary>A license for a dedicated server that is not assigned yet, from the command line over the real wire.</summary>
[Trait("Needs", "Processes")]
public sealed class DedicatedServerTests
{
    [Fact]
    public async Task A_license_waits_not_assigned_and_is_installed_when_the_server_is_assigned()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite);
        var plan = await provider.DoAsync("plans", new JsonObject
        {
            ["name"] = "Dedicated server", ["currency"] = "EUR", ["hostingGate"] = "DedicatedServer", ["issuerId"] = 1, ["installerId"] = 2,
            ["periods"] = new JsonArray(new JsonObject { ["period"] = 1, ["subscriptionFee"] = 9900 }),
            ["rates"] = new JsonArray(new JsonObject { ["resource"] = "PLESK_10_AND_LATER" }, new JsonObject { ["resource"] = "30_DOMAINS" }),
        });
        var order = await provider.OrderAndPayAsync((int)plan["id"]!, "PLESK_10_AND_LATER", "30_DOMAINS");

        (await provider.CommandAsync("license", "list", "--assignment", "NotAssigned")).Output.ShouldContain("NotAssigned");
        (await provider.CommandAsync("subscription", "list", "--awaits-server")).Output.ShouldContain("scenario.example");
        (await provider.CommandAsync("order", "stalled", "--minutes", "0")).Output.ShouldContain("waits for its dedicated server");
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1);

        var (exit, said) = await provider.CommandAsync("subscription", "assign-server", "2", "--server", "ded7.example", "--ip", "198.51.100.7");

        exit.ShouldBe(0, said);
        var done = await provider.UntilAsync(order, o => (string)o["state"]! == "CP");
        var license = await provider.Rest.GetAsync($"licenses/{done["licenses"]![0]!["id"]}");
        ((string)license["installedAt"]![0]!).ShouldContain("ded7.example");
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(2);
    }
}
