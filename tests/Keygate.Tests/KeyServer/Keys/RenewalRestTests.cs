using System.Text;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Keys;

/// <summary>Renewals over REST, in a whole server.</summary>
public sealed class RenewalRestTests
{
    [Theory, BothEngines]
    public async Task What_is_due_is_listed_renewed_on_demand_and_told_of_as_a_sweep(Engine engine)
    {
        using var folder = new TempFolder();
        var clock = folder.File("clock");
        File.WriteAllText(clock, "2026-03-09T14:30:00Z");
        await using var server = await HostUnderTest.StartAsync(engine, s => s with { TestClock = clock });
        var keys = await KeyServerSetUp.OfAsync(server, Encoding.UTF8.GetString(TestKeyServer.Sample("hosting")));
        string automatic = await keys.OrderAsync("PLESK_9_FOR_VZ"), byHand = await keys.OrderAsync("PLESK_9_FOR_VZ");

        var set = await server.PostAsync($"/keyserver/keys/{automatic}/auto-renew", """{ "autoRenew": true }""");
        set.Json!["autoRenew"]!.GetValue<bool>().ShouldBeTrue(set.Text);
        (await server.GetAsync($"/keyserver/keys/{byHand}")).Json!["autoRenew"]!.GetValue<bool>().ShouldBeFalse();
        (await server.GetAsync("/keyserver/renewals/due")).Json!["items"]!.AsArray().ShouldBeEmpty();
        var ahead = (await server.GetAsync("/keyserver/renewals/due?days=60")).Json!["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)ahead["number"]!, (string)ahead["standing"]!, (string)ahead["updateDate"]!).ShouldBe((automatic, "Ahead", "2026-04-08"));
        (await server.PostAsync("/keyserver/renewals", "{}")).Json!["sweep"].ShouldBeNull();

        File.WriteAllText(clock, "2026-04-08T00:30:00Z");
        var begun = (await server.PostAsync("/keyserver/renewals", "{}")).Json!["sweep"];
        var after = await keys.UntilAsync($"/keyserver/keys/{automatic}", key => (string)key["updateDate"]! == "2026-05-08");
        ((string)after["number"]!).ShouldBe(automatic[..^4] + "0001");
        after["history"]!.AsArray().Select(h => (string)h!["act"]!).ShouldBe(["created", "renews automatically", "renewed automatically"]);
        ((string)(await server.GetAsync($"/keyserver/keys/{byHand}")).Json!["number"]!).ShouldBe(byHand);

        var sweeps = await keys.UntilAsync("/keyserver/renewals", list => list["items"]!.AsArray() is [{ } one] && one["endedAt"] is not null);
        var sweep = sweeps["items"]![0]!;
        ((int)sweep["due"]!, (int)sweep["renewed"]!, (int)sweep["failed"]!).ShouldBe((1, 1, 0));
        // Where the server's own look was quicker, nothing was left to begin.
        (begun is null || (int)begun == (int)sweep["id"]!).ShouldBeTrue();
        (await server.GetAsync("/keyserver/renewals/due")).Json!["items"]!.AsArray().ShouldBeEmpty();

        var off = await server.PostAsync($"/keyserver/keys/{automatic}/auto-renew", """{ "autoRenew": false }""");
        off.Json!["autoRenew"]!.GetValue<bool>().ShouldBeFalse(off.Text);
        (await server.GetAsync("/keyserver/renewals/due?days=60")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_renew_by_itself_is_refused_with_code_and_remedy()
    {
        await using var server = await HostUnderTest.StartAsync();
        var keys = await KeyServerSetUp.OfAsync(server, Encoding.UTF8.GetString(TestKeyServer.Sample("hosting")));
        var purchase = await keys.OrderAsync("VIRTUOZZO_4", "purchase");
        var ended = await keys.OrderAsync("PLESK_9_FOR_VZ");
        (await server.PostAsync($"/keyserver/keys/{ended}/terminate", "{}")).Status.ShouldBe(200);

        (await server.PostAsync($"/keyserver/keys/{purchase}/auto-renew", """{ "autoRenew": true }""")).ShouldBeProblem(409, "keyserver.not-renewable");
        (await server.PostAsync($"/keyserver/keys/{ended}/auto-renew", """{ "autoRenew": true }""")).ShouldBeProblem(409, "keyserver.key-is-terminated");
        (await server.PostAsync("/keyserver/keys/PLSK.99999999/auto-renew", """{ "autoRenew": true }""")).ShouldBeProblem(404, "keyserver.key-unknown");
        (await server.PostAsync("/keyserver/keys/nonsense/auto-renew", """{ "autoRenew": true }""")).ShouldBeProblem(400, "keyserver.key-number-malformed");
        (await Reply.OfAsync(server.Anonymous.GetAsync("/api/v1/keyserver/renewals"))).Status.ShouldBe(401);
        (await HostUnderTest.PostAsync(server.Anonymous, "/keyserver/renewals", "{}")).Status.ShouldBe(401);
        (await server.GetAsync($"/keyserver/keys/{purchase}")).Json!["autoRenew"]!.GetValue<bool>().ShouldBeFalse();
        (await server.GetAsync("/keyserver/renewals")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }
}
