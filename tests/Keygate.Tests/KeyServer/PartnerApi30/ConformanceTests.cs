using System.Text;
using System.Text.Json;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi30;

/// <summary>The conformance suite of Partner API 3.0: every endpoint, variant and error, as raw HTTP and JSON text written from the reference.</summary>
public sealed class ConformanceTests
{
    public static TheoryData<string, Engine> Endpoints()
    {
        var data = new TheoryData<string, Engine>();
        foreach (var endpoint in Cases.All.Select(c => c.Endpoint).Distinct())
        {
            data.Add(endpoint, Engine.Sqlite);
            data.Add(endpoint, Engine.PostgreSql);
        }

        return data;
    }

    [Theory, MemberData(nameof(Endpoints))]
    public async Task Answers_as_the_reference_says(string endpoint, Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var wrong = new List<string>();
        foreach (var one in Cases.All.Where(c => c.Endpoint == endpoint))
        {
            try
            {
                var answer = await one.Call(world);
                (answer.Status, answer.Type).ShouldBe((one.Status, one.Type), answer.ToString());
                if (answer.Status >= 400)
                {
                    IsError(answer);
                }

                await (one.Check?.Invoke(world, answer) ?? Task.CompletedTask);
            }
            catch (Exception e)
            {
                wrong.Add($"{one.Variant}: {e.GetType().Name} {e.Message}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Each_case_has_a_name_of_its_own() => Cases.All.GroupBy(c => (c.Endpoint, c.Variant)).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();

    [Fact]
    public void Lists_its_cases_in_the_reference_pages()
    {
        var page = new StringBuilder("""
            # Partner API 3.0: what is covered

            Written by a test from the cases of the conformance suite, each of which runs over TLS on both databases, as raw HTTP and JSON text. The reference is
            [partner-api-3.0.md](partner-api-3.0.md); what it leaves open is decided in [ADR 0018](../adr/0018-partner-api-30.md), the numbers of errors included.

            Not built: the SSO token command, whose path is not known; `activationLink` is an empty text, since there is no page to activate a key at; answers are never
            compressed.

            """);
        foreach (var endpoint in Cases.All.GroupBy(c => c.Endpoint))
        {
            page.Append($"\n## {endpoint.Key}\n\n| variant | status | type |\n| --- | --- | --- |\n");
            foreach (var one in endpoint)
            {
                page.Append($"| {one.Variant} | {one.Status} | {one.Type} |\n");
            }
        }

        page.Append($"\n{Cases.All.Count} cases.\n");
        Approve.File(page.ToString(), Path.Combine(Repository.Root, "docs/reference/partner-api-30-coverage.md"));
    }

    // Reference 6: four texts, and the status once more.
    private static void IsError(RestReply answer)
    {
        answer.ContentHeaders.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        answer.Json.EnumerateObject().Select(p => p.Name).ShouldBe(["code", "type", "message", "details"]);
        answer.Json.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.String && p.Value.GetString()!.Length > 0).ShouldBeTrue();
        answer.Json.GetProperty("code").GetString().ShouldBe($"{answer.Status}");
    }
}
