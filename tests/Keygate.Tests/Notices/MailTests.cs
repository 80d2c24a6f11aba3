using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Notices;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer.PartnerApi10.Conformance;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Notices;

/// <summary>Mails over a socket to a program that speaks SMTP.</summary>
public sealed class MailTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task Customers_and_operator_get_their_mails_once_in_their_language(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        using var smtp = SmtpStandIn.Start();
        await SetUpAsync(at, smtp);
        var german = (int)(await at.House.PostAsync("customers", new JsonObject
        {
            ["name"] = "Müller & Söhne", ["email"] = "buero@mueller.example", ["contact"] = new JsonObject { ["country"] = "DE" },
        }))["id"]!;
        var plan = await at.House.PlanAsync();
        await at.House.PlaceAsync(plan);
        await at.House.PlaceAsync(plan, o => o["customerId"] = german);
        await at.TellAsync("license.renewed", "license/1");
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);
        await SentAsync(at, 2);
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);

        var mails = smtp.Mails.Select(Decoded).OrderBy(m => m, StringComparer.Ordinal).ToList();
        mails.Count.ShouldBe(2);
        mails.ShouldContain(m => m.Contains("To: office@northwind.example", StringComparison.Ordinal) && m.Contains("Dear Northwind Traders", StringComparison.Ordinal)
            && m.Contains("your order 1 for subscription 1 comes to 18.90 EUR.", StringComparison.Ordinal) && m.Contains("Subject: Order 1: 18.90 EUR to pay", StringComparison.Ordinal));
        mails.ShouldContain(m => m.Contains("To: buero@mueller.example", StringComparison.Ordinal) && m.Contains("Guten Tag Müller & Söhne", StringComparison.Ordinal)
            && m.Contains("Bestellung 2", StringComparison.Ordinal) && m.Contains("From: keygate@provider.example", StringComparison.Ordinal));
        mails.Select(m => m.Split('\n').Single(l => l.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase))).Distinct().Count().ShouldBe(2);

        // A text of one's own, and one for the operator.
        await at.House.PutAsync("mail/templates/operator/order.failed/en", new JsonObject { ["subject"] = "Look at {{id}}", ["body"] = "{{why}} {{nothing}}!" });
        await at.House.Database.WriteAsync(async tx =>
        {
            await at.House.Get<Outbox>().AddAsync(tx, "order.failed", "order/7", "{\"id\":7,\"why\":\"The issuer refused.\"}", _cancellation);
            return 0;
        }, _cancellation);
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);
        await SentAsync(at, 3);
        var last = Decoded(smtp.Mails.Last());
        last.ShouldContain("To: duty@provider.example");
        last.ShouldContain("Subject: Look at 7");
        last.ShouldContain("The issuer refused. !");
        (await at.House.AttentionCountAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task A_mail_server_that_is_away_gets_the_mail_later_and_a_refused_address_needs_a_person(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        using var smtp = SmtpStandIn.Start();
        await SetUpAsync(at, smtp, port: FreePort.Take());
        await at.House.PlaceAsync(await at.House.PlanAsync());
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);
        var waiting = await UntilAsync(at, m => (int)m["attempts"]! == 1);
        ((string)waiting["state"]!, (string)waiting["to"]!).ShouldBe(("Waiting", "office@northwind.example"));
        waiting["cause"]!.ToString().ShouldContain("did not take the mail");

        await SetUpAsync(at, smtp);
        await at.House.AfterAsync(TimeSpan.FromMinutes(1));
        await SentAsync(at, 1);
        smtp.Mails.Count.ShouldBe(1);

        var refused = (int)(await at.House.PostAsync("customers", new JsonObject { ["name"] = "Nobody", ["email"] = "nobody@refused.example" }))["id"]!;
        await at.House.PlaceAsync(1, o => o["customerId"] = refused);
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);
        await UntilAsync(at, m => (string)m["state"]! == "Stopped");
        var item = (await at.House.GetAsync("attention"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)item["code"]!).ShouldBe("notices.mail-not-taken");
        item["cause"]!.ToString().ShouldContain("nobody@refused.example");
        smtp.Mails.Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Is_set_up_tested_and_turned_off_and_its_password_never_shown(Engine engine)
    {
        await using var at = await NoticesHouse.StartAsync(engine);
        using var smtp = SmtpStandIn.Start();
        ((string)(await at.House.RefusedAsync("mail/test", new JsonObject { ["to"] = "a@b.example" }, HttpStatusCode.NotFound))["code"]!).ShouldBe("notices.mail-off");
        await SetUpAsync(at, smtp, password: "s3cret-of-mail");

        (await at.House.GetAsync("mail")).ToJsonString().ShouldNotContain("s3cret-of-mail");
        (await at.House.Database.ReadAsync(s => s.GetAsync<string>("select password from mail_settings", null, _cancellation), _cancellation)).ShouldNotContain("s3cret-of-mail");
        ((bool)(await at.House.PostAsync("mail/test", new JsonObject { ["to"] = "a@b.example" }))["passed"]!).ShouldBeTrue();
        var failed = await at.House.PostAsync("mail/test", new JsonObject { ["to"] = "x@refused.example" });
        ((bool)failed["passed"]!).ShouldBeFalse();
        ((string)failed["text"]!).ShouldContain("no such mailbox");
        var templates = (await at.House.GetAsync("mail/templates?language=de"))["items"]!.AsArray();
        templates.Count.ShouldBe(MailTemplates.Topics.Count);

        await at.House.DeleteAsync("mail");
        await at.House.PlaceAsync(await at.House.PlanAsync());
        await at.House.Get<NewsForwarder>().ForwardAsync(_cancellation);
        (await at.House.CountAsync("mails")).ShouldBe(0);
        (await at.House.CountAsync("events")).ShouldBe(2);
    }

    [Fact]
    public void Faults_of_settings_come_all_at_once() =>
        new MailSettings { Host = "", Port = 0, From = "x", Operator = "a@b, c@d", Language = "fr", Topics = ["customer/none"] }.Faults().Select(f => f.Field)
            .ShouldBe(["host", "port", "from", "operator", "language", "topics"]);

    [Fact]
    public void Password_and_mails_cross_no_network_in_clear() =>
        new MailSettings { Host = "mail.example", StartTls = false, From = "a@b.example" }.Faults().ShouldHaveSingleItem().Field.ShouldBe("startTls");

    [Fact]
    public void Every_text_stands_in_both_languages() =>
        MailTemplates.Topics.ShouldAllBe(t => MailTemplates.Of(t, "de").Subject.Length > 0 && MailTemplates.Of(t, "en").Body.Length > 0);

    private static Task SetUpAsync(NoticesHouse at, SmtpStandIn smtp, int? port = null, string? password = null) => at.House.PutAsync("mail", new JsonObject
    {
        ["host"] = "127.0.0.1", ["port"] = port ?? smtp.Url.Port, ["startTls"] = false, ["from"] = "keygate@provider.example", ["operator"] = "duty@provider.example", ["password"] = password,
        ["topics"] = new JsonArray("customer/order.awaiting-payment", "operator/order.failed"),
    });

    private static async Task SentAsync(NoticesHouse at, int count)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await at.House.GetAsync("mails?state=Sent"))["items"]!.AsArray().Count < count)
        {
            over.IsCancellationRequested.ShouldBeFalse((await at.House.GetAsync("mails")).ToJsonString());
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static async Task<JsonNode> UntilAsync(NoticesHouse at, Func<JsonNode, bool> fits)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var all = await at.House.GetAsync("mails");
            if (all["items"]!.AsArray().FirstOrDefault(m => fits(m!)) is { } found)
            {
                return found;
            }

            over.IsCancellationRequested.ShouldBeFalse(all.ToJsonString());
            await Task.Delay(20, CancellationToken.None);
        }
    }

    // Head with its encoded words, and the body, as a reader sees them.
    private static string Decoded(string mail)
    {
        var parts = mail.Split("\n\n", 2);
        var head = System.Text.RegularExpressions.Regex.Replace(
            parts[0].Replace("\n ", "", StringComparison.Ordinal), @"=\?utf-8\?B\?([^?]*)\?=", m => Encoding.UTF8.GetString(Convert.FromBase64String(m.Groups[1].Value)),
            System.Text.RegularExpressions.RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));
        var body = head.Contains("base64", StringComparison.OrdinalIgnoreCase)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(parts[1].Replace("\n", "", StringComparison.Ordinal)))
            : parts[1].Replace("=\n", "", StringComparison.Ordinal);
        return $"{head}\n\n{body}";
    }
}
