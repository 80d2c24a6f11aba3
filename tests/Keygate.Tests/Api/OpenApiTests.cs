using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Keygate.Testing;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api;

public sealed class OpenApiTests
{
    [Fact]
    public async Task The_committed_document_is_what_the_server_serves()
    {
        await using var server = await HostUnderTest.StartAsync();

        Approve.File(await server.Anonymous.GetStringAsync("/openapi/v1.json"), Path.Combine(Repository(), "docs/reference/openapi-v1.json"));
    }

    [Fact]
    public async Task Results_show_as_what_they_hold_and_refusals_as_problems()
    {
        await using var server = await HostUnderTest.StartAsync();

        var document = JsonNode.Parse(await server.Anonymous.GetStringAsync("/openapi/v1.json"))!;

        var show = document["paths"]!["/api/v1/customers/{id}"]!["get"]!;
        ((string?)show["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"]).ShouldBe("#/components/schemas/Customer");
        ((string?)show["responses"]!["default"]!["content"]!["application/problem+json"]!["schema"]!["$ref"]).ShouldBe("#/components/schemas/Problem");
        ((string?)show["parameters"]![0]!["schema"]!["type"]).ShouldBe("integer");
        ((string?)document["components"]!["schemas"]!["AccountId"]?["type"] ?? (string?)document["components"]!["schemas"]!["Customer"]!["properties"]!["id"]!["type"]).ShouldBe("integer");
        show["security"]![0]!["bearer"].ShouldNotBeNull();
        document["paths"]!["/api/v1/sign-in"]!["post"]!["security"].ShouldBeNull();
        document["paths"]!.AsObject().Select(p => p.Key).ShouldAllBe(path => path.StartsWith("/api/v1/"));
        document.ToJsonString().ShouldNotContain("Result");
    }

    private static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}
