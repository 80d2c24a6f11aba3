using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Accounts;

public sealed class AccountsEndpointsTests
{
    [Theory, BothEngines]
    public async Task Customers_are_numbered_from_1000001_and_paged(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        foreach (var name in new[] { "Ann", "Bob", "Cleo" })
        {
            (await server.PostAsync("/customers", $$"""{"name":"{{name}}","email":"{{name}}@example.org"}""")).Status.ShouldBe(200);
        }

        var first = await server.GetAsync("/customers?limit=2");
        var second = await server.GetAsync($"/customers?limit=2&cursor={first.Json!["next"]}");

        Numbers(first).ShouldBe([1000001, 1000002]);
        Numbers(second).ShouldBe([1000003]);
        second.Json!["next"].ShouldBeNull();
        (await server.GetAsync("/customers/1000002")).Json!["name"]!.GetValue<string>().ShouldBe("Bob");
        (await server.GetAsync("/customers/1000009")).ShouldBeProblem(404, "accounts.customer-unknown");
        (await server.GetAsync("/customers?cursor=foreign")).ShouldBeProblem(400, "kernel.cursor-foreign");
    }

    [Theory, BothEngines]
    public async Task A_created_customer_leaves_a_row_in_the_audit_trail(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        await server.PostAsync("/customers", """{"name":"Ann","email":"ann@example.org"}""");

        var database = (Database)server.Host.Services.GetService(typeof(Database))!;
        var rows = await database.ReadAsync(s => s.QueryAsync<string>("select actor_name || ' ' || act || ' ' || subject from audit", null, CancellationToken.None), CancellationToken.None);

        rows.ShouldBe(["Local command line customer.created customer/1000001"]);
    }

    [Theory, BothEngines]
    public async Task A_token_shown_once_is_not_readable_in_the_database_and_can_be_revoked(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        var made = await server.PostAsync("/tokens", """{"name":"billing"}""", "k");
        var token = (string)made.Json!["token"]!;
        using var client = server.ClientOf(token);
        (await Reply.OfAsync(client.GetAsync("/api/v1/customers"))).Status.ShouldBe(200);

        (await server.PostAsync("/tokens", """{"name":"billing"}""", "k")).Text.ShouldBe(made.Text);
        (await server.GetAsync("/tokens")).Text.ShouldNotContain(token);
        (await Reply.OfAsync(server.Client.DeleteAsync($"/api/v1/tokens/{made.Json["id"]}"))).Status.ShouldBe(204);

        (await Reply.OfAsync(client.GetAsync("/api/v1/customers"))).ShouldBeProblem(401, "accounts.token-unknown");
        (await Reply.OfAsync(server.Client.DeleteAsync("/api/v1/tokens/4711"))).ShouldBeProblem(404, "accounts.token-not-found");
    }

    [Theory]
    [InlineData(null, "accounts.token-missing")]
    [InlineData("Basic YTpi", "accounts.token-missing")]
    [InlineData("Bearer kgt_wrong", "accounts.token-unknown")]
    public async Task Nobody_unknown_gets_in(string? authorization, string code)
    {
        await using var server = await HostUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/customers") { Content = new StringContent("{ broken", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await server.Anonymous.SendAsync(request);

        response.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
        (await Reply.OfAsync(Task.FromResult(response))).ShouldBeProblem(401, code);
    }

    [Theory]
    [InlineData("Auditor", 403, 403, 200)]
    [InlineData("Operator", 200, 403, 200)]
    [InlineData("Administrator", 200, 200, 200)]
    public async Task A_role_may_do_what_it_says(string role, int write, int staff, int read)
    {
        await using var server = await HostUnderTest.StartAsync();
        var member = await server.PostAsync("/staff", $$"""{"name":"Mia","login":"mia","role":"{{role}}"}""");
        var token = await HostUnderTest.PostAsync(server.Anonymous, "/sign-in", new JsonObject { ["login"] = "mia", ["password"] = (string)member.Json!["password"]! }.ToJsonString());
        using var client = server.ClientOf((string)token.Json!["token"]!);

        (await HostUnderTest.PostAsync(client, "/customers", """{"name":"Ann","email":"ann@example.org"}""")).Status.ShouldBe(write);
        (await Reply.OfAsync(client.GetAsync("/api/v1/staff"))).Status.ShouldBe(staff);
        (await Reply.OfAsync(client.GetAsync("/api/v1/customers"))).Status.ShouldBe(read);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_guessing_is_stopped()
    {
        await using var server = await HostUnderTest.StartAsync();
        await server.PostAsync("/staff", """{"name":"Mia","login":"mia","password":"correct horse","role":"Operator"}""");

        (await SignInAsync("nobody", "correct horse")).ShouldBeProblem(401, "accounts.password-wrong");
        (await SignInAsync("local", "")).ShouldBeProblem(401, "accounts.password-wrong");
        for (var i = 0; i < 10; i++)
        {
            (await SignInAsync("mia", $"guess {i}")).ShouldBeProblem(401, "accounts.password-wrong");
        }

        (await SignInAsync("mia", "correct horse")).ShouldBeProblem(429, "accounts.sign-ins-too-many");

        Task<Reply> SignInAsync(string login, string password) =>
            HostUnderTest.PostAsync(server.Anonymous, "/sign-in", $$"""{"login":"{{login}}","password":"{{password}}"}""");
    }

    [Fact]
    public async Task A_login_is_given_once()
    {
        await using var server = await HostUnderTest.StartAsync();
        await server.PostAsync("/staff", """{"name":"Mia","login":"mia","role":"Operator"}""");

        (await server.PostAsync("/staff", """{"name":"Other","login":"MIA","role":"Operator"}""")).ShouldBeProblem(409, "accounts.login-taken").Field.ShouldBe("login");
    }

    private static List<int> Numbers(Reply reply) => [.. reply.Json!["items"]!.AsArray().Select(c => (int)c!["id"]!)];
}
