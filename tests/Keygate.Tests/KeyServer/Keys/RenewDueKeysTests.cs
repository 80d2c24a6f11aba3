using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Keys;

public sealed class RenewDueKeysTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task Leases_that_renew_by_themselves_get_the_next_revision_dates_and_file_on_their_day(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        string first = await AutomaticAsync(server), second = await AutomaticAsync(server), byHand = await server.BareKeyAsync();
        var before = await server.KeyAsync(first);

        await server.WorkAsync();
        (await server.KeyAsync(first)).Revision.ShouldBe(0);

        At(server, before.UpdateDate);
        await server.WorkAsync();

        foreach (var number in new[] { first, second })
        {
            var after = await server.KeyAsync(number);
            after.Revision.ShouldBe(1);
            after.UpdateDate.ShouldBe(new DateOnly(2026, 5, 8));
            after.ExpirationDate.ShouldBe(new DateOnly(2026, 5, 18));
            var kept = await server.Database.ReadAsync(s => s.GetAsync<byte[]>("select content from key_files where key_id = @Id and revision = 1", new { after.Id }, None), None);
            var retrieved = await server.CallAsync("retrieveKey", number);
            retrieved["key"].AsBytes().ToArray().ShouldBe(kept);
            (await server.VerifiedAsync(retrieved)).KeyVersion.ShouldBe(1);
        }

        (await server.KeyAsync(byHand)).Revision.ShouldBe(0);
        var sweep = (await SweepsAsync(server)).ShouldHaveSingleItem();
        (sweep.Due, sweep.Renewed, sweep.Failed).ShouldBe((2, 2, 0));
        sweep.EndedAt.ShouldNotBeNull();

        server.Time.Advance(TimeSpan.FromHours(1));
        await server.WorkAsync();
        (await SweepsAsync(server)).Count.ShouldBe(1);
        (await HistoryAsync(server, first)).ShouldBe(["created", "renewed automatically"]);
    }

    [Theory, BothEngines]
    public async Task Two_who_begin_at_once_begin_one_sweep(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        At(server, (await server.KeyAsync(await AutomaticAsync(server))).UpdateDate);
        var renewals = server.Get<BeginRenewals>();
        var (begun, commit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = server.Database.WriteAsync(async tx =>
        {
            var sweep = await renewals.BeginAsync(tx, "one", None);
            begun.SetResult();
            await commit.Task;
            return sweep;
        }, None);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        // Its question is sent before the other's commit, or waits in the row behind it.
        var second = server.Database.WriteAsync(tx => renewals.BeginAsync(tx, "two", None), None);
        await Task.WhenAny(second, Task.Delay(200, TestContext.Current.CancellationToken));
        commit.SetResult();

        (await second).ShouldBe(await first);
        (await SweepsAsync(server)).Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task A_key_or_client_that_is_held_waits_and_what_expired_meanwhile_stays_expired(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        string held = await AutomaticAsync(server), problem = await AutomaticAsync(server), terminated = await AutomaticAsync(server);
        var key = await server.KeyAsync(held);
        await server.MarkProblemAsync(problem);
        (await server.CallAsync("terminateKey", terminated))["resultCode"].AsInt().ShouldBe(100);
        await StandAsync(server, key.ClientId, problem: true);

        At(server, key.UpdateDate.AddDays(2));
        await server.WorkAsync();
        (await SweepsAsync(server)).ShouldBeEmpty();
        (await DueAsync(server)).Select(d => d.Standing).ShouldBe([RenewalStanding.ClientHeld, RenewalStanding.ClientHeld]);

        await StandAsync(server, key.ClientId, problem: false);
        server.Time.Advance(TimeSpan.FromMinutes(5));
        await server.WorkAsync();
        (await server.KeyAsync(held)).UpdateDate.ShouldBe(new DateOnly(2026, 5, 8));
        (await server.KeyAsync(terminated)).Revision.ShouldBe(0);
        (await DueAsync(server)).ShouldHaveSingleItem().Standing.ShouldBe(RenewalStanding.KeyHeld);

        At(server, key.ExpirationDate);
        await server.Database.WriteAsync(tx => tx.ExecuteAsync("update keys set problem = @no", new { no = false }, None), None);
        await server.WorkAsync();
        (await server.KeyAsync(problem)).Revision.ShouldBe(0);
        (await server.KeyAsync(problem)).IsExpired(server.Time.Utc()).ShouldBeTrue();
    }

    [Theory, BothEngines]
    public async Task What_fails_is_shown_with_its_cause_holds_nobody_up_and_is_tried_once_a_day(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        string worn = await AutomaticAsync(server), sound = await AutomaticAsync(server);
        var wornKey = await server.KeyAsync(worn);
        await server.Database.WriteAsync(tx => tx.ExecuteAsync("update keys set revision = 9999 where id = @Id", new { wornKey.Id }, None), None);
        At(server, (await server.KeyAsync(sound)).UpdateDate);

        for (var day = 1; day <= 3; day++)
        {
            await server.WorkAsync();
            server.Time.Advance(TimeSpan.FromHours(6));
            await server.WorkAsync();
            var failed = (await DueAsync(server)).ShouldHaveSingleItem();
            (failed.Standing, failed.Tries, failed.Code).ShouldBe((RenewalStanding.Failed, day, "keyserver.numbers-used-up"));
            server.Time.Advance(TimeSpan.FromHours(18));
        }

        (await server.KeyAsync(sound)).Revision.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task After_downtime_and_with_several_nodes_each_lease_moves_on_by_one_term(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var numbers = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            numbers.Add(await AutomaticAsync(server));
        }

        At(server, (await server.KeyAsync(numbers[0])).UpdateDate.AddDays(9));
        if (engine == Engine.PostgreSql)
        {
            await using var other = new WorkEngine(
                server.Database, () => server.Services.GetKeyedServices<Process>(KeyServerModule.DatabaseKey), () => server.Services.GetKeyedServices<RecurringJob>(KeyServerModule.DatabaseKey),
                server.Time, new WorkOptions(), NullLogger<WorkEngine>.Instance);
            await Task.WhenAll(server.WorkAsync(), other.RunUntilIdleAsync(None));
        }

        // Two runs over the same keys at once, as after a lease that was lost under way: what one has renewed the other leaves alone.
        await server.Database.WriteAsync(tx => server.Get<RenewalStore>().BeginSweepAsync(tx, 20, "test", server.Time.GetUtcNow(), None), None);
        await Task.WhenAll(server.Get<RenewalBatches>().RunAsync(1, None), server.Get<RenewalBatches>().RunAsync(1, None));
        await server.WorkAsync();

        foreach (var number in numbers)
        {
            (await server.KeyAsync(number)).Revision.ShouldBe(1);
            (await server.KeyAsync(number)).UpdateDate.ShouldBe(new DateOnly(2026, 5, 8));
            (await HistoryAsync(server, number)).Count.ShouldBe(2);
        }
    }

    [Theory, BothEngines]
    public async Task A_partner_who_renews_beside_the_key_server_adds_no_second_term_and_a_day_later_he_does(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var numbers = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            numbers.Add(await AutomaticAsync(server));
        }

        At(server, (await server.KeyAsync(numbers[0])).UpdateDate);

        // The partner has looked at them: all are due. Then both renew at once.
        await server.Database.WriteAsync(tx => server.Get<RenewalStore>().BeginSweepAsync(tx, 12, "test", server.Time.GetUtcNow(), None), None);
        var sweep = server.Get<RenewalBatches>().RunAsync(1, None);
        var answers = await Task.WhenAll(numbers.Select(number => server.CallAsync("renewKey", number)));
        await sweep;
        await server.DoAsync<Keygate.Kernel.Done>(async tx =>
        {
            await server.Get<RenewalStore>().EndSweepAsync(tx, 1, server.Time.GetUtcNow(), None);
            return Keygate.Kernel.Done.It;
        });
        await server.WorkAsync();

        answers.ShouldAllBe(a => a["resultCode"].AsInt() == 100 && a["updateDate"].AsDateTime() == new DateTime(2026, 5, 8) && a["keyNumber"].AsString().EndsWith(".0001"));
        foreach (var number in numbers)
        {
            (await server.KeyAsync(number)).UpdateDate.ShouldBe(new DateOnly(2026, 5, 8));
            (await HistoryAsync(server, number)).Count.ShouldBe(2);
        }

        // What the key server began stays one term however often he asks that day, and by whichever way; from the next day on each call counts.
        var swept = await AutomaticAsync(server);
        At(server, (await server.KeyAsync(swept)).UpdateDate);
        await server.WorkAsync();
        for (var i = 0; i < 2; i++)
        {
            var again = await server.CallAsync("renewKey", swept);
            again["resultDesc"].AsString().ShouldContain("nothing was added");
            (again["keyNumber"].AsString(), again["expirationDate"].AsDateTime()).ShouldBe((swept[..^4] + "0001", new DateTime(2026, 6, 17)));
        }

        server.Time.Advance(TimeSpan.FromHours(25));
        (await server.CallAsync("renewKey", swept))["keyNumber"].AsString().ShouldEndWith(".0002");
        (await server.CallAsync("renewKey", swept))["keyNumber"].AsString().ShouldEndWith(".0003");
        (await HistoryAsync(server, swept)).ShouldBe(["created", "renewed automatically", "renewed", "renewed"]);
    }

    [Theory, BothEngines]
    public async Task The_flag_comes_from_the_key_type_or_its_owner_and_never_stands_on_a_purchase(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var list = System.Text.Encoding.UTF8.GetString(TestKeyServer.Sample("hosting")).Replace("\"id\": \"PLESK_9_FOR_VZ\",", "\"id\": \"PLESK_9_FOR_VZ\", \"autoRenew\": true,", StringComparison.Ordinal);
        await server.DoAsync(tx => server.Get<ImportPriceListHandler>().HandleAsync(tx, System.Text.Encoding.UTF8.GetBytes(list), TestKeyServer.Staff, None));

        var lease = await server.BareKeyAsync();
        (await server.KeyAsync(lease)).AutoRenew.ShouldBeTrue();
        await SetAsync(server, lease, false);
        (await server.KeyAsync(lease)).AutoRenew.ShouldBeFalse();
        var purchase = await server.BareKeyAsync("VIRTUOZZO_4", "purchase");
        KeyName.TryParse(purchase, out var name).ShouldBeTrue();
        var refused = await server.Database.WriteAsync(tx => server.Get<SetAutoRenewHandler>().HandleAsync(tx, name!, true, new KeyCaller("test", null), None), None);
        refused.Error!.Code.ShouldBe("keyserver.not-renewable");
    }

    private static async Task<string> AutomaticAsync(TestKeyServer server)
    {
        var number = await server.BareKeyAsync();
        await SetAsync(server, number, true);
        return number;
    }

    private static async Task SetAsync(TestKeyServer server, string number, bool on)
    {
        KeyName.TryParse(number, out var name).ShouldBeTrue();
        await server.DoAsync(tx => server.Get<SetAutoRenewHandler>().HandleAsync(tx, name!, on, new KeyCaller("test", null), None));
    }

    private static void At(TestKeyServer server, DateOnly day) => server.Time.Advance(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) - server.Time.GetUtcNow());

    private static Task<ClientView> StandAsync(TestKeyServer server, ClientId client, bool problem) => server.DoAsync(tx => server.Get<ChangeStandingHandler>().HandleAsync(tx, client, new() { Problem = problem }, None));

    private static Task<List<SweepRow>> SweepsAsync(TestKeyServer server) => server.Database.ReadAsync(s => server.Get<RenewalStore>().SweepsAsync(s, long.MaxValue, 10, None), None);

    private static async Task<List<DueKeyView>> DueAsync(TestKeyServer server)
    {
        var today = server.Time.Utc();
        return [.. (await server.Database.ReadAsync(s => server.Get<RenewalStore>().ListAsync(s, today, today, false, 0, 100, None), None)).Select(row => DueKeyView.Of(row, today))];
    }

    private static async Task<List<string>> HistoryAsync(TestKeyServer server, string number)
    {
        var key = await server.KeyAsync(number);
        return [.. (await server.Database.ReadAsync(s => server.Get<KeyStore>().HistoryAsync(s, key.Id, None), None)).Select(h => h.Act).Where(a => !a.StartsWith("renews", StringComparison.Ordinal))];
    }
}
