using System.Net;
using System.Text;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Trust;

public sealed class ProductRatesTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task An_address_that_calls_more_than_it_may_is_told_when_to_come_again_and_nothing_is_done(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine, options => options.ProductCallsPerMinute = 3);
        var number = await server.BareKeyAsync();
        var ticket = (await server.KeyAsync(number)).UpdateTicket;
        server.Time.Advance(TimeSpan.FromDays(33) + TimeSpan.FromSeconds(20));
        using var http = await server.PinnedAsync();

        for (var i = 0; i < 3; i++)
        {
            (await GetAsync(http, server, "/.well-known/keygate/status/0")).Status.ShouldBe(HttpStatusCode.OK);
        }

        var refused = await GetAsync(http, server, "/.well-known/keygate/trust.json");
        refused.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(40));
        var refresh = await RefreshAsync(http, server, number, ticket);
        refresh.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        refresh.Text.ShouldContain("keyserver.product-rate-exceeded");
        refresh.Text.ShouldContain("KEYGATE_PRODUCT_CALLS");
        (await server.KeyAsync(number)).Revision.ShouldBe(0);

        // Partners have a limit of their own, and the next minute is a new one.
        (await server.CallAsync("getKeyInfo", number))["resultCode"].AsInt().ShouldBe(100);
        server.Time.Advance(refused.RetryAfter!.Value);
        (await RefreshAsync(http, server, number, ticket)).Status.ShouldBe(HttpStatusCode.OK);
        (await server.KeyAsync(number)).Revision.ShouldBe(1);
    }

    [Fact]
    public void Each_network_is_counted_for_itself_and_of_an_IPv6_address_the_network_counts()
    {
        var rates = new ProductRates(Options.Create(new KeyServerOptions { ProductCallsPerMinute = 1 }), new ManualTime());

        rates.Count(IPAddress.Parse("192.0.2.1")).ShouldBeNull();
        rates.Count(IPAddress.Parse("192.0.2.2")).ShouldBeNull();
        rates.Count(IPAddress.Parse("::ffff:192.0.2.2")).ShouldBe(TimeSpan.FromSeconds(60));
        rates.Count(IPAddress.Parse("2001:db8:1:1::1")).ShouldBeNull();
        rates.Count(IPAddress.Parse("2001:db8:1:1:ffff::2")).ShouldNotBeNull();
        rates.Count(IPAddress.Parse("2001:db8:1:2::1")).ShouldBeNull();
    }

    [Fact]
    public void Without_a_limit_nothing_is_refused()
    {
        var rates = new ProductRates(Options.Create(new KeyServerOptions { ProductCallsPerMinute = 0 }), new ManualTime());

        Enumerable.Range(0, 5000).ShouldAllBe(_ => rates.Count(IPAddress.Loopback) == null);
    }

    private static async Task<(HttpStatusCode Status, TimeSpan? RetryAfter, string Text)> GetAsync(HttpClient http, TestKeyServer server, string path)
    {
        using var answer = await http.GetAsync(new Uri(server.Url, path), None);
        return (answer.StatusCode, answer.Headers.RetryAfter?.Delta, await answer.Content.ReadAsStringAsync(None));
    }

    private static async Task<(HttpStatusCode Status, string Text)> RefreshAsync(HttpClient http, TestKeyServer server, string number, string ticket)
    {
        using var body = new StringContent($$"""{ "keyNumber": "{{number}}", "updateTicket": "{{ticket}}" }""", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(server.Url, "/product/v1/refresh"), body, None);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(None));
    }
}
