using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Notices;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Notices;

public sealed class WebhookTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task Tells_an_order_from_its_placing_to_its_end_in_order_signed_and_without_gaps(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        var webhook = await at.WebhookAsync("*");
        var licenses = await at.WebhookAsync("license.installed");

        var order = await at.House.PaidAsync(await at.House.PlanAsync());
        await at.House.UntilStateAsync(order, "CP");
        await at.SettledAsync(webhook);
        await at.SettledAsync(licenses);

        var whole = at.Receiver.Calls.Where(c => c.Line.EndsWith("topics=*", StringComparison.Ordinal)).ToList();
        var types = whole.Select(c => (string)JsonNode.Parse(c.Text)!["type"]!).ToList();
        types.ShouldBe([
            "order.placed", "order.awaiting-payment", "order.paid", "license.issued", "license.retrieved", "license.installed", "subscription.activated", "order.completed",
        ], ignoreOrder: true);
        types.Take(3).ShouldBe(["order.placed", "order.awaiting-payment", "order.paid"]);
        at.Heard.Count.ShouldBe(types.Count + 1);
        whole.Select(c => c.Headers["webhook-id"]).ShouldBe(Enumerable.Range(1, types.Count).Select(n => $"event-{n}"));
        foreach (var call in at.Receiver.Calls)
        {
            byte[] signed = [.. Encoding.UTF8.GetBytes($"{call.Headers["webhook-id"]}.{call.Headers["webhook-timestamp"]}."), .. call.Body];
            call.Headers["webhook-signature"].ShouldBe($"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(NoticesHouse.Secret[6..]), signed))}");
        }

        var installed = JsonNode.Parse(whole.First(c => c.Text.Contains("\"type\":\"license.installed\"", StringComparison.Ordinal)).Text)!;
        ((string)installed["data"]!["subject"]!).ShouldBe("license/1");
        ((int)installed["data"]!["customerId"]!).ShouldBe(at.House.Customer);
        ((string)installed["data"]!["keyNumber"]!).ShouldNotBeEmpty();
        ((string)installed["timestamp"]!).ShouldStartWith(at.House.Time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

        var events = (await at.House.GetAsync("events?after=2&limit=2"))!;
        events["items"]!.AsArray().Select(e => (long)e!["number"]!).ShouldBe([3, 4]);
        var rest = await at.House.GetAsync($"events?limit=500&cursor={(string)events["next"]!}");
        rest["items"]!.AsArray().Select(e => (long)e!["number"]!).ShouldBe(Enumerable.Range(5, types.Count - 4).Select(n => (long)n));
        (await at.House.GetAsync("events?subject=order/1&topic=order.paid"))["items"]!.AsArray().Count.ShouldBe(1);
        (await at.House.CountAsync("outbox")).ShouldBe(0);
        (await at.ShowAsync(webhook)).ToJsonString().ShouldNotContain("whsec");
        (await at.House.AttentionCountAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task A_receiver_that_is_away_gets_everything_later_in_order_under_the_same_ids(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        var webhook = await at.WebhookAsync("*");
        at.Receiver.Answers(503);
        await at.TellAsync("license.issued", "license/1");
        await at.TellAsync("license.retrieved", "license/1");

        var failing = await at.SettledAsync(webhook);
        ((string)failing["state"]!).ShouldBe("Retrying");
        ((string)failing["cause"]!).ShouldContain("answered 503");
        ((long)failing["behind"]!).ShouldBe(2);
        failing["nextAttempt"].ShouldNotBeNull();

        await at.House.AfterAsync(TimeSpan.FromSeconds(5));
        await at.UntilAsync(webhook, w => (int)w["attempts"]! == 2);
        await at.TellAsync("license.installed", "license/1");
        at.Receiver.Answers(204);
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);
        at.Heard.Count.ShouldBe(2);
        await at.House.AfterAsync(TimeSpan.FromMinutes(5));
        var healed = await at.UntilAsync(webhook, w => (long)w["behind"]! == 0);

        at.Heard.ShouldBe(["event-1 license.issued", "event-1 license.issued", "event-1 license.issued", "event-2 license.retrieved", "event-3 license.installed"]);
        var calls = at.Receiver.Calls.ToList();
        calls[2].Text.ShouldBe(calls[0].Text);
        calls[2].Headers["webhook-signature"].ShouldNotBe(calls[0].Headers["webhook-signature"]);
        ((string)healed["state"]!).ShouldBe("Active");
        healed["failingSince"].ShouldBeNull();
        healed["cause"].ShouldBeNull();
        (await at.House.GetAsync($"webhooks/{webhook}/failures"))["items"]!.AsArray().Select(f => ((int)f!["attempt"]!, (int)f["status"]!, (bool)f["setAside"]!)).ShouldBe([(2, 503, false), (1, 503, false)]);
        (await at.House.AttentionCountAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task After_three_days_a_person_is_asked_and_a_resubmission_goes_on_where_it_stopped(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        var webhook = await at.WebhookAsync("*");
        at.Receiver.Answers(503);
        await at.TellAsync("license.issued", "license/1");
        await at.SettledAsync(webhook);

        var retries = new NoticesOptions().Retries;
        (retries.Aggregate(TimeSpan.Zero, (sum, r) => sum + r) > TimeSpan.FromDays(3)).ShouldBeTrue();
        for (var n = 0; n < retries.Count; n++)
        {
            (await at.House.AttentionCountAsync()).ShouldBe(0);
            await at.House.AfterAsync(retries[n]);
            var attempts = n + 2;
            await at.UntilAsync(webhook, w => (int)w["attempts"]! == attempts);
        }

        ((string)(await at.ShowAsync(webhook))["state"]!).ShouldBe("Stopped");
        var item = (await at.House.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)item["code"]!).ShouldBe("notices.webhook-failing");
        ((string)item["cause"]!).ShouldContain("does not take event 1 (license.issued)");
        ((string)item["remedy"]!).ShouldContain($"keygate webhook test {webhook}");
        at.Heard.Count.ShouldBe(10);

        // Still away: its attempts are anew. Then it is back.
        await at.House.PostAsync($"attention/{item["id"]}/resubmit");
        await at.UntilAsync(webhook, w => (string)w["state"]! == "Retrying" && (int)w["attempts"]! == 1);
        at.Receiver.Answers(204);
        await at.House.PostAsync($"webhooks/{webhook}/resume");
        await at.UntilAsync(webhook, w => (long)w["behind"]! == 0);
        at.Heard.Count.ShouldBe(12);
        at.Heard.Distinct().ShouldBe(["event-1 license.issued"]);
        (await at.House.AttentionCountAsync()).ShouldBe(0);

        // One who wants no more stops it at once.
        at.Receiver.Answers(410);
        await at.TellAsync("license.retrieved", "license/1");
        ((string)(await at.SettledAsync(webhook))["state"]!).ShouldBe("Stopped");
        at.Heard.Count.ShouldBe(13);
        (await at.House.AttentionCountAsync()).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task What_a_receiver_reads_and_refuses_is_set_aside_and_the_rest_goes_on(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        var webhook = await at.WebhookAsync("license.*");
        at.Refuses("license.retrieved", 422);
        foreach (var topic in new[] { "license.issued", "license.retrieved", "order.paid", "license.installed" })
        {
            await at.TellAsync(topic, "license/1");
        }

        await at.SettledAsync(webhook);
        await at.House.AfterAsync(TimeSpan.FromSeconds(5));
        await at.UntilAsync(webhook, w => (int)w["attempts"]! == 2);
        await at.House.AfterAsync(TimeSpan.FromMinutes(5));
        await at.UntilAsync(webhook, w => (long)w["behind"]! == 0);

        at.Heard.ShouldBe(["event-1 license.issued", "event-2 license.retrieved", "event-2 license.retrieved", "event-2 license.retrieved", "event-4 license.installed"]);
        (await at.House.GetAsync($"webhooks/{webhook}/failures"))["items"]!.AsArray().Select(f => (bool)f!["setAside"]!).ShouldBe([true, false, false]);
        (await at.House.AttentionCountAsync()).ShouldBe(0);

        // A replay sends it anew, with what came behind it.
        at.Receiver.Answers(204);
        await at.House.PostAsync($"webhooks/{webhook}/replay", new JsonObject { ["after"] = 1 });
        await at.UntilAsync(webhook, w => (long)w["behind"]! == 0);
        at.Heard.Skip(5).ShouldBe(["event-2 license.retrieved", "event-4 license.installed"]);
    }

    [Theory, BothEngines]
    public async Task Replays_from_a_number_or_a_time_and_waits_while_it_is_paused(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        await at.TellAsync("license.issued", "license/1");
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);
        var webhook = await at.WebhookAsync("*");
        at.House.Time.Advance(TimeSpan.FromHours(1));
        await at.TellAsync("license.retrieved", "license/1");
        await at.SettledAsync(webhook);

        // What was before the webhook is sent by a replay only.
        at.Heard.ShouldBe(["event-2 license.retrieved"]);
        await at.House.PostAsync($"webhooks/{webhook}/replay", new JsonObject { ["after"] = 0 });
        await at.UntilAsync(webhook, w => (long)w["behind"]! == 0);
        await at.House.PostAsync($"webhooks/{webhook}/replay", new JsonObject { ["since"] = at.House.Time.GetUtcNow().AddMinutes(-30) });
        await at.UntilAsync(webhook, w => (long)w["behind"]! == 0);
        at.Heard.Skip(1).ShouldBe(["event-1 license.issued", "event-2 license.retrieved", "event-2 license.retrieved"]);

        await at.House.PostAsync($"webhooks/{webhook}/pause", new JsonObject { ["reason"] = "The panel is being moved." });
        await at.TellAsync("license.installed", "license/1");
        var paused = await at.SettledAsync(webhook);
        ((string)paused["state"]!, (string)paused["pausedReason"]!, (long)paused["behind"]!).ShouldBe(("Paused", "The panel is being moved.", 1));
        at.Heard.Count.ShouldBe(4);
        await at.House.PostAsync($"webhooks/{webhook}/resume");
        await at.UntilAsync(webhook, w => (long)w["behind"]! == 0);
        at.Heard.Skip(4).ShouldBe(["event-3 license.installed"]);

        foreach (var (body, status) in new[]
        {
            (new JsonObject(), HttpStatusCode.BadRequest), (new JsonObject { ["after"] = 1, ["since"] = "2026-01-01T00:00:00Z" }, HttpStatusCode.BadRequest),
            (new JsonObject { ["after"] = 4 }, HttpStatusCode.BadRequest),
        })
        {
            ((string)(await at.House.RefusedAsync($"webhooks/{webhook}/replay", body, status))["code"]!).ShouldBe("notices.replay-invalid");
        }

        // What is no longer kept is not passed over in silence.
        await at.House.AfterAsync(TimeSpan.FromDays(91));
        await at.TellAsync("license.expired", "license/1");
        await at.SettledAsync(webhook);
        (await at.House.CountAsync("events")).ShouldBe(1);
        ((string)(await at.House.RefusedAsync($"webhooks/{webhook}/replay", new JsonObject { ["after"] = 1 }, HttpStatusCode.Conflict))["code"]!).ShouldBe("notices.events-gone");
    }

    [Theory, BothEngines]
    public async Task Is_added_with_a_secret_of_its_own_tested_changed_and_removed(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        var added = await at.House.PostAsync("webhooks", new JsonObject { ["name"] = "Panel", ["url"] = at.Receiver.Url });
        var (id, secret) = ((int)added["webhook"]!["id"]!, (string)added["secret"]!);
        Convert.FromBase64String(secret["whsec_".Length..]).Length.ShouldBe(32);
        (await at.House.Database.ReadAsync(s => s.GetAsync<string>("select secret from webhooks", null, _cancellation), _cancellation)).ShouldNotContain(secret["whsec_".Length..]);

        ((bool)(await at.House.PostAsync($"webhooks/{id}/test"))["passed"]!).ShouldBeTrue();
        at.Receiver.Answers(401);
        var failed = await at.House.PostAsync($"webhooks/{id}/test");
        ((bool)failed["passed"]!).ShouldBeFalse();
        ((string)failed["text"]!).ShouldContain("answered 401");
        ((string)failed["remedy"]!).ShouldContain("same secret");
        at.Receiver.Calls.ShouldAllBe(c => c.Text.Contains("\"type\":\"keygate.check\"", StringComparison.Ordinal));

        at.Receiver.Answers(204);
        await at.House.PatchAsync($"webhooks/{id}", new JsonObject { ["secondSecret"] = NoticesHouse.Secret, ["topics"] = new JsonArray("order.*") });
        await at.House.PostAsync($"webhooks/{id}/test");
        at.Receiver.Calls.Last().Headers["webhook-signature"].Split(' ').Length.ShouldBe(2);
        var shown = await at.ShowAsync(id);
        ((bool)shown["hasSecondSecret"]!, shown["topics"]!.ToJsonString(), (string)shown["name"]!).ShouldBe((true, "[\"order.*\"]", "Panel"));

        var faults = await at.House.RefusedAsync("webhooks", new JsonObject
        {
            ["name"] = "", ["url"] = "http://192.0.2.7/x", ["topics"] = new JsonArray("all"), ["secret"] = "short", ["certificate"] = "none", ["answerWithinSeconds"] = 0,
        }, HttpStatusCode.BadRequest);
        foreach (var field in new[] { "name", "url", "topics", "secret", "certificate", "answerWithinSeconds" })
        {
            faults.ToJsonString().ShouldContain($"\"field\":\"{field}\"");
        }

        ((string)(await at.House.RefusedAsync("webhooks", new JsonObject { ["name"] = "Panel", ["url"] = at.Receiver.Url }, HttpStatusCode.Conflict))["code"]!).ShouldBe("notices.webhook-name-taken");

        var calls = at.Receiver.Calls.Count;
        await at.House.DeleteAsync($"webhooks/{id}");
        await at.TellAsync("order.paid", "order/1");
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);
        at.Receiver.Calls.Count.ShouldBe(calls);
        (await at.House.GetAsync("webhooks"))["items"]!.AsArray().ShouldBeEmpty();
        await at.House.RefusedAsync($"webhooks/{id}/test", null, HttpStatusCode.NotFound);
    }

    /// <summary>Several processes take news from one outbox: each is an event once, and numbers have no gaps.</summary>
    [Fact]
    public async Task Several_processes_number_each_event_once()
    {
        await using var at = await NoticesHouse.StartAsync(Engine.PostgreSql);
        await using var beside = await OrdersHouse.StartAsync(Engine.PostgreSql, new HouseSettings { Notices = true, Beside = at.House });
        var forwarders = new[] { at.House.Get<NewsForwarder>(), beside.Get<NewsForwarder>() };
        const int Writers = 4, Each = 60;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            for (var n = 0; n < Each; n++)
            {
                await at.TellAsync("license.renewed", $"license/{(w * Each) + n}");
                if (n % 7 == 0)
                {
                    await forwarders[w % 2].ForwardAsync(_cancellation);
                }
            }
        }, _cancellation)));
        await Task.WhenAll(forwarders.Select(f => f.ForwardAsync(_cancellation)));
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);

        var rows = await at.House.Database.ReadAsync(s => s.QueryAsync<(long Number, string Subject)>("select number, subject from events order by number", null, _cancellation), _cancellation);
        rows.Select(r => r.Number).ShouldBe(Enumerable.Range(1, Writers * Each).Select(n => (long)n));
        rows.Select(r => r.Subject).Distinct().Count().ShouldBe(Writers * Each);
    }
}
