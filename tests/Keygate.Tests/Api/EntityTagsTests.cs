using System.Net;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api;

public sealed class EntityTagsTests
{
    private const string Group = "/api/v1/feature-groups/DOMAINS";

    [Fact]
    public async Task A_single_resource_has_a_tag_that_changes_with_it_alone()
    {
        await using var server = await HostUnderTest.StartAsync();
        (await server.PostAsync("/feature-groups", """{"id":"DOMAINS","description":"Domain Limit","sort":1}""")).Status.ShouldBe(200);

        using var first = await server.Client.GetAsync(new Uri(Group, UriKind.Relative));
        var tag = first.Headers.ETag.ShouldNotBeNull();
        tag.IsWeak.ShouldBeFalse();
        first.Headers.CacheControl!.NoCache.ShouldBeTrue();
        first.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");

        using var same = await AskAsync(server, HttpMethod.Get, Group, "If-None-Match", $"\"other\", {tag}");
        same.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        same.Headers.ETag.ShouldBe(tag);
        (await same.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();

        (await server.PostAsync("/feature-groups/DOMAINS/archive", "")).Status.ShouldBe(200);
        using var changed = await AskAsync(server, HttpMethod.Get, Group, "If-None-Match", tag.ToString());
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        changed.Headers.ETag.ShouldNotBeNull().ShouldNotBe(tag);
    }

    [Fact]
    public async Task A_list_and_a_refusal_have_none()
    {
        await using var server = await HostUnderTest.StartAsync();

        foreach (var path in new[] { "/api/v1/feature-groups", Group })
        {
            using var answer = await server.Client.GetAsync(new Uri(path, UriKind.Relative));
            answer.Headers.ETag.ShouldBeNull(path);
        }
    }

    [Fact]
    public async Task A_condition_on_a_write_is_refused_and_not_passed_over()
    {
        await using var server = await HostUnderTest.StartAsync();

        using var answer = await AskAsync(server, HttpMethod.Post, "/api/v1/feature-groups", "If-Match", "\"any\"", """{"id":"DOMAINS","description":"Domain Limit","sort":1}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("api.condition-unknown");
        (await server.GetAsync("/feature-groups")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    private static async Task<HttpResponseMessage> AskAsync(HostUnderTest server, HttpMethod method, string path, string header, string value, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation(header, value).ShouldBeTrue();
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return await server.Client.SendAsync(request);
    }
}
