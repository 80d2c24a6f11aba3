using System.Text.Json.Nodes;
using Keygate.Issuers;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing.RenewLicense;

/// <summary>A process that dies with a renewal under way leaves one that is neither forgotten nor paid twice.</summary>
public sealed class RenewalTakeoverTests
{
    [Theory]
    [InlineData(Engine.Sqlite, Keygate.Work.Moment.AnswerReceived)]
    [InlineData(Engine.PostgreSql, Keygate.Work.Moment.AnswerReceived)]
    [InlineData(Engine.Sqlite, Keygate.Work.Moment.IntentCommitted)]
    [InlineData(Engine.PostgreSql, Keygate.Work.Moment.IntentCommitted)]
    public async Task A_renewal_that_died_between_intent_and_answer_happens_once(Engine engine, Keygate.Work.Moment moment)
    {
        var (never, passed) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var folder = new TempFolder();
        var options = new WorkOptions
        {
            Passing = p =>
            {
                if (p.Kind != "licensing.renew" || p.Step != "renew" || p.Moment != moment)
                {
                    return Task.CompletedTask;
                }

                passed.TrySetResult();
                return never.Task;
            },
        };
        await using var killed = await OrdersHouse.StartAsync(engine, new HouseSettings { Work = options }, new SimulatedFactory());
        var issuer = (int)(await killed.PostAsync("plugins", new JsonObject
        {
            ["name"] = "Sandbox", ["kind"] = "issuer.simulated", ["settings"] = new JsonObject { ["journal"] = folder.File("keys.journal") },
        }))["id"]!;
        var id = (int)(await killed.PostAsync("licenses", new JsonObject
        {
            ["keyType"] = Hosting.Plesk, ["features"] = new JsonArray(Hosting.Domains30), ["issuer"] = issuer, ["installer"] = killed.InstallerId, ["target"] = "node4",
        }))["id"]!;
        foreach (var (verb, status) in new[] { ("issue", "Issued"), ("retrieve", "Retrieved"), ("install", "Installed") })
        {
            await killed.PostAsync($"licenses/{id}/{verb}");
            await UntilAsync(killed, id, l => (string)l["status"]! == status && l["goingOn"] is null);
        }

        await killed.PostAsync($"licenses/{id}/renew");
        await passed.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await killed.DieAsync();
        await using var next = await OrdersHouse.StartAsync(engine, new HouseSettings { Beside = killed }, new SimulatedFactory());

        var renewed = await UntilAsync(next, id, l => (string)l["keyNumber"]! == "SIM.00000001.0001" && (string?)l["goingOn"]?["kind"] != "licensing.renew", () => next.Time.Advance(TimeSpan.FromSeconds(5)));
        never.SetResult();
        ((string)renewed["status"]!, (string)renewed["license"]!["expirationDate"]!).ShouldBe(("Installed", "2026-04-11"));
        next.Installer.Installed.ShouldHaveSingleItem().Files[0].KeyNumber.ShouldBe("SIM.00000001.0001");
    }

    private static async Task<JsonNode> UntilAsync(OrdersHouse house, int id, Func<JsonNode, bool> fits, Action? meanwhile = null)
    {
        for (var i = 0; ; i++)
        {
            var license = await house.GetAsync($"licenses/{id}");
            if (fits(license))
            {
                return license;
            }

            i.ShouldBeLessThan(1200, license.ToJsonString());
            meanwhile?.Invoke();
            await Task.Delay(50);
        }
    }
}
