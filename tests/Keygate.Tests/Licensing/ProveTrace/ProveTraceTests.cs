using System.Text.Json.Nodes;
using Keygate.Licensing;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;
using static Keygate.Tests.Licensing.LicensingHouse;

namespace Keygate.Tests.Licensing.ProveTrace;

/// <summary>Whether an issuer finds its own keys by their trace is tried after its first key and then daily, by work that resumes after downtime.</summary>
public sealed class ProveTraceTests
{
    [Theory, BothEngines]
    public async Task Is_tried_after_the_first_key_and_then_once_a_day_also_after_downtime(Engine engine)
    {
        await using var house = await StartAsync(engine);
        await house.Time.AfterAsync(house.Database, TimeSpan.FromMinutes(5));
        house.Issuer.Looked.ShouldBeEmpty();
        ((string?)(await PluginAsync(house))["traceTriedAt"]).ShouldBeNull();

        await IssuedAsync(house);
        house.Time.Advance(TimeSpan.FromMinutes(5));
        await ProvedAsync(house);
        house.Issuer.Looked.ShouldBe([house.Issuer.Asked[0].Trace]);

        // Nothing more on the same day, whatever is issued.
        await IssuedAsync(house);
        await house.Time.AfterAsync(house.Database, TimeSpan.FromHours(12));
        house.Issuer.Looked.Count.ShouldBe(1);

        // A week without Keygate is one try, by the newest key.
        house.Time.Advance(TimeSpan.FromDays(7));
        await ProvedAsync(house);
        house.Issuer.Looked.ShouldBe([house.Issuer.Asked[0].Trace, house.Issuer.Asked[1].Trace]);
    }

    [Theory, BothEngines]
    public async Task A_known_key_that_is_no_longer_found_ends_the_proof_and_a_newer_one_that_is_brings_it_back(Engine engine)
    {
        await using var house = await StartedAsync(engine);
        await IssuedAsync(house);
        house.Time.Advance(TimeSpan.FromMinutes(5));
        await ProvedAsync(house);

        house.Issuer.Look = _ => Answer.Done<IReadOnlyList<IssuedKey>>([]);
        house.Time.Advance(TimeSpan.FromDays(1));
        await UntilAsync(house, p => p["traceProvedAt"] is null);

        // The same key is not tried again on the same day; a newer one is.
        house.Issuer.Look = null;
        await house.Time.AfterAsync(house.Database, TimeSpan.FromMinutes(10));
        house.Issuer.Looked.Count.ShouldBe(2);
        await IssuedAsync(house);
        house.Time.Advance(TimeSpan.FromMinutes(10));
        await ProvedAsync(house);
    }

    [Theory, BothEngines]
    public async Task An_issuer_that_is_away_is_tried_until_it_is_back_and_needs_nobody(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Issuer.Look = _ => Answer.NotDone<IReadOnlyList<IssuedKey>>(new Reason("No connection.", "Wait."));
        await house.BroughtToAsync(LicenseState.Issued, PanelProduct);
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (house.Issuer.Looked.Count < 10)
        {
            over.IsCancellationRequested.ShouldBeFalse(house.Issuer.Looked.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            house.Time.Advance(TimeSpan.FromMinutes(20));
            await Task.Delay(100);
            // A breaker follows real time and would hold the tries up.
            await house.PostAsync($"plugins/{house.IssuerId}/test");
        }

        (await StoppedAsync(house)).ShouldBe(0);
        house.Issuer.Look = null;
        await UntilAsync(house, p =>
        {
            house.Time.Advance(TimeSpan.FromMinutes(20));
            return p["traceProvedAt"] is not null;
        });
        (await StoppedAsync(house)).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task An_issuer_that_is_paused_is_tried_when_it_is_resumed(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Issuer.Look = _ => Answer.NotDone<IReadOnlyList<IssuedKey>>(new Reason("No connection.", "Wait."));
        await house.BroughtToAsync(LicenseState.Issued, PanelProduct);
        house.Time.Advance(TimeSpan.FromMinutes(5));
        while (house.Issuer.Looked.Count == 0)
        {
            await Task.Delay(20);
        }

        await house.PostAsync($"plugins/{house.IssuerId}/pause", new JsonObject());
        house.Issuer.Look = null;
        house.Time.Advance(TimeSpan.FromMinutes(5));
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (await CountAsync(house, "kind = 'licensing.prove-trace' and state <> 'done'") > 0)
        {
            over.IsCancellationRequested.ShouldBeFalse();
            await Task.Delay(20);
        }

        house.Issuer.Looked.Count.ShouldBe(1);
        (await StoppedAsync(house)).ShouldBe(0);
        await house.PostAsync($"plugins/{house.IssuerId}/resume");
        house.Time.Advance(TimeSpan.FromMinutes(5));
        await ProvedAsync(house);
    }

    [Theory, BothEngines]
    public async Task A_refusal_to_look_needs_nobody_either(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Issuer.Look = _ => Answer.Refused<IReadOnlyList<IssuedKey>>(new Reason("The trace is switched off.", "Switch it on."));
        await house.BroughtToAsync(LicenseState.Issued, PanelProduct);
        house.Time.Advance(TimeSpan.FromMinutes(5));

        await UntilAsync(house, p => p["traceTriedAt"] is not null);

        ((string?)(await PluginAsync(house))["traceProvedAt"]).ShouldBeNull();
        (await StoppedAsync(house)).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task A_key_whose_number_another_issuer_gave_too_is_found_and_not_bought_again(Engine engine)
    {
        await using var house = await StartAsync(engine);
        house.Issuer.NumberOf = _ => "PLSK.00000001.0000";
        await house.BroughtToAsync(LicenseState.Issued, PanelProduct);
        var other = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "Another issuer", ["kind"] = "issuer.test" }))["id"]!;
        house.Issuer.LoseNextAnswer();

        var id = await house.RequestAsync(PanelProduct, r => r["issuer"] = other);
        await IssuedAsync(house, id);

        house.Issuer.Asked.Count.ShouldBe(2);
        ((string)(await house.LicenseAsync(id))["keyNumber"]!).ShouldBe("PLSK.00000001.0000");
    }

    [Theory, BothEngines]
    public async Task A_surplus_key_whose_number_a_license_of_another_issuer_has_is_left_to_a_person(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var other = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "Another issuer", ["kind"] = "issuer.test" }))["id"]!;
        house.Issuer.NumberOf = license => license == 1 ? "PLSK.00000077.0000" : "PLSK.00000001.0000";
        await house.BroughtToAsync(LicenseState.Issued, PanelProduct, r => r["issuer"] = other);
        house.Issuer.LoseNextAnswer();
        var id = await house.RequestAsync(PanelProduct);
        await IssuedAsync(house, id);

        var extra = new IssuedKey { KeyNumber = "PLSK.00000077.0000" };
        house.Issuer.Look = asked => Answer.Done<IReadOnlyList<IssuedKey>>([.. house.Issuer.Keys.Where(k => k.KeyNumber == "PLSK.00000001.0000"), extra]);
        house.Time.Advance(TimeSpan.FromMinutes(61));

        var stopped = await house.UntilStoppedAsync(id);
        ((string)stopped["goingOn"]!["lastError"]!["code"]!).ShouldBe("work.surplus");
        ((string)stopped["goingOn"]!["lastError"]!["detail"]!).ShouldContain("a license of another issuer here has that number");
        (await CountAsync(house, "kind = 'licensing.end-surplus-key' and step = 'announce' and state = 'stopped'")).ShouldBe(1);
        (await CountAsync(house, "kind = 'licensing.end-surplus-key'")).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task An_absence_is_believed_only_while_a_known_key_is_found(Engine engine)
    {
        await using var house = await StartedAsync(engine);
        await house.BroughtToAsync(LicenseState.Issued, PanelProduct);
        house.Time.Advance(TimeSpan.FromMinutes(5));
        await ProvedAsync(house);

        // Since the proof the issuer has begun to find nothing: this very look shows it.
        house.Issuer.Look = _ => Answer.Done<IReadOnlyList<IssuedKey>>([]);
        house.Issuer.Next(_ => Answer.Unknown<IssuedKey>(new Reason("The answer was cut short.", "It is looked into.")));
        var id = await house.RequestAsync(PanelProduct);
        await house.PostAsync($"licenses/{id}/issue");
        var stopped = await house.UntilStoppedAsync(id);
        ((string)stopped["goingOn"]!["lastError"]!["code"]!).ShouldBe("plugins.trace-unproved");
        house.Issuer.Asked.Count.ShouldBe(2);
        ((string?)(await PluginAsync(house))["traceProvedAt"]).ShouldBeNull();

        // Once it finds the known key again, it is believed that there is none, and the key is asked for again with the same trace.
        house.Issuer.Look = null;
        await IssuedAsync(house, id);
        house.Issuer.Asked.Count.ShouldBe(3);
        house.Issuer.Asked[2].Trace.ShouldBe(house.Issuer.Asked[1].Trace);
    }

    // A first round of the daily try that is slow to begin would try the first key at once.
    private static async Task<LicensingHouse> StartedAsync(Engine engine)
    {
        var house = await StartAsync(engine);
        await house.Time.AfterAsync(house.Database, TimeSpan.FromMinutes(5));
        return house;
    }

    // What was ever unknown is looked at again later, so that something is going on still.
    private static async Task IssuedAsync(LicensingHouse house, int id)
    {
        await house.PostAsync($"licenses/{id}/issue");
        await house.UntilAsync(id, l => (string)l["status"]! == nameof(LicenseState.Issued));
    }

    private static Task<JsonNode> PluginAsync(LicensingHouse house) => house.GetAsync($"plugins/{house.IssuerId}");

    private static Task ProvedAsync(LicensingHouse house) =>
        UntilAsync(house, p => p["traceProvedAt"] is { } at && (DateTimeOffset)at == house.Time.GetUtcNow());

    private static async Task UntilAsync(LicensingHouse house, Func<JsonNode, bool> asItShouldBe)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        JsonNode now;
        while (!asItShouldBe(now = await PluginAsync(house)))
        {
            over.IsCancellationRequested.ShouldBeFalse(now.ToJsonString());
            await Task.Delay(20);
        }
    }

    private static Task<long> StoppedAsync(LicensingHouse house) => CountAsync(house, "state in ('stopped', 'waiting')");

    private static Task<long> CountAsync(LicensingHouse house, string where) =>
        house.Database.ReadAsync(s => s.GetAsync<long>($"select count(*) from work where {where}", null, default), default);

    // The search for a key made in addition, an hour later, looks at the issuer too; here only the tries of the trace are counted.
    private static async Task IssuedAsync(LicensingHouse house)
    {
        await house.BroughtToAsync(LicenseState.Issued, PanelProduct);
        await house.Database.WriteAsync(tx => tx.ExecuteAsync("delete from surplus_looks", null, default), default);
    }
}
