using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Keygate.Verification;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Trust;

/// <summary>Suspension, rotation and revocation over REST, in a whole server; products fetch from the 7050 listener.</summary>
public sealed class TrustRestTests
{
    [Theory, BothEngines]
    public async Task Staff_rotates_signs_anew_and_revokes_and_products_see_it(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        using var product = await ProductAsync(server);
        var number = await KeyAsync(server);
        var file = (await server.GetAsync($"/keyserver/keys/{number}/file")).Json!;
        var token = (string)(await server.GetAsync($"/keyserver/keys/{number}/token")).Json!["token"]!;
        var roots = TrustRoots.Parse(await product.GetStringAsync("/.well-known/keygate/root.pem"));
        (await server.Client.GetStringAsync("/api/v1/keyserver/root")).ShouldBe(await product.GetStringAsync("/.well-known/keygate/root.pem"));
        var before = roots.ReadTrust(await product.GetStringAsync("/.well-known/keygate/trust.json")).Value!;
        new LicenseVerifier(before).Verify(Convert.FromBase64String((string)file["content"]!)).License!.KeyNumber.ShouldBe(number[..13]);
        new LicenseVerifier(before).VerifyToken(token).License!.KeyNumber.ShouldBe(number[..13]);

        var old = (string)(await server.GetAsync("/keyserver/signing-keys")).Json!["items"]!.AsArray().Single(k => (string)k!["purpose"]! == "License")!["name"]!;
        (await server.PostAsync($"/keyserver/signing-keys/{old}/revoke", """{ "reason": "stolen" }""")).ShouldBeProblem(409, "keyserver.signing-key-active");
        (await server.PostAsync($"/keyserver/signing-keys/{old}/sign-anew", "{}")).ShouldBeProblem(409, "keyserver.signing-key-active");
        var rotated = await server.PostAsync("/keyserver/signing-keys/rotate", """{ "type": "Rsa2048", "reason": "stolen" }""");
        rotated.Status.ShouldBe(200, rotated.Text);
        rotated.Text.ShouldNotContain("PRIVATE");
        (await server.PostAsync("/keyserver/signing-keys/rotate", """{ "type": "Dsa" }""")).Status.ShouldBe(400);
        (await server.PostAsync($"/keyserver/signing-keys/{old}/revoke", """{ "reason": "" }""")).ShouldBeProblem(400, "keyserver.reason-missing");
        (await server.PostAsync($"/keyserver/signing-keys/{old}/revoke", """{ "reason": "stolen" }""")).ShouldBeProblem(409, "keyserver.signing-key-in-use");
        var anew = await server.PostAsync($"/keyserver/signing-keys/{old}/sign-anew", "{}");
        anew.Text.ShouldBe("""{"signed":1,"remaining":0}""");
        var revoked = await server.PostAsync($"/keyserver/signing-keys/{old}/revoke", """{ "reason": "stolen" }""");
        revoked.Status.ShouldBe(200, revoked.Text);
        ((string)revoked.Json!["state"]!).ShouldBe("Revoked");

        var after = roots.ReadTrust(await product.GetStringAsync("/.well-known/keygate/trust.json")).Value!;
        new LicenseVerifier(after).VerifyToken(token).Refusal!.Code.ShouldBe(LicenseRefusalCode.KeyRevoked);
        new LicenseVerifier(after).VerifyToken((string)(await server.GetAsync($"/keyserver/keys/{number}/token")).Json!["token"]!).IsAuthentic.ShouldBeTrue();
        (await server.Anonymous.GetAsync("/.well-known/keygate/trust.json")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Theory, BothEngines]
    public async Task Staff_suspends_resumes_and_revokes_keys(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        var number = await KeyAsync(server);

        (await server.PostAsync($"/keyserver/keys/{number}/suspend", "{}")).ShouldBeProblem(400, "keyserver.reason-missing");
        ((bool)(await server.PostAsync($"/keyserver/keys/{number}/suspend", """{ "reason": "unpaid" }""")).Json!["problem"]!).ShouldBeTrue();
        ((bool)(await server.PostAsync($"/keyserver/keys/{number}/resume", """{ "reason": "paid" }""")).Json!["problem"]!).ShouldBeFalse();
        (await server.PostAsync($"/keyserver/keys/{number}/revoke", """{ "reason": "fraud" }""")).Json!["terminatedAt"].ShouldNotBeNull();
        (await server.PostAsync($"/keyserver/keys/{number}/resume", """{ "reason": "paid" }""")).ShouldBeProblem(409, "keyserver.key-is-revoked");
        (await server.PostAsync("/keyserver/keys/nonsense/suspend", """{ "reason": "x" }""")).ShouldBeProblem(400, "keyserver.key-number-malformed");
        (await server.PostAsync("/keyserver/keys/PLSK.00000099/revoke", """{ "reason": "x" }""")).ShouldBeProblem(404, "keyserver.key-unknown");
        (await server.GetAsync($"/keyserver/keys/{number}")).Json!["history"]!.AsArray().Select(h => $"{h!["act"]}: {h["detail"]}")
            .ShouldBe(["created: PLESK_9_FOR_VZ, billing", "suspended: unpaid", "resumed: paid", "revoked: fraud"]);
    }

    [Fact]
    public async Task A_signer_that_is_away_is_said_to_be_and_nothing_else_fails()
    {
        var nowhere = GivenKey.Read($"http://127.0.0.1:{FreePort.Take()}/", null).Value;
        await using var server = await HostUnderTest.StartAsync(with: settings => settings with { SigningKey = nowhere });
        using var product = await ProductAsync(server);
        var number = await KeyAsync(server);

        (await server.GetAsync("/keyserver/signing-keys")).ShouldBeProblem(503, "keyserver.signer-unavailable").Text.ShouldContain("cannot be reached");
        (await server.GetAsync($"/keyserver/keys/{number}/token")).ShouldBeProblem(503, "keyserver.signer-unavailable");
        using var trust = await product.GetAsync("/.well-known/keygate/trust.json");
        trust.StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
        (await trust.Content.ReadAsStringAsync()).ShouldNotContain("127.0.0.1", customMessage: "where the signer is concerns the operator alone");
        (await server.GetAsync($"/keyserver/keys/{number}")).Status.ShouldBe(200);
        (await product.GetStringAsync("/.well-known/keygate/root.pem")).ShouldContain("BEGIN CERTIFICATE");
    }

    [Fact]
    [Trait("Needs", "Processes")]
    public async Task The_command_line_does_an_emergency_rotation_and_a_rotation_of_the_root()
    {
        await using var server = await HostUnderTest.StartAsync();
        var environment = new Dictionary<string, string> { ["KEYGATE_DATA"] = server.Settings.Data };
        using var folder = new TempFolder();
        async Task<string> RunAsync(params string[] arguments)
        {
            var (code, output, errors) = await KeygateProcess.RunAsync(folder.Path, environment, ["keyserver", .. arguments]);
            code.ShouldBe(0, errors);
            return output;
        }

        var number = await KeyAsync(server);
        var token = (string)System.Text.Json.Nodes.JsonNode.Parse(await RunAsync("key", "token", number, "--json"))!["token"]!;
        var old = (await RunAsync("signing-key", "list")).Split('\n').Single(line => line.Contains(" License ", StringComparison.Ordinal)).Split(' ')[0];

        await RunAsync("signing-key", "rotate", "--reason", "stolen");
        (await RunAsync("signing-key", "sign-anew", old, "--json")).ShouldBe("{\"signed\":1,\"remaining\":0}\n");
        await RunAsync("signing-key", "revoke", old, "--reason", "stolen");
        await RunAsync("root", "--out", folder.File("root.pem"));
        using var product = await ProductAsync(server);
        await File.WriteAllTextAsync(folder.File("trust.json"), await product.GetStringAsync("/.well-known/keygate/trust.json"));
        await File.WriteAllTextAsync(folder.File("token"), token);
        async Task<(int Code, string Output, string Errors)> VerifyAsync(params string[] more) =>
            await KeygateProcess.RunAsync(folder.Path, new Dictionary<string, string>(), ["verify", "token", "--trust", "trust.json", "--root", "root.pem", .. more]);

        var refused = await VerifyAsync();
        refused.Code.ShouldBe(1);
        refused.Errors.ShouldContain("revoked on");
        await File.WriteAllTextAsync(folder.File("token"), (string)System.Text.Json.Nodes.JsonNode.Parse(await RunAsync("key", "token", number, "--json"))!["token"]!);
        (await VerifyAsync()).Code.ShouldBe(0);

        await RunAsync("signing-key", "rotate-root", "--reason", "five years");
        await File.WriteAllTextAsync(folder.File("trust.json"), await product.GetStringAsync("/.well-known/keygate/trust.json"));
        await File.WriteAllTextAsync(folder.File("roots.json"), await product.GetStringAsync("/.well-known/keygate/roots.json"));
        (await VerifyAsync()).Errors.ShouldContain("roots.json");
        (await VerifyAsync("--roots", "roots.json")).Code.ShouldBe(0);
        await RunAsync("key", "suspend", number, "--reason", "unpaid");
        await RunAsync("key", "resume", number, "--reason", "paid");
        await RunAsync("key", "revoke", number, "--reason", "fraud");
        (await RunAsync("multi-use")).ShouldNotContain(number);
    }

    private static async Task<HttpClient> ProductAsync(HostUnderTest server)
    {
        var pinned = X509Certificate2.CreateFromPem(await server.Client.GetStringAsync("/api/v1/keyserver/certificate"));
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { pinned }, RevocationMode = X509RevocationMode.NoCheck } },
        })
        { BaseAddress = server.Host.PartnerUrl };
    }

    private static async Task<string> KeyAsync(HostUnderTest server)
    {
        (await server.PostAsync("/keyserver/price-lists", Encoding.UTF8.GetString(TestKeyServer.Sample("hosting")))).Status.ShouldBeInRange(200, 201);
        var client = (await server.PostAsync("/keyserver/clients", """{ "login": "northwind", "name": "Northwind", "priceList": "hosting" }""")).Json!["id"];
        var login = (await server.PostAsync($"/keyserver/clients/{client}/logins", """{ "login": "northwind-api" }""")).Json!;
        using var partner = new XmlRpcClient(new() { Url = server.Host.PartnerUrl, Pins = XmlRpcPins.Parse(await server.Client.GetStringAsync("/api/v1/keyserver/certificate")) });
        XmlRpcArray arguments = [new XmlRpcStruct { ["login"] = "northwind-api", ["password"] = (string)login["password"]! }, new XmlRpcStruct(), "northwind", "PLESK_9_FOR_VZ", new XmlRpcArray(), "billing"];
        var reply = await partner.CallAsync("partner10.createKey", arguments, CancellationToken.None);
        return reply.Value.AsStruct()["mainKeyNumber"].AsString();
    }
}
