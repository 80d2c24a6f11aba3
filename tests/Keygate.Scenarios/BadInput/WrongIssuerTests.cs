using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.BadInput;

/// <summary>An issuer that cannot be reached or refuses: the paid order says why, waits or stops, and goes on when the cause is mended; one key, never two.</summary>
[Trait("Needs", "Processes")]
public sealed class WrongIssuerTests
{
    [Theory]
    [BothEngines]
    public async Task An_order_waits_for_an_issuer_that_cannot_be_reached_and_goes_on_by_itself(Engine engine)
    {
        await using var provider = await DemoProvider.StartAsync(engine);
        var right = ((int)provider.Server.PartnerUrl.Port).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await ChangeAsync(provider, new JsonObject { ["port"] = FreePort.Take().ToString(System.Globalization.CultureInfo.InvariantCulture) });

        var order = await provider.OrderAndPayAsync("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        var waiting = await provider.UntilAsync(order, o => DemoProvider.LicenseItem(o)["cause"] is not null);

        var item = DemoProvider.LicenseItem(waiting);
        ((string)item["cause"]!).ShouldContain("HTTP request error");
        item["nextAttemptAt"].ShouldNotBeNull();
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1);

        await ChangeAsync(provider, new JsonObject { ["port"] = right });
        await provider.UntilAsync(order, o => (string)o["state"]! == "CP");
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(2);
    }

    [Fact]
    public async Task A_foreign_certificate_is_not_trusted_and_nothing_is_sent()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var foreign = new CertificateRequest("CN=foreign", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await ChangeAsync(provider, new JsonObject { ["certificate"] = foreign.ExportCertificatePem() });

        var (_, check) = await provider.Rest.PostAsync("plugins/1/test");
        ((bool)check["passed"]!).ShouldBeFalse();
        ((string)check["text"]!).ShouldContain("certificate");
        ((string)check["remedy"]!).ShouldNotBeNullOrWhiteSpace();

        var order = await provider.OrderAndPayAsync("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        var waiting = await provider.UntilAsync(order, o => DemoProvider.LicenseItem(o)["cause"] is not null);
        ((string)DemoProvider.LicenseItem(waiting)["cause"]!).ShouldContain("certificate");
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_password_stops_the_order_and_pauses_the_plug_in_until_both_are_taken_up_again()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite);
        await ChangeAsync(provider, new JsonObject { ["password"] = "wrong" });

        var order = await provider.OrderAndPayAsync("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        var failed = await provider.UntilAsync(order, o => (string)o["state"]! == "PF");

        var item = DemoProvider.LicenseItem(failed);
        ((string)item["comment"]!).ShouldContain("200");
        ((string)item["remedy"]!).ShouldNotBeNullOrWhiteSpace();
        (await provider.Rest.GetAsync("plugins/1"))["pausedAt"].ShouldNotBeNull();

        await ChangeAsync(provider, new JsonObject { ["password"] = (string)provider.Demo["partnerApi"]!["password"]! });
        (await provider.Rest.PostAsync("plugins/1/resume")).Status.ShouldBe(HttpStatusCode.OK);
        var (status, answer) = await provider.Rest.PostAsync($"orders/{order}/resubmit");
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        await provider.UntilAsync(order, o => (string)o["state"]! == "CP");
        (await provider.Rest.CountAsync("keyserver/keys")).ShouldBe(2);
    }

    private static async Task ChangeAsync(DemoProvider provider, JsonObject settings)
    {
        var (status, answer) = await provider.Rest.SendAsync(HttpMethod.Patch, "plugins/1", new JsonObject { ["settings"] = settings });
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
    }
}
