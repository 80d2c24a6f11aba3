using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Testing;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Purchases;

/// <summary>What foreign Key Administrators bought, in a whole server: its listener, REST and the command line, with the price list changed by the command line.</summary>
public sealed class PurchaseRestTests
{
    private const string List =
        """
        { "format": "keygate-price-list/1", "name": "hosting", "keyTypes": [
          { "id": "MAILER", "name": "Mailer", "product": "Mailer", "prefix": "ACME", "billing": ["lease"], "period": "1 month" } ] }
        """;

    [Fact]
    public async Task Purchases_are_listed_by_client_number_and_mode_and_the_command_line_changes_what_is_sold()
    {
        await using var server = await HostUnderTest.StartAsync();
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string> { ["KEYGATE_DATA"] = server.Settings.Data };
        async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => await KeygateProcess.RunAsync(folder.Path, environment, ["keyserver", .. arguments]);
        (await server.PostAsync("/keyserver/price-lists", List)).Status.ShouldBeInRange(200, 201);
        var client = await server.PostAsync("/keyserver/clients", """{ "login": "central", "name": "Central", "priceList": "hosting" }""");
        var login = await server.PostAsync($"/keyserver/clients/{client.Json!["id"]}/logins", """{ "login": "central-isv", "role": "Advanced" }""");
        using var administrator = await AdministratorAsync(server, (string)login.Json!["password"]!);

        (await BuyAsync(administrator, "1", "MAILER", test: true)).ShouldBe(HttpStatusCode.OK);
        (await BuyAsync(administrator, "2", "ARCHIVE", test: false)).ShouldBe(HttpStatusCode.BadRequest);
        await File.WriteAllTextAsync(folder.File("archive.json"), """{ "id": "ARCHIVE", "name": "Archive", "product": "Archive", "prefix": "ACME", "billing": ["lease"], "period": "1 month" }""");
        var set = await RunAsync("price-list", "set", "hosting", "keyTypes", "ARCHIVE", folder.File("archive.json"), "--json");
        set.Code.ShouldBe(0, set.Errors);
        JsonNode.Parse(set.Output)!["added"]!.AsArray().Select(a => (string)a!).ShouldBe(["ARCHIVE"]);
        (await BuyAsync(administrator, "2", "ARCHIVE", test: false)).ShouldBe(HttpStatusCode.OK);
        (await RunAsync("price-list", "withdraw", "hosting", "keyTypes", "ARCHIVE")).Code.ShouldBe(0);
        (await BuyAsync(administrator, "3", "ARCHIVE", test: false)).ShouldBe(HttpStatusCode.BadRequest);
        (await BuyAsync(administrator, "2", "ARCHIVE", test: false)).ShouldBe(HttpStatusCode.OK, "What was sold stays sold.");
        (await RunAsync("price-list", "withdraw", "hosting", "keyTypes", "NONE")).Code.ShouldBe(1);

        (await PurchasesAsync(server, "")).ShouldBe(["2 ARCHIVE ACME.00000002.0000 False", "1 MAILER ACME.00000001.0000 True"]);
        (await PurchasesAsync(server, "?test=true&client=central")).ShouldBe(["1 MAILER ACME.00000001.0000 True"]);
        (await PurchasesAsync(server, "?purchase=2")).ShouldBe(["2 ARCHIVE ACME.00000002.0000 False"]);
        (await server.GetAsync("/keyserver/purchases?client=nobody")).ShouldBeProblem(404, "keyserver.client-unknown").Field.ShouldBe("client");
        (await Reply.OfAsync(server.Anonymous.GetAsync("/api/v1/keyserver/purchases"))).Status.ShouldBe(401);
        var listed = await RunAsync("purchase", "list", "--test", "true");
        listed.Output.ShouldContain("ACME.00000001.0000");
        listed.Output.ShouldNotContain("ACME.00000002.0000");

        // The endpoint is the partner listener's alone.
        using var form = new FormUrlEncodedContent([]);
        (await server.Anonymous.PostAsync("/vendor/v1", form)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<HttpClient> AdministratorAsync(HostUnderTest server, string password)
    {
        var pinned = X509Certificate2.CreateFromPem((string)(await server.GetAsync("/keyserver/door")).Json!["certificate"]!);
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { pinned }, RevocationMode = X509RevocationMode.NoCheck } },
        })
        {
            BaseAddress = server.Host.PartnerUrl,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"central-isv:{password}"))) },
        };
    }

    private static async Task<HttpStatusCode> BuyAsync(HttpClient administrator, string purchase, string product, bool test)
    {
        using var form = new FormUrlEncodedContent(
            [new("APS_ACTION", "PURCHASE"), new("PURCHASE_ID", purchase), new("PRODUCT_ID", product), new("APS_TEST_MODE", test ? "Y" : "N")]);
        return (await administrator.PostAsync("/vendor/v1", form)).StatusCode;
    }

    private static async Task<List<string>> PurchasesAsync(HostUnderTest server, string query) =>
        [.. (await server.GetAsync("/keyserver/purchases" + query)).Json!["items"]!.AsArray().Select(p => $"{p!["purchase"]} {p["product"]} {p["number"]} {p["test"]!.GetValue<bool>()}")];
}
