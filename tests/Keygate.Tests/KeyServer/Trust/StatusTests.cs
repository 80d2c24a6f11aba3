using System.Net;
using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Trust;

/// <summary>Suspended and revoked keys, and the lists that tell products of them.</summary>
public sealed class StatusTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task A_revoked_key_is_refused_offline_with_a_list_no_older_than_its_life(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var product = new Product(server);
        string number = await server.BareKeyAsync(), other = await server.BareKeyAsync();
        var file = await Product.FileAsync(server, number);
        var token = await Product.TokenAsync(server, number);
        await product.UpdateAsync();
        product.Verify(file).IsUsable.ShouldBeTrue();

        await RevokeAsync(server, number);
        await RevokeAsync(server, number);

        product.Verify(file).IsUsable.ShouldBeTrue("the list from before is still alive");
        server.Time.Advance(TimeSpan.FromHours(25));
        product.Verify(file).Validity.ShouldBe(LicenseValidity.StatusOutdated);
        await product.UpdateAsync();
        product.Verify(file).Validity.ShouldBe(LicenseValidity.Revoked);
        product.Verify(token).Validity.ShouldBe(LicenseValidity.Revoked);
        product.Verify(await Product.FileAsync(server, other)).IsUsable.ShouldBeTrue();
        (await server.CallAsync("retrieveKey", number))["resultCode"].AsInt().ShouldBe(222);
        (await HistoryAsync(server, number)).ShouldBe(["created", "revoked"]);
        (await ActAsync(server, number, suspend: true)).ShouldBe(KeyServerErrors.KeyIsRevoked.Code);
    }

    [Theory, BothEngines]
    public async Task A_suspended_key_is_refused_until_it_is_resumed(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var product = new Product(server);
        var number = await server.BareKeyAsync();
        var file = await Product.FileAsync(server, number);

        (await ActAsync(server, number, suspend: true)).ShouldBeNull();
        (await ActAsync(server, number, suspend: true)).ShouldBeNull();
        await product.UpdateAsync();
        product.Verify(file).Validity.ShouldBe(LicenseValidity.Suspended);
        (await server.CallAsync("retrieveKey", number))["resultCode"].AsInt().ShouldBe(221);

        (await ActAsync(server, number, suspend: false)).ShouldBeNull();
        (await ActAsync(server, number, suspend: false)).ShouldBeNull();
        await product.UpdateAsync();
        product.Verify(file).IsUsable.ShouldBeTrue();
        (await server.CallAsync("retrieveKey", number))["resultCode"].AsInt().ShouldBe(100);
        (await HistoryAsync(server, number)).ShouldBe(["created", "suspended", "resumed"]);
        (await ActAsync(server, number, suspend: true, reason: " ")).ShouldBe(KeyServerErrors.ReasonMissing.Code);
    }

    [Theory, BothEngines]
    public async Task To_terminate_is_not_to_revoke(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var product = new Product(server);
        var number = await server.BareKeyAsync();
        var file = await Product.FileAsync(server, number);

        (await server.CallAsync("terminateKey", number))["resultCode"].AsInt().ShouldBe(100);
        await product.UpdateAsync();

        product.Verify(file).IsUsable.ShouldBeTrue();
        (await ActAsync(server, number, suspend: true)).ShouldBe(KeyServerErrors.KeyIsTerminated.Code);
        await RevokeAsync(server, number);
        await product.UpdateAsync();
        product.Verify(file).Validity.ShouldBe(LicenseValidity.Revoked);
    }

    [Theory, BothEngines]
    public async Task A_list_is_signed_when_it_has_changed_or_half_its_life_is_over_and_its_number_rises(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();
        using var first = await server.GetAsync("/.well-known/keygate/status/0");
        first.Headers.ETag!.ToString().ShouldBe("\"1\"");
        first.Headers.CacheControl!.MaxAge.ShouldBe(TimeSpan.FromMinutes(5));
        var text = await first.Content.ReadAsStringAsync();

        server.Time.Advance(TimeSpan.FromHours(11));
        (await server.FetchAsync("/.well-known/keygate/status/0")).ShouldBe(text);
        using var unchanged = await server.GetAsync("/.well-known/keygate/status/0", "\"1\"");
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);

        server.Time.Advance(TimeSpan.FromHours(2));
        (await NumberAsync(server)).ShouldBe("\"2\"");
        await ActAsync(server, number, suspend: true);
        (await NumberAsync(server)).ShouldBe("\"3\"");
        (await NumberAsync(server)).ShouldBe("\"3\"");

        using var beyond = await server.GetAsync("/.well-known/keygate/status/1");
        beyond.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var none = await server.GetAsync("/.well-known/keygate/status/-1");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory, BothEngines]
    public async Task Many_who_ask_at_once_get_lists_whose_numbers_never_name_two_contents(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();
        var seen = new System.Collections.Concurrent.ConcurrentBag<(long Number, string Content)>();

        for (var round = 0; round < 4; round++)
        {
            await ActAsync(server, number, suspend: round % 2 == 0);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            {
                var list = (await server.Get<TrustDocuments>().StatusAsync(0, None)).Value;
                seen.Add((list.Number, list.Content));
                var bundle = (await server.Get<TrustDocuments>().BundleAsync(None)).Value;
                seen.Add((-bundle.Number, bundle.Content));
            }));
        }

        seen.GroupBy(s => s.Number).Where(g => g.Select(s => s.Content).Distinct().Count() > 1).Select(g => g.Key).ShouldBeEmpty();
        seen.Where(s => s.Number > 0).Max(s => s.Number).ShouldBe(4);
    }

    [Theory, BothEngines]
    public async Task Ten_million_keys_cost_a_product_a_few_kilobytes(Engine engine)
    {
        const int Highest = 10_000_000;
        await using var server = await TestKeyServer.StartAsync(engine);
        var template = (await server.KeyAsync(await server.BareKeyAsync())).Id;
        var shard = Highest / LicenseFormat.StatusShardKeys;
        await server.Database.WriteAsync(async tx =>
        {
            // The last shard's keys as rows, one of a hundred of them not good; the numbers before are not needed to ask for this one.
            await tx.ExecuteAsync(
                """
                insert into keys(id, prefix, revision, client_id, price_list_id, key_type, kind, billing, activation_code, activation, start_date, terms, update_date,
                  expiration_date, update_ticket, problem, created_at, changed_at)
                with recursive numbers(n) as (select @first union all select n + 1 from numbers where n < @last)
                select n, prefix, revision, client_id, price_list_id, key_type, kind, billing, 'code-' || n, activation, start_date, terms, update_date,
                  expiration_date, update_ticket, problem, created_at, changed_at from numbers, keys where keys.id = @template
                """, new { first = shard * LicenseFormat.StatusShardKeys, last = Highest, template }, None);
            await tx.ExecuteAsync(
                "insert into key_statuses(key_id, status, reason, changed_by, changed_at) select id, 'Revoked', '', '', 0 from keys where id % 100 = 0", null, None);
            return Done.It;
        }, None);
        var product = new Product(server);

        var trust = await server.FetchAsync("/.well-known/keygate/trust.json");
        var status = await server.FetchAsync($"/.well-known/keygate/status/{shard}");
        (await product.FetchStatusAsync(shard)).Value!.StatusOf("PLSK.10000000").ShouldBe(KeyStatus.Revoked);

        product.Status!.StatusOf("PLSK.09999999").ShouldBe(KeyStatus.Good);
        (trust.Length + status.Length).ShouldBeLessThan(8 * 1024);
        TestContext.Current.TestOutputHelper?.WriteLine($"trust.json {trust.Length} octets, status list {status.Length} octets");
    }

    private static async Task<string> NumberAsync(TestKeyServer server)
    {
        using var answer = await server.GetAsync("/.well-known/keygate/status/0");
        return answer.Headers.ETag!.ToString();
    }

    private static async Task RevokeAsync(TestKeyServer server, string number)
    {
        KeyName.TryParse(number, out var name).ShouldBeTrue();
        await server.DoAsync(tx => server.Get<RevokeKeyHandler>().HandleAsync(tx, name!, new() { Reason = "charge-back" }, new KeyCaller("issuer", null), None));
    }

    private static async Task<string?> ActAsync(TestKeyServer server, string number, bool suspend, string reason = "unpaid")
    {
        KeyName.TryParse(number, out var name).ShouldBeTrue();
        var result = await server.Database.WriteAsync(
            tx => server.Get<SuspendKeyHandler>().HandleAsync(tx, name!, new() { Reason = reason }, suspend, new KeyCaller("issuer", null), None), None);
        return result.Error?.Code;
    }

    private static async Task<List<string>> HistoryAsync(TestKeyServer server, string number)
    {
        var key = await server.KeyAsync(number);
        return [.. (await server.Database.ReadAsync(s => server.Get<KeyStore>().HistoryAsync(s, key.Id, None), None)).Select(h => h.Act)];
    }
}
