using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Keygate.Tests.Orders;
using Shouldly;

namespace Keygate.Tests.Panel;

/// <summary>Somebody who is signed in at the screens of a house: opens pages, presses buttons, and reads what they say. No browser is needed for that, since nothing needs a script.</summary>
internal sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _http;

    private Visitor(HttpClient http) => _http = http;

    /// <summary>The page that was last shown.</summary>
    public string Html { get; private set; } = "";

    /// <summary>What it says, without its marks.</summary>
    public string Text => Plain(Body().Match(Html) is { Success: true } main ? main.Value : Html);

    /// <summary>What the page shows this once.</summary>
    public string Once => OnceShown().Match(Html).Groups["value"].Value;

    /// <summary>Where it is.</summary>
    public string Path { get; private set; } = "";

    public HttpStatusCode Status { get; private set; }

    public static async Task<Visitor> SignInAsync(OrdersHouse house, string role = "Administrator", string language = "en")
    {
        var login = $"{role}-{language}".ToLowerInvariant();
        await house.PostAsync("staff", new JsonObject { ["name"] = login, ["login"] = login, ["password"] = "long-enough-1", ["role"] = role });
        var visitor = At(house.Url, language);
        await visitor.OpenAsync("/admin");
        await visitor.SendAsync("/admin/sign-in", ("login", login), ("password", "long-enough-1"), ("to", "/admin"));
        visitor.Path.ShouldBe("/admin");
        return visitor;
    }

    /// <summary>Somebody who is not signed in.</summary>
    public static Visitor At(Uri server, string language = "en")
    {
        var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server };
        http.DefaultRequestHeaders.Add("Accept-Language", language);
        return new Visitor(http);
    }

    public async Task<Visitor> OpenAsync(FormattableString path) => await OpenAsync(FormattableString.Invariant(path));

    public async Task<Visitor> OpenAsync(string path) => await ReadAsync(await _http.GetAsync(new Uri(path, UriKind.Relative)));

    /// <summary>Sends a form as a browser would that shows the present page: with the token that the page carries, and a key of its own.</summary>
    public async Task<Visitor> SendAsync(string path, params IEnumerable<(string Name, string Value)> fields)
    {
        var token = Token().Match(Html);
        var all = fields.Select(f => KeyValuePair.Create(f.Name, f.Value)).ToList();
        if (all.TrueForAll(f => f.Key != "form-token"))
        {
            all.Add(new("form-token", token.Success ? token.Groups["value"].Value : ""));
        }

        all.Add(new("form-once", Guid.NewGuid().ToString("N")));
        using var content = new FormUrlEncodedContent(all);
        return await ReadAsync(await _http.PostAsync(new Uri(path, UriKind.Relative), content));
    }

    /// <summary>Sends a file by a form of the page.</summary>
    public async Task<Visitor> UploadAsync(string path, string field, string name, byte[] file)
    {
        using var content = new MultipartFormDataContent
        {
            { new StringContent(Token().Match(Html).Groups["value"].Value), "form-token" }, { new StringContent(Guid.NewGuid().ToString("N")), "form-once" }, { new ByteArrayContent(file), field, name },
        };
        return await ReadAsync(await _http.PostAsync(new Uri(path, UriKind.Relative), content));
    }

    /// <summary>Presses a button of the page: its form is sent with what it holds, and with these fields filled in.</summary>
    public async Task<Visitor> PressAsync(string label, params (string Name, string Value)[] filled)
    {
        var form = Forms().SingleOrDefault(f => f.Button == label) ?? throw new InvalidOperationException($"{Path} has no button '{label}': {Text}");
        var fields = form.Fields.Where(f => filled.All(g => g.Name != f.Name)).Concat(filled).ToList();
        if (form.Posts)
        {
            return await SendAsync(form.Action, fields.Where(f => f.Name is not ("form-token" or "form-once")));
        }

        return await OpenAsync(form.Action + "?" + string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Name)}={Uri.EscapeDataString(f.Value)}")));
    }

    /// <summary>The labels of the buttons that send something, beside those of the menu.</summary>
    public IReadOnlyList<string> Buttons => [.. Forms().Where(f => f.Posts).Select(f => f.Button)];

    /// <summary>The labels of the links of the page.</summary>
    public IReadOnlyList<string> Links => [.. Link().Matches(Body().Match(Html).Value).Select(m => Plain(m.Groups["text"].Value))];

    public void Dispose() => _http.Dispose();

    private async Task<Visitor> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            (Html, Status, Path) = (await answer.Content.ReadAsStringAsync(), answer.StatusCode, answer.RequestMessage!.RequestUri!.PathAndQuery);
            ((int)Status).ShouldBeLessThan(500, Text);
            return this;
        }
    }

    private IEnumerable<PageForm> Forms() => Form().Matches(Body().Match(Html).Value).Select(m => new PageForm(
        Attribute(m.Groups["head"].Value, "action") ?? "", Attribute(m.Groups["head"].Value, "method") == "post", Plain(Button().Matches(m.Value).LastOrDefault()?.Groups["text"].Value ?? ""),
        [.. Input().Matches(m.Value).Select(i => i.Groups["head"].Value).Where(i => Attribute(i, "type") is not ("radio" or "checkbox") || Checked().IsMatch(i))
            .Select(i => (Attribute(i, "name") ?? "", Attribute(i, "value") ?? "")).Where(f => f.Item1.Length > 0),
            .. Choices().Matches(m.Value).Select(s => (Attribute(s.Groups["head"].Value, "name") ?? "", Selected(s.Value)))]));

    // What a browser sends: the option that is selected, else the first.
    private static string Selected(string select)
    {
        var options = Option().Matches(select).Select(o => o.Groups["head"].Value).ToList();
        return Attribute(options.Find(o => o.Contains("selected", StringComparison.Ordinal)) ?? options[0], "value") ?? "";
    }

    private static string? Attribute(string head, string name) => Regex.Match(head, $"\\b{name}=\"([^\"]*)\"", RegexOptions.None, TimeSpan.FromSeconds(1)) is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : null;

    private static string Plain(string html) => Space().Replace(WebUtility.HtmlDecode(Tag().Replace(html, " ")), " ").Trim();

    private sealed record PageForm(string Action, bool Posts, string Button, IReadOnlyList<(string Name, string Value)> Fields);

    [GeneratedRegex("""name="form-token" value="(?<value>[^"]*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();

    [GeneratedRegex("<main.*</main>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Body();

    [GeneratedRegex("<form(?<head>[^>]*)>.*?</form>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Form();

    [GeneratedRegex("<button[^>]*>(?<text>.*?)</button>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Button();

    [GeneratedRegex("<input(?<head>[^>]*)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Input();

    [GeneratedRegex("<select(?<head>[^>]*)>.*?</select>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Choices();

    [GeneratedRegex("<option(?<head>[^>]*)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Option();

    [GeneratedRegex("""<code id="once">(?<value>[^<]*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OnceShown();

    [GeneratedRegex(@"\bchecked\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Checked();

    [GeneratedRegex("<a [^>]*>(?<text>.*?)</a>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Link();

    [GeneratedRegex("<[^>]*>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Space();
}
