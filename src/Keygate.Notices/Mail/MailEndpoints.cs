using System.Security.Cryptography;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>Who a test mail goes to.</summary>
public sealed record TestMailRequest
{
    /// <summary>The address.</summary>
    public string To { get; init; } = "";
}

/// <summary>What a test mail met.</summary>
/// <param name="Passed">Whether the mail server took it.</param>
/// <param name="Text">What was seen, or the cause of the failure.</param>
public sealed record MailCheck(bool Passed, string Text);

/// <summary>A text that mails are made of.</summary>
/// <param name="Topic">Whom it is for, and the event's topic: <c>customer/license.expired</c>.</param>
/// <param name="Language">en or de.</param>
/// <param name="Subject">The subject, with placeholders.</param>
/// <param name="Body">The body, with placeholders.</param>
public sealed record MailTemplate(string Topic, string Language, string Subject, string Body);

/// <summary>A mail.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Event">The event that it tells of.</param>
/// <param name="Topic">Whom it is for, and the event's topic.</param>
/// <param name="To">The receiver.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Cause">Why the last try failed.</param>
/// <param name="SentAt">When the mail server took it.</param>
/// <param name="CreatedAt">When it was written.</param>
public sealed record Mail(long Id, long Event, string Topic, string To, string Subject, MailState State, int Attempts, string? Cause, DateTimeOffset? SentAt, DateTimeOffset CreatedAt);

/// <summary>How mail is sent, tried, worded and listed.</summary>
public sealed class MailDesk
{
    private readonly Database _database;
    private readonly MailStore _mails;
    private readonly Audit _audit;

    internal MailDesk(Database database, MailStore mails, Audit audit) => (_database, _mails, _audit) = (database, mails, audit);

    /// <summary>The settings without the password; refused where mail is not set up.</summary>
    public async Task<Result<MailSettings>> ShowAsync(Session session, CancellationToken cancellation) =>
        await _mails.SettingsAsync(session, cancellation) is { } settings ? settings with { Password = null } : NoticesErrors.MailOff;

    /// <summary>Sets them, all faults at once; a password that is left out stays.</summary>
    public async Task<Result<MailSettings>> SetAsync(Tx tx, MailSettings settings, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(settings.Faults()) is { } fault)
        {
            return fault;
        }

        await _mails.SetAsync(tx, settings with { Password = settings.Password ?? (await _mails.SettingsAsync(tx, cancellation))?.Password }, cancellation);
        await _audit.AddAsync(tx, actor, "mail.set", "mail", settings.Host, cancellation);
        return await ShowAsync(tx, cancellation);
    }

    /// <summary>No more mail is written.</summary>
    public async Task<Result<Done>> TurnOffAsync(Tx tx, Actor actor, CancellationToken cancellation)
    {
        await _mails.SetAsync(tx, null, cancellation);
        await _audit.AddAsync(tx, actor, "mail.off", "mail", null, cancellation);
        return Done.It;
    }

    /// <summary>Sends a test mail; calls outside, so no transaction may be open.</summary>
    public async Task<Result<MailCheck>> TestAsync(string to, CancellationToken cancellation)
    {
        if (!MailAddresses.IsOne(to))
        {
            return NoticesErrors.MailSettingInvalid.Because($"'{to}' is no mail address.").At("to");
        }

        if (await _database.ReadAsync(s => _mails.SettingsAsync(s, cancellation), cancellation) is not { } settings)
        {
            return NoticesErrors.MailOff;
        }

        var fault = await Mailer.SendAsync(settings, $"test-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}", to, new MailText("Keygate: test", "This mail shows that Keygate's mails arrive here.\n"), cancellation);
        return fault is null ? new MailCheck(true, $"{settings.Host}:{settings.Port} took the mail to {to}.") : new MailCheck(false, fault.Cause);
    }

    /// <summary>The texts of a language.</summary>
    public async Task<Result<Page<MailTemplate>>> TemplatesAsync(Session session, string? language, CancellationToken cancellation)
    {
        var all = new List<MailTemplate>();
        foreach (var (topic, lang) in MailTemplates.Topics.SelectMany(t => MailTemplates.Languages.Where(l => language is null || l == language).Select(l => (t, l))))
        {
            var text = await _mails.TextAsync(session, topic, lang, cancellation);
            all.Add(new MailTemplate(topic, lang, text.Subject, text.Body));
        }

        return new Page<MailTemplate>(all, null);
    }

    /// <summary>Sets a text of the provider's own; null goes back to the built-in one.</summary>
    public async Task<Result<MailTemplate>> WordAsync(Tx tx, string topic, string language, MailText? text, Actor actor, CancellationToken cancellation)
    {
        if (!MailTemplates.Topics.Contains(topic) || !MailTemplates.Languages.Contains(language))
        {
            return NoticesErrors.MailTemplateUnknown.Because($"There is no text {topic} in '{language}'.");
        }

        if (text is not null && (string.IsNullOrWhiteSpace(text.Subject) || text.Subject.Length > 250 || text.Subject.Any(char.IsControl) || string.IsNullOrWhiteSpace(text.Body) || text.Body.Length > 20_000))
        {
            return NoticesErrors.MailTextInvalid.Because("The subject must have 1 to 250 characters on one line, the body 1 to 20,000.");
        }

        await _mails.SetTextAsync(tx, topic, language, text, cancellation);
        await _audit.AddAsync(tx, actor, "mail.worded", $"mail/{topic}/{language}", null, cancellation);
        var now = await _mails.TextAsync(tx, topic, language, cancellation);
        return new MailTemplate(topic, language, now.Subject, now.Body);
    }

    /// <summary>The mails, newest first.</summary>
    public Task<Result<Page<Mail>>> ListAsync(Session session, MailState? state, PageRequest page, CancellationToken cancellation) => page.NewestFirstAsync(
        $"mails {state}", (before, limit) => _mails.ListAsync(session, state, before, limit, cancellation), r => r.Id,
        r => new Mail(r.Id, r.EventNumber, r.Topic, r.ToAddress, r.Subject, Enum.Parse<MailState>(r.State), r.Attempts, r.Cause, r.SentAt, r.CreatedAt));

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/mail", (Database database, MailDesk desk, CancellationToken cancellation) => database.ReadAsync(s => desk.ShowAsync(s, cancellation), cancellation))
            .WithName("ShowMailSettings").WithTags("Notices").WithSummary("How mail is sent; the password is not shown.");
        routes.MapPut("/mail", (MailSettings settings, HttpContext http, WriteDoor door, MailDesk desk) =>
            door.WriteAsync(http, settings, (tx, actor) => desk.SetAsync(tx, settings, actor, http.RequestAborted)))
            .WithName("SetMailSettings").WithTags("Notices").WithSummary("Set how mail is sent, and what.");
        routes.MapDelete("/mail", (HttpContext http, WriteDoor door, MailDesk desk) => door.WriteAsync(http, null, (tx, actor) => desk.TurnOffAsync(tx, actor, http.RequestAborted)))
            .WithName("TurnMailOff").WithTags("Notices").WithSummary("Write no more mail.");
        // Not through the door that writes: it calls outside, where no transaction may be open.
        routes.MapPost("/mail/test", (TestMailRequest request, MailDesk desk, CancellationToken cancellation) => desk.TestAsync(request.To, cancellation))
            .WithName("TestMail").WithTags("Notices").WithSummary("Send a test mail and say what the mail server answers.");
        routes.MapGet("/mail/templates", (string? language, Database database, MailDesk desk, CancellationToken cancellation) =>
            database.ReadAsync(s => desk.TemplatesAsync(s, language, cancellation), cancellation))
            .WithName("ListMailTemplates").WithTags("Notices").WithSummary("The texts that mails are made of.");
        routes.MapPut("/mail/templates/{audience}/{topic}/{language}", (string audience, string topic, string language, MailText text, HttpContext http, WriteDoor door, MailDesk desk) =>
            door.WriteAsync(http, text, (tx, actor) => desk.WordAsync(tx, $"{audience}/{topic}", language, text, actor, http.RequestAborted)))
            .WithName("SetMailTemplate").WithTags("Notices").WithSummary("Word a mail; placeholders are the event's members in double braces.");
        routes.MapDelete("/mail/templates/{audience}/{topic}/{language}", (string audience, string topic, string language, HttpContext http, WriteDoor door, MailDesk desk) =>
            door.WriteAsync(http, null, (tx, actor) => desk.WordAsync(tx, $"{audience}/{topic}", language, null, actor, http.RequestAborted)))
            .WithName("ResetMailTemplate").WithTags("Notices").WithSummary("Go back to the built-in text.");
        routes.MapGet("/mails", (MailState? state, int? limit, string? cursor, Database database, MailDesk desk, CancellationToken cancellation) =>
            database.ReadAsync(s => desk.ListAsync(s, state, PageRequest.Of(limit, cursor), cancellation), cancellation))
            .WithName("ListMails").WithTags("Notices").WithSummary("Mails, newest first.");
    }
}
