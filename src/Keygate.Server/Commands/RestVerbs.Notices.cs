using System.CommandLine;
using System.Text.Json.Nodes;

namespace Keygate.Server;

/// <summary>The verbs of what the world outside is told.</summary>
internal static partial class RestVerbs
{
    private static Command Webhooks()
    {
        var id = Id("The webhook's number.");
        var name = new Option<string>("--name") { Description = "Its name.", Required = true };
        var url = new Option<string>("--url") { Description = "Where to post, such as https://panel.example.net/keygate.", Required = true };
        var topics = Many("--topic", "What it wants to hear of: license.installed, license.*, or * for all. May be repeated; all where none is named.");
        var secret = Text("--secret-file", "A file with the secret that signs (whsec_...); Keygate makes one where none is named.");
        var certificate = Text("--certificate", "A PEM file with the receiver's certificate or that of its authority.");
        var plain = new Option<bool>("--plain-http") { Description = "Allows http to another machine." };
        var change = Input("The change as a JSON file; its form stands in the API's documentation (ChangeWebhook).");
        var after = new Option<long?>("--after") { Description = "The number of the last event that is not to be sent again; 0 for all that are kept." };
        var since = Text("--since", "The time from which on events are sent again, such as 2026-02-03T10:00:00Z.");
        var add = Verb("add", "Adds a webhook; shows its secret once.", [name, url, topics, secret, certificate, plain], p => RestCall.Post("webhooks", new JsonObject
        {
            ["name"] = p.GetValue(name), ["url"] = p.GetValue(url), ["topics"] = Array(p.GetValue(topics)), ["secret"] = TextOf(p.GetValue(secret)),
            ["certificate"] = TextOf(p.GetValue(certificate)), ["plainHttp"] = p.GetValue(plain) ? true : null,
        }.WithoutNulls()));
        return Group("webhook", "Webhooks: programs of yours that are told what happens.", add,
            List("list", "Lists the webhooks.", "webhooks", [], _ => [], "id", "name", "url", "state", "behind", "failingSince", "cause"),
            Verb("show", "Shows a webhook.", [id], p => RestCall.Get($"webhooks/{p.GetValue(id)}")),
            Verb("change", "Changes a webhook to what a file says.", [id, change], p => RestCall.Send(HttpMethod.Patch, $"webhooks/{p.GetValue(id)}", Bytes(p.GetValue(change)!))),
            Verb("test", "Sends a signed check to the receiver.", [id], p => RestCall.Post($"webhooks/{p.GetValue(id)}/test"), refusal: answer => (bool?)answer?["passed"] == false
                ? ServerErrors.WebhookTestFailed.Because((string?)answer["text"] ?? "").Mend((string?)answer["remedy"] ?? "See the webhook's settings.")
                : null),
            Verb("failures", "Lists deliveries that failed, newest first.", [id], p => RestCall.Get($"webhooks/{p.GetValue(id)}/failures"), columns: ["event", "topic", "attempt", "at", "status", "cause", "setAside"]),
            Verb("replay", "Sends events again, from behind a number or from a time.", [id, after, since], p => RestCall.Post(
                $"webhooks/{p.GetValue(id)}/replay", new JsonObject { ["after"] = p.GetValue(after), ["since"] = p.GetValue(since) }.WithoutNulls())),
            Reasoned("pause", "Pauses a webhook: what happens waits for it.", "webhooks", id),
            Verb("resume", "Resumes a webhook, and tries at once.", [id], p => RestCall.Post($"webhooks/{p.GetValue(id)}/resume")),
            Verb("remove", "Removes a webhook.", [id], p => new RestCall(HttpMethod.Delete, $"webhooks/{p.GetValue(id)}")));
    }

    private static Command Events()
    {
        var after = new Option<long?>("--after") { Description = "Only those behind this number." };
        var topic = Text("--topic", "Only those of this topic.");
        var subject = Text("--subject", "Only those about this, such as license/17.");
        return Group("event", "What happened, as webhooks are told.", List("list", "Lists events, oldest first.", "events", [after, topic, subject],
            p => [("after", p.GetValue(after)), ("topic", p.GetValue(topic)), ("subject", p.GetValue(subject))], "number", "at", "topic", "subject"));
    }

    private static Command Mails()
    {
        var settings = Input("The settings as a JSON file; its form stands in the API's documentation (SetMailSettings).");
        var to = new Argument<string>("to") { Description = "Who it goes to." };
        var topic = new Argument<string>("topic") { Description = "Which text, such as customer/license.expired." };
        var language = new Argument<string>("language") { Description = "en or de." };
        var text = Input("Subject and body as a JSON file.");
        var state = Text("--state", "Only mails that are Waiting, Sent or Stopped.");
        var ofLanguage = Text("--language", "Only those of this language.");
        return Group("mail", "Mails to customers and to yourself.",
            Verb("settings", "Shows how mail is sent.", [], _ => RestCall.Get("mail")),
            Verb("set", "Sets how mail is sent, and what.", [settings], p => RestCall.Send(HttpMethod.Put, "mail", Bytes(p.GetValue(settings)!))),
            Verb("off", "Writes no more mail.", [], _ => new RestCall(HttpMethod.Delete, "mail")),
            Verb("test", "Sends a test mail.", [to], p => RestCall.Post("mail/test", new JsonObject { ["to"] = p.GetValue(to) }), refusal: answer => (bool?)answer?["passed"] == false
                ? ServerErrors.MailTestFailed.Because((string?)answer["text"] ?? "")
                : null),
            Verb("templates", "Lists the texts that mails are made of.", [ofLanguage], p => RestCall.Get("mail/templates", ("language", p.GetValue(ofLanguage))), columns: ["topic", "language", "subject"]),
            Verb("word", "Words a mail yourself.", [topic, language, text], p => RestCall.Send(HttpMethod.Put, $"mail/templates/{p.GetValue(topic)}/{p.GetValue(language)}", Bytes(p.GetValue(text)!))),
            Verb("unword", "Goes back to the built-in text.", [topic, language], p => new RestCall(HttpMethod.Delete, $"mail/templates/{p.GetValue(topic)}/{p.GetValue(language)}")),
            List("list", "Lists mails, newest first.", "mails", [state], p => [("state", p.GetValue(state))], "id", "topic", "to", "subject", "state", "attempts", "cause"));
    }

    private static string? TextOf(string? file) => file is null ? null : System.IO.File.ReadAllText(file).Trim();
}
