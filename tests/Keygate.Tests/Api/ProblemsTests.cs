using System.Text;
using Keygate.Api;
using Keygate.Kernel;
using Keygate.Tests.Server;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api;

public sealed class ProblemsTests
{
    [Theory]
    [InlineData(ErrorKind.Invalid, 400)]
    [InlineData(ErrorKind.Unauthenticated, 401)]
    [InlineData(ErrorKind.Forbidden, 403)]
    [InlineData(ErrorKind.NotFound, 404)]
    [InlineData(ErrorKind.Conflict, 409)]
    [InlineData(ErrorKind.Limit, 429)]
    [InlineData(ErrorKind.Unavailable, 503)]
    public void Each_kind_has_its_status(ErrorKind kind, int status) => Problems.StatusOf(kind).ShouldBe(status);

    [Fact]
    public async Task A_refusal_carries_code_field_remedy_and_all_further_faults()
    {
        await using var server = await HostUnderTest.StartAsync();

        var reply = (await server.PostAsync("/customers", """{"name":" ","email":"nobody"}""")).ShouldBeProblem(400, "accounts.field-missing");

        ((string?)reply.Json!["type"]).ShouldBe("urn:keygate:error:accounts.field-missing");
        ((string?)reply.Json["title"]).ShouldBe("A field that is needed is empty");
        reply.Field.ShouldBe("name");
        ((string?)reply.Json["errors"]![0]!["code"]).ShouldBe("accounts.email-invalid");
        ((string?)reply.Json["errors"]![0]!["field"]).ShouldBe("email");
        ((string?)reply.Json["errors"]![0]!["detail"]).ShouldBe("'nobody' is no mail address.");
    }

    [Theory]
    [InlineData("""{"name":"Ann","emial":"a@example.org"}""", "emial")]
    [InlineData("""{"name":1}""", "name")]
    [InlineData("""{"name":"Ann" """, null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    public async Task A_body_that_does_not_fit_names_the_field_and_no_type_of_ours(string body, string? field)
    {
        await using var server = await HostUnderTest.StartAsync();

        var reply = await server.PostAsync("/customers", body);

        reply.Status.ShouldBe(400, reply.Text);
        reply.Field.ShouldBe(field);
        reply.Text.ShouldNotContain("Keygate.");
        reply.Text.ShouldNotContain("System.");
        (await server.GetAsync("/customers")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_says_what_to_send()
    {
        await using var server = await HostUnderTest.StartAsync();

        var reply = await Reply.OfAsync(server.Client.PostAsync("/api/v1/customers", new StringContent("name=Ann", Encoding.UTF8, "application/x-www-form-urlencoded")));

        reply.ShouldBeProblem(400, "api.body-not-json");
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "api.route-unknown")]
    [InlineData("DELETE", "/api/v1/customers", 405, "api.method-unknown")]
    [InlineData("GET", "/api/v1/customers/abc", 400, "kernel.request-invalid")]
    [InlineData("GET", "/api/v1/customers?limit=many", 400, "kernel.request-invalid")]
    [InlineData("GET", "/api/v1/license-requests?id=1&id=two", 400, "kernel.request-invalid")]
    [InlineData("GET", "/api/v1/subscriptions?awaitsServer=perhaps", 400, "kernel.request-invalid")]
    public async Task What_routing_refuses_is_a_problem_as_well(string method, string path, int status, string code)
    {
        await using var server = await HostUnderTest.StartAsync();

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        (await Reply.OfAsync(server.Client.SendAsync(request))).ShouldBeProblem(status, code);
    }

    [Fact]
    public async Task A_locked_database_is_told_as_such_and_nothing_is_changed()
    {
        await using var server = await HostUnderTest.StartAsync();
        await using (var other = new SqliteConnection($"Data Source={server.Settings.Database.File};Pooling=false"))
        {
            await other.OpenAsync();
            await using var begin = other.CreateCommand();
            begin.CommandText = "begin immediate";
            await begin.ExecuteNonQueryAsync();

            (await server.PostAsync("/customers", """{"name":"Ann","email":"ann@example.org"}""")).ShouldBeProblem(503, "storage.locked");
        }

        (await server.GetAsync("/customers")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_fault_of_ours_shows_nothing_of_our_inside()
    {
        await using var server = await HostUnderTest.StartAsync();
        await using (var other = new SqliteConnection($"Data Source={server.Settings.Database.File};Pooling=false"))
        {
            await other.OpenAsync();
            await using var drop = other.CreateCommand();
            drop.CommandText = "alter table customers rename to elsewhere";
            await drop.ExecuteNonQueryAsync();
        }

        var reply = (await server.GetAsync("/customers")).ShouldBeProblem(503, "kernel.fault");

        reply.Text.ShouldNotContain("customers");
        reply.Text.ShouldNotContain("SQLite");
    }
}
