using System.Net;
using System.Net.Sockets;
using System.Text;
using Keygate.Installers;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Keygate.Webhooks;
using Keygate.Tests.Issuers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Installers.Webhook;

public sealed class WebhookInstallerTests
{
    private const string First = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    private const string Second = "whsec_GBkaGxwdHh8gISIjJCUmJygpKissLS4v";

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Posts_the_files_signed_with_both_secrets()
    {
        await using var receiver = await WebhookReceiver.StartAsync();

        var answer = await Installer(receiver.Url, ("secondSecret", Second)).InstallAsync(Request(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Done);
        var place = receiver.Url.Split('?')[0];
        answer.Value!.Places.ShouldBe([$"{place}: node4/PLSK.00041207.xml", $"{place}: node4/KAV.00041208.xml"]);
        var call = receiver.Calls.ShouldHaveSingleItem();
        var headers = call.Headers.Where(h => h.Key != "host").OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {h.Value}");
        Approve.That($"{call.Line}\n{string.Join('\n', headers)}\n\n{call.Text}\n", "WebhookWire");
    }

    [Fact]
    public async Task A_repeat_carries_the_same_id_and_body_with_a_new_time_and_signature()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var installer = Installer(receiver.Url);
        receiver.Answers(503);
        (await installer.InstallAsync(Request(), _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
        _time.Advance(TimeSpan.FromSeconds(10));
        receiver.Answers(200);

        (await installer.InstallAsync(Request(), _cancellation)).Outcome.ShouldBe(Outcome.Done);

        var (first, again) = (receiver.Calls.First(), receiver.Calls.Last());
        again.Headers["webhook-id"].ShouldBe("02a4c19be770");
        again.Headers["webhook-id"].ShouldBe(first.Headers["webhook-id"]);
        again.Text.ShouldBe(first.Text);
        (long.Parse(again.Headers["webhook-timestamp"]) - long.Parse(first.Headers["webhook-timestamp"])).ShouldBe(10);
        again.Headers["webhook-signature"].ShouldNotBe(first.Headers["webhook-signature"]);
        receiver.Calls.Count.ShouldBe(2);
    }

    /// <summary>The examples of the specification.</summary>
    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121, "{\"event_type\":\"ping\",\"data\":{\"success\":true}}", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=")]
    public void Signs_as_the_specification_does(string key, string id, long timestamp, string body, string signature) =>
        new WebhookSecret(Convert.FromBase64String(key)).Sign(id, timestamp, Encoding.UTF8.GetBytes(body)).ShouldBe(signature);

    [Theory]
    [InlineData(200, Outcome.Done, false)]
    [InlineData(202, Outcome.Done, false)]
    [InlineData(302, Outcome.Refused, false)]
    [InlineData(400, Outcome.Refused, false)]
    [InlineData(401, Outcome.Refused, true)]
    [InlineData(404, Outcome.Refused, false)]
    [InlineData(408, Outcome.Unknown, false)]
    [InlineData(410, Outcome.Refused, true)]
    [InlineData(422, Outcome.Refused, false)]
    [InlineData(425, Outcome.Unknown, false)]
    [InlineData(429, Outcome.Unknown, false)]
    [InlineData(500, Outcome.Unknown, false)]
    [InlineData(503, Outcome.Unknown, false)]
    public async Task Reads_the_receivers_status(int status, Outcome outcome, bool pauses)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answers(status, status >= 400 ? "Instance node4 is locked.\nAt line 7" : "");

        var answer = await Installer(receiver.Url).InstallAsync(Request(), _cancellation);

        (answer.Outcome, answer.PausesPlugin).ShouldBe((outcome, pauses));
        if (status >= 300)
        {
            answer.Reason!.Code.ShouldBe($"{status}");
            answer.Reason.Cause.ShouldStartWith($"{receiver.Url.Split('?')[0]} answered {status}");
            answer.Reason.Cause.EndsWith(": Instance node4 is locked.", StringComparison.Ordinal).ShouldBe(status >= 400);
            answer.Reason.Cause.ShouldNotContain("tenant");
            answer.Reason.Remedy.ShouldNotBeEmpty();
        }

        receiver.Calls.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("{\"title\":\"Locked\",\"detail\":\"Instance node4 is locked.\"}", "application/problem+json", ": Instance node4 is locked.")]
    [InlineData("not json", "application/problem+json", ".")]
    [InlineData("<html>PHNlY3JldC8+</html>", "text/html", ".")]
    [InlineData("{\"echo\":\"PHNlY3JldC8+\"}", "application/json", ".")]
    public async Task Shows_the_receivers_words_and_no_body_that_may_repeat_what_was_sent(string body, string type, string end)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answers(422, body, type);

        var reason = (await Installer(receiver.Url).InstallAsync(Request(), _cancellation)).Reason!;

        reason.Cause.ShouldEndWith(end);
        reason.Cause.ShouldNotContain("PHNlY3JldC8");
    }

    [Fact]
    public async Task Follows_no_redirect()
    {
        await using var elsewhere = await WebhookReceiver.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = http =>
        {
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = elsewhere.Url;
            return Task.CompletedTask;
        };

        var answer = await Installer(receiver.Url).InstallAsync(Request(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Refused);
        answer.Reason!.Remedy.ShouldContain("Redirects are not followed");
        elsewhere.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_was_done_where_nobody_listens()
    {
        var answer = await Installer($"http://127.0.0.1:{FreePort.Take()}/").InstallAsync(Request(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldContain("cannot be reached");
    }

    [Fact]
    public async Task It_is_unknown_whether_it_was_installed_when_the_connection_breaks_after_sending()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = http =>
        {
            http.Abort();
            return Task.CompletedTask;
        };

        var answer = await Installer(receiver.Url).InstallAsync(Request(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Unknown);
        receiver.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task It_is_unknown_whether_it_was_installed_when_no_answer_comes_in_time()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var over = new TaskCompletionSource();
        receiver.Answer = _ => over.Task;

        var answer = await Installer(receiver.Url, ("answerWithinSeconds", "1")).InstallAsync(Request(), _cancellation);

        over.SetResult();
        answer.Outcome.ShouldBe(Outcome.Unknown);
        answer.Reason!.Cause.ShouldContain("gave no answer in time (1 s");
    }

    [Fact]
    public async Task Nothing_was_done_where_the_time_is_over_before_anything_was_sent()
    {
        // It takes the connection and never speaks TLS.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var answer = await Installer($"https://localhost:{((IPEndPoint)silent.LocalEndpoint).Port}/", ("answerWithinSeconds", "1")).InstallAsync(Request(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldContain("There was no connection");
    }

    [Fact]
    public async Task Speaks_to_the_pinned_certificate_alone()
    {
        using var certificate = PartnerServer.NewCertificate();
        using var other = PartnerServer.NewCertificate();
        await using var receiver = await WebhookReceiver.StartAsync(certificate);

        (await Installer(receiver.Url, ("certificate", certificate.ExportCertificatePem())).InstallAsync(Request(), _cancellation)).Outcome.ShouldBe(Outcome.Done);
        var wrong = await Installer(receiver.Url, ("certificate", other.ExportCertificatePem())).InstallAsync(Request(), _cancellation);
        var unknown = await Installer(receiver.Url).InstallAsync(Request(), _cancellation);

        (wrong.Outcome, unknown.Outcome).ShouldBe((Outcome.NotDone, Outcome.NotDone));
        wrong.Reason!.Cause.ShouldContain("is not the pinned one");
        unknown.Reason!.Cause.ShouldContain("comes from no authority that this system trusts");
        receiver.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_check_is_signed_and_says_that_nothing_is_to_be_done()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var installer = Installer(receiver.Url);

        (await installer.CheckAsync(_cancellation)).Value!.Facts.ShouldBe($"{receiver.Url.Split('?')[0]} answers 204 to a signed check.");
        receiver.Answers(401, "The signature does not fit.");
        var refused = await installer.CheckAsync(_cancellation);

        var call = receiver.Calls.First();
        call.Text.ShouldBe("""{"type":"keygate.check","data":{}}""");
        call.Headers["webhook-id"].ShouldBe("check-1769947200000");
        call.Headers["webhook-signature"].ShouldStartWith("v1,");
        refused.Outcome.ShouldBe(Outcome.Refused);
        refused.Reason!.Cause.ShouldContain("401 Unauthorized: The signature does not fit.");
    }

    [Theory]
    [InlineData("https://panel.example.net/keygate", "false", "")]
    [InlineData("https://10.0.0.7/keygate", "false", "")]
    [InlineData("http://127.0.0.1:8080/", "false", "")]
    [InlineData("http://[::1]:8080/", "false", "")]
    [InlineData("http://panel.example.net/", "true", "")]
    [InlineData("http://panel.example.net/", "false", "is another machine: use https")]
    [InlineData("http://10.0.0.7/", "false", "is another machine: use https")]
    [InlineData("https://user:secret@panel.example.net/", "false", "no login, password or #")]
    [InlineData("ftp://panel.example.net/", "false", "must be like https://")]
    [InlineData("panel.example.net", "false", "must be like https://")]
    public void Judges_the_url(string url, string plainHttp, string why)
    {
        var faults = new WebhookFactory().Faults(Settings(url, ("plainHttp", plainHttp)));

        faults.Count.ShouldBe(why.Length == 0 ? 0 : 1);
        faults.ShouldAllBe(f => f.Setting == "url" && f.Text.Contains(why) && !f.Text.Contains("user:secret"));
    }

    [Fact]
    public void Names_every_secret_and_certificate_that_cannot_be_used_without_repeating_them()
    {
        var faults = new WebhookFactory().Faults(Settings(
            "https://panel.example.net/", ("secret", "hunter2hunter2hunter2hunter2"), ("secondSecret", "whsec_c2hvcnQ="), ("certificate", "nonsense")));

        faults.Select(f => f.Setting).ShouldBe(["secret", "secondSecret", "certificate"]);
        faults.ShouldAllBe(f => !f.Text.Contains("hunter2") && !f.Text.Contains("c2hvcnQ"));
        WebhookSecret.Read(First)!.ToString().ShouldBe("***");
    }

    internal static InstallRequest Request() => new()
    {
        LicenseId = 17, SubscriptionId = 12, Target = "node4", Token = "02a4c19be770",
        Files = [new RetrievedFile("PLSK.00041207.0000", "<secret/>"u8.ToArray(), "xml"), new RetrievedFile("KAV.00041208.0000", "add-on"u8.ToArray(), "xml")],
    };

    private IInstaller Installer(string url, params (string Name, string Value)[] settings)
    {
        var all = Settings(url, settings);
        new WebhookFactory().Faults(all).ShouldBeEmpty();
        return (IInstaller)new WebhookFactory().Create(new PluginContext(all, NullLogger.Instance, _time));
    }

    private static Dictionary<string, string> Settings(string url, params (string Name, string Value)[] settings)
    {
        var all = new WebhookFactory().Manifest.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        (all["url"], all["secret"]) = (url, First);
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return all;
    }
}
