using System.Net;
using System.Text.RegularExpressions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Accounts;

public sealed partial class FirstAdministratorTests
{
    [Theory, BothEngines]
    public async Task The_link_makes_an_administrator_whose_token_works(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        var link = server.Host.SetupLink.ShouldNotBeNull();

        var form = await server.Anonymous.GetStringAsync(link);
        form.ShouldContain("<form method=\"post\"");
        form.ShouldNotContain("<script");
        using var answer = await PostAsync(server, link, "Ann Admin", "Ann", "correct horse");

        var page = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var token = Token().Match(page).Groups[1].Value;
        token.ShouldStartWith("kgt_");
        using var client = server.ClientOf(token);
        (await Reply.OfAsync(client.GetAsync("/api/v1/staff"))).Text.ShouldContain("\"login\":\"ann\"");
        (await HostUnderTest.PostAsync(server.Anonymous, "/sign-in", """{"login":"ANN","password":"correct horse"}""")).Status.ShouldBe(200);
    }

    [Theory, BothEngines]
    public async Task The_link_works_once(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        var link = server.Host.SetupLink.ShouldNotBeNull();
        (await PostAsync(server, link, "Ann", "ann", "correct horse")).Dispose();

        using var again = await PostAsync(server, link, "Eve", "eve", "correct horse");
        using var look = await server.Anonymous.GetAsync(link);

        again.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        look.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await server.GetAsync("/staff")).Text.ShouldNotContain("eve");
    }

    [Theory, BothEngines]
    public async Task Of_two_forms_sent_at_once_one_wins(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);
        var link = server.Host.SetupLink.ShouldNotBeNull();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => PostAsync(server, link, $"Ann {i}", $"ann{i}", "correct horse")));

        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.Forbidden).ShouldBe(3);
        answers.ToList().ForEach(a => a.Dispose());
    }

    [Fact]
    public async Task A_foreign_link_is_refused()
    {
        await using var server = await HostUnderTest.StartAsync();

        using var look = await server.Anonymous.GetAsync("/setup?key=kgs_guessed");
        using var post = await PostAsync(server, new Uri(server.Host.HttpUrl, "/setup?key=kgs_guessed"), "Eve", "eve", "correct horse");
        using var bare = await server.Anonymous.PostAsync("/setup", null);

        look.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        post.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        bare.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Says_all_that_is_wrong_and_leaves_the_link_open()
    {
        await using var server = await HostUnderTest.StartAsync();
        var link = server.Host.SetupLink.ShouldNotBeNull();

        using var refused = await PostAsync(server, link, "", "<b>", "short");
        var page = await refused.Content.ReadAsStringAsync();
        using var done = await PostAsync(server, link, "Ann", "ann", "correct horse");

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Regex.Count(page, "class=\"refusal\"").ShouldBe(3);
        page.ShouldNotContain("<b>");
        done.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_pages_allow_nothing_but_our_own_style()
    {
        await using var server = await HostUnderTest.StartAsync();

        using var form = await server.Anonymous.GetAsync(server.Host.SetupLink);
        using var status = await server.Anonymous.GetAsync("/about");

        foreach (var page in new[] { form, status })
        {
            page.Headers.GetValues("Content-Security-Policy").Single().ShouldBe("default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
            page.Headers.GetValues("Referrer-Policy").Single().ShouldBe("no-referrer");
        }

        (await server.Anonymous.GetStringAsync("/plain.css")).ShouldContain("body");
    }

    [Fact]
    public async Task A_restart_prints_a_link_only_while_there_is_no_administrator()
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, Engine.Sqlite);
        await using (var first = await HostUnderTest.StartAsync(settings))
        {
            first.Host.SetupLink.ShouldNotBeNull();
        }

        await using (var second = await HostUnderTest.StartAsync(settings))
        {
            (await PostAsync(second, second.Host.SetupLink.ShouldNotBeNull(), "Ann", "ann", "correct horse")).Dispose();
        }

        await using var third = await HostUnderTest.StartAsync(settings);
        third.Host.SetupLink.ShouldBeNull();
    }

    private static Task<HttpResponseMessage> PostAsync(HostUnderTest server, Uri link, string name, string login, string password) =>
        server.Anonymous.PostAsync("/setup", new FormUrlEncodedContent(
        [
            new("key", link.Query["?key=".Length..]), new("name", name), new("login", login), new("password", password),
        ]));

    [GeneratedRegex("<code id=\"token\">([^<]+)</code>")]
    private static partial Regex Token();
}
