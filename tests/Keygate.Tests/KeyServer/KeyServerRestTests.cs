using System.Text;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Keygate.Verification;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer;

/// <summary>The key server's REST, in a whole server.</summary>
public sealed class KeyServerRestTests
{
    [Theory, BothEngines]
    public async Task Sets_up_a_client_whose_login_orders_a_key_that_the_staff_sees_and_ends(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        await ImportAsync(server);
        var client = await server.PostAsync("/keyserver/clients", """{ "login": "northwind", "name": "Northwind Hosting", "priceList": "hosting" }""");
        client.Status.ShouldBeInRange(200, 201, client.Text);
        var login = await server.PostAsync($"/keyserver/clients/{client.Json!["id"]}/logins", """{ "login": "northwind-api" }""");
        login.Status.ShouldBeInRange(200, 201, login.Text);
        var password = (string)login.Json!["password"]!;
        password.Length.ShouldBeInRange(32, 63);
        (await server.GetAsync($"/keyserver/clients/{client.Json["id"]}/logins")).Text.ShouldNotContain(password);

        var created = await CallAsync(server, password, "createKey", new XmlRpcStruct(), "northwind", "PLESK_9_FOR_VZ", new XmlRpcArray(), "billing");
        created["resultCode"].AsInt().ShouldBe(100, created["resultDesc"].AsString());
        var number = created["mainKeyNumber"].AsString();
        var file = await CallAsync(server, password, "retrieveKey", number);
        var trust = await server.Client.GetStringAsync("/api/v1/keyserver/trust");
        new LicenseVerifier(TrustBundle.Parse(trust)).Verify(file["key"].AsBytes().ToArray()).IsAuthentic.ShouldBeTrue();

        (await server.GetAsync("/keyserver/keys?client=northwind")).Json!["items"]!.AsArray().Select(k => (string)k!["number"]!).ShouldBe([number]);
        (await server.GetAsync($"/keyserver/keys?number={number[..13]}")).Json!["items"]!.AsArray().Count.ShouldBe(1);
        var shown = await server.GetAsync($"/keyserver/keys/{number}");
        ((string)shown.Json!["keyType"]!).ShouldBe("PLESK_9_FOR_VZ");
        shown.Json["history"]!.AsArray().Select(h => (string)h!["act"]!).ShouldBe(["created"]);
        var terminated = await server.PostAsync($"/keyserver/keys/{number}/terminate", "{}");
        terminated.Status.ShouldBe(200, terminated.Text);
        terminated.Json!["terminatedAt"].ShouldNotBeNull();
        (await CallAsync(server, password, "retrieveKey", number))["resultCode"].AsInt().ShouldBe(222);
    }

    [Fact]
    public async Task The_command_line_sets_up_clients_and_logins_and_issues_finds_renews_and_ends_keys()
    {
        await using var server = await HostUnderTest.StartAsync();
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string> { ["KEYGATE_DATA"] = server.Settings.Data };
        async Task<JsonNode> RunAsync(params string[] arguments)
        {
            var (code, output, errors) = await KeygateProcess.RunAsync(folder.Path, environment, ["keyserver", .. arguments, "--json"]);
            code.ShouldBe(0, $"{string.Join(' ', arguments)}: {errors}");
            return JsonNode.Parse(output)!;
        }

        static List<string> Of(JsonNode list, string member) => [.. list["items"]!.AsArray().Select(i => i![member]!.ToString())];
        await ImportAsync(server);
        Of(await RunAsync("price-list", "list"), "name").ShouldBe(["hosting"]);
        (await RunAsync("price-list", "show", "hosting")).ToJsonString().ShouldContain("PLESK_9_FOR_VZ");

        var client = (await RunAsync("client", "add", "--login", "northwind", "--name", "Northwind", "--price-list", "hosting", "--billing", "Lease"))["id"]!.ToString();
        Of(await RunAsync("client", "list"), "login").ShouldBe(["northwind"]);
        (await RunAsync("client", "standing", client, "--unpriced", "true"))["unpriced"]!.GetValue<bool>().ShouldBeTrue();
        ((string)(await RunAsync("client", "show", client))["name"]!).ShouldBe("Northwind");

        var login = await RunAsync("login", "add", client, "--login", "northwind-api", "--role", "Standard", "--calls-per-minute", "600");
        var (loginId, password) = (login["id"]!.ToString(), (string)login["password"]!);
        var issued = (string)(await RunAsync("key", "issue", "--client", "northwind", "--key-type", "PLESK_9_FOR_VZ", "--idempotency-key", "one"))["number"]!;
        (await CallAsync(server, password, "renewKey", issued))["resultCode"].AsInt().ShouldBe(201, "Its role is Standard.");
        await RunAsync("login", "change", client, loginId, "--role", "All", "--denied-methods", "terminateKey", "--addresses", "127.0.0.0/8,::1");
        (await CallAsync(server, password, "terminateKey", issued))["resultCode"].AsInt().ShouldBe(201);
        (await CallAsync(server, password, "renewKey", issued))["resultCode"].AsInt().ShouldBe(100);
        await RunAsync("login", "disable", client, loginId);
        (await CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(200);
        await RunAsync("login", "enable", client, loginId);
        password = (string)(await RunAsync("login", "password", client, loginId))["password"]!;
        (await CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(100);
        (await RunAsync("login", "list", client)).ToJsonString().ShouldSatisfyAllConditions(list => list.ShouldContain("northwind-api"), list => list.ShouldNotContain(password));

        var other = (string)(await RunAsync("key", "issue", "--client", "northwind", "--key-type", "PLESK_9_FOR_VZ", "--idempotency-key", "two"))["number"]!;
        Of(await RunAsync("key", "list", "--client", "northwind"), "number").Select(n => n[..13]).ShouldBe([other[..13], issued[..13]]);
        Of(await RunAsync("key", "list", "--number", issued[..13]), "number").ShouldHaveSingleItem().ShouldStartWith(issued[..13]);
        ((string)(await RunAsync("key", "renew", other))["number"]!).ShouldBe($"{other[..13]}.0001");
        (await RunAsync("key", "terminate", other))["terminatedAt"].ShouldNotBeNull();
        (await RunAsync("key", "show", other))["history"]!.AsArray().Select(h => (string)h!["act"]!).ShouldBe(["created", "renewed", "terminated"]);
        Of(await RunAsync("multi-use"), "number").ShouldBeEmpty();
        Of(await RunAsync("renewal", "due"), "number").ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task A_disabled_login_is_shut_out_until_it_is_enabled(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        await ImportAsync(server);
        var client = (await server.PostAsync("/keyserver/clients", """{ "login": "northwind", "name": "Northwind", "priceList": "hosting" }""")).Json!["id"];
        var login = (await server.PostAsync($"/keyserver/clients/{client}/logins", """{ "login": "northwind-api" }""")).Json!;
        var password = (string)login["password"]!;

        (await server.PostAsync($"/keyserver/clients/{client}/logins/{login["id"]}/disable", "{}")).Status.ShouldBe(200);
        (await CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(200);
        (await server.PostAsync($"/keyserver/clients/{client}/logins/{login["id"]}/enable", "{}")).Status.ShouldBe(200);
        (await CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task Says_what_a_login_may_do_and_how_an_account_stands(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        await ImportAsync(server);
        var client = (await server.PostAsync("/keyserver/clients", """{ "login": "northwind", "name": "Northwind", "priceList": "hosting" }""")).Json!["id"];
        var below = await server.PostAsync("/keyserver/clients", """{ "login": "fjord", "name": "Fjord", "priceList": "hosting", "parent": "northwind", "email": "a@fjord.example" }""");
        ((int)below.Json!["parentId"]!).ShouldBe((int)client!);
        var login = (await server.PostAsync($"/keyserver/clients/{client}/logins", """{ "login": "northwind-api", "deniedMethods": ["renewKey"] }""")).Json!;
        var (id, password) = (login["id"], (string)login["password"]!);
        var number = (await CallAsync(server, password, "createKey", new XmlRpcStruct(), "fjord", "PLESK_9_FOR_VZ", new XmlRpcArray()))["mainKeyNumber"].AsString();

        (await CallAsync(server, password, "renewKey", number))["resultCode"].AsInt().ShouldBe(201);
        var changed = await PutAsync(server, $"/keyserver/clients/{client}/logins/{id}", """{ "role": "Standard", "addresses": ["192.0.2.0/24"], "callsPerMinute": 60 }""");
        changed["callsPerMinute"]!.GetValue<int>().ShouldBe(60);
        (await CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(200);
        await PutAsync(server, $"/keyserver/clients/{client}/logins/{id}", "{}");
        (await CallAsync(server, password, "renewKey", number))["resultCode"].AsInt().ShouldBe(100);

        (await server.PostAsync($"/keyserver/clients/{below.Json["id"]}/standing", """{ "problem": true }""")).Json!["problem"]!.GetValue<bool>().ShouldBeTrue();
        (await CallAsync(server, password, "createKey", new XmlRpcStruct(), "fjord", "PLESK_9_FOR_VZ"))["resultCode"].AsInt().ShouldBe(252);

        await CallAsync(server, password, "addNoteToKey", number, "from the partner");
        (await server.PostAsync($"/keyserver/keys/{number}/notes", """{ "note": "from the issuer" }""")).Status.ShouldBeInRange(200, 201);
        (await server.GetAsync($"/keyserver/keys/{number}/notes")).Json!["items"]!.AsArray().Select(n => (string)n!["note"]!).ShouldBe(["from the partner", "from the issuer"]);

        var configuration = await server.PostAsync(
            $"/keyserver/clients/{below.Json["id"]}/product-configurations", """{ "name": "green", "family": "plesk", "properties": [{ "name": "colour", "type": "string", "value": "green" }] }""");
        configuration.Status.ShouldBeInRange(200, 201, configuration.Text);
        (await CallAsync(server, password, "assignProductConfiguration", number, configuration.Json!["id"]!.ToString()))["resultCode"].AsInt().ShouldBe(100);
        (await server.PostAsync($"/keyserver/clients/{below.Json["id"]}/product-configurations/{configuration.Json["id"]}/disable", "{}")).Json!["enabled"]!.GetValue<bool>().ShouldBeFalse();

        var renewed = (string)(await server.PostAsync($"/keyserver/clients/{client}/logins/{id}/password", "{}")).Json!["password"]!;
        (await CallAsync(server, password, "validateLogin"))["resultCode"].AsInt().ShouldBe(200);
        (await CallAsync(server, renewed, "validateLogin"))["resultCode"].AsInt().ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task The_staff_issues_a_key_and_does_to_it_what_its_owner_could(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        await ImportAsync(server);
        await server.PostAsync("/keyserver/clients", """{ "login": "northwind", "name": "Northwind", "priceList": "hosting" }""");
        var order = """{ "client": "northwind", "keyType": "PLESK_10_AND_LATER_FOR_VZ", "features": ["30_DOMAINS"], "addresses": ["192.0.2.30"] }""";
        (await server.PostAsync("/keyserver/keys", order)).ShouldBeProblem(400, "accounts.idempotency-key-missing");
        var issued = await server.PostAsync("/keyserver/keys", order, "issue-1");
        issued.Status.ShouldBeInRange(200, 201, issued.Text);
        (await server.PostAsync("/keyserver/keys", order, "issue-1")).Replayed.ShouldBeTrue();
        (await server.GetAsync("/keyserver/keys")).Json!["items"]!.AsArray().Count.ShouldBe(1, "the repeat made no second key");
        (await server.PostAsync("/keyserver/keys", order.Replace("northwind", "nobody", StringComparison.Ordinal), "issue-2")).Status.ShouldBe(404);
        (await server.PostAsync("/keyserver/keys", order.Replace("30_DOMAINS", "NOTHING", StringComparison.Ordinal), "issue-3")).Status.ShouldBeInRange(400, 409);

        var number = ((string)issued.Json!["number"]!)[..13];
        (await server.PostAsync($"/keyserver/keys/{number}/bind", """{ "address": "somewhere" }""")).ShouldBeProblem(400, "keyserver.ip-malformed");
        (await server.PostAsync($"/keyserver/keys/{number}/bind", """{ "address": "192.0.2.31" }""")).Json!["addresses"]!.AsArray().Select(a => (string)a!).ShouldBe(["192.0.2.31", "192.0.2.30"], ignoreOrder: true);
        (await server.PostAsync($"/keyserver/keys/{number}/unbind", "{}")).Json!["addresses"]!.AsArray().Select(a => (string)a!).ShouldBe(["192.0.2.30"]);
        (await server.PostAsync($"/keyserver/keys/{number}/renew", "{}")).ShouldBeProblem(400, "accounts.idempotency-key-missing");
        ((string)(await server.PostAsync($"/keyserver/keys/{number}/renew", "{}", "renew-1")).Json!["number"]!).ShouldEndWith(".0001");
        (await server.PostAsync($"/keyserver/keys/{number}/activate", """{ "activatedFor": "AB-12" }""")).ShouldBeProblem(409, "keyserver.activation-unfit");
        (await server.PostAsync($"/keyserver/keys/{number}/reset", "{}")).ShouldBeProblem(409, "keyserver.activation-unfit");
        (await server.GetAsync($"/keyserver/keys/{number}")).Json!["history"]!.AsArray().Select(h => (string)h!["act"]!).ShouldBe(["created", "bound", "unbound", "renewed"]);
    }

    [Fact]
    public async Task Refuses_what_is_wrong_with_code_and_remedy()
    {
        await using var server = await HostUnderTest.StartAsync();
        (await server.PostAsync("/keyserver/price-lists", "{\n  \"format\": 7\n}")).ShouldBeProblem(400, "keyserver.price-list-broken").Text.ShouldContain("Line 2: ");
        await ImportAsync(server);

        (await server.PostAsync("/keyserver/clients", """{ "login": "a b", "name": "", "priceList": "hosting" }""")).ShouldBeProblem(400, "keyserver.client-login-invalid");
        (await server.PostAsync("/keyserver/clients", """{ "login": "ab", "name": "A", "priceList": "none" }""")).ShouldBeProblem(404, "keyserver.price-list-unknown");
        (await server.PostAsync("/keyserver/clients/77/logins", """{ "login": "x" }""")).ShouldBeProblem(404, "keyserver.client-unknown");
        (await server.GetAsync("/keyserver/keys/nonsense")).ShouldBeProblem(400, "keyserver.key-number-malformed");
        (await server.GetAsync("/keyserver/keys/PLSK.99999999")).ShouldBeProblem(404, "keyserver.key-unknown");
        (await server.GetAsync("/keyserver/keys?client=nobody")).ShouldBeProblem(404, "keyserver.client-unknown");
        (await server.GetAsync("/keyserver/price-lists/none")).ShouldBeProblem(404, "keyserver.price-list-unknown");
    }

    [Fact]
    public async Task Shows_signing_keys_without_their_private_part()
    {
        await using var server = await HostUnderTest.StartAsync();

        var keys = await server.GetAsync("/keyserver/signing-keys");

        var key = keys.Json!["items"]!.AsArray().Single(k => (string)k!["purpose"]! == "License")!;
        ((string)key["algorithm"]!).ShouldBe("EcdsaP256");
        ((string)key["state"]!).ShouldBe("Active");
        keys.Text.ShouldNotContain("PRIVATE");
        (await server.Client.GetStringAsync("/api/v1/keyserver/certificate")).ShouldStartWith("-----BEGIN CERTIFICATE-----");
    }

    private static async Task<JsonNode> PutAsync(HostUnderTest server, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await server.Client.PutAsync(new Uri($"/api/v1{path}", UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }

    private static async Task ImportAsync(HostUnderTest server)
    {
        var imported = await server.PostAsync("/keyserver/price-lists", Encoding.UTF8.GetString(TestKeyServer.Sample("hosting")));
        imported.Status.ShouldBeInRange(200, 201, imported.Text);
    }

    private static Task<XmlRpcStruct> CallAsync(HostUnderTest server, string password, string method, params XmlRpcValue[] arguments) =>
        KeyServerSetUp.CallAsync(server, password, method, arguments);
}
