using System.Security.Cryptography;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Notices;

/// <summary>That a link is on its way.</summary>
/// <param name="To">The address that it goes to.</param>
public sealed record LinkMailed(string To);

/// <summary>
/// Mails somebody a link by which they choose a password. The link is made when the mail is sent and lies nowhere but in it, so that neither the queue nor the list of mails holds a secret; each repeat makes another.
/// </summary>
public sealed class MailLink
{
    private readonly MailStore _mails;
    private readonly PasswordLinks _links;
    private readonly ProviderProfiles _profiles;
    private readonly WorkQueue _queue;
    private readonly Audit _audit;

    internal MailLink(MailStore mails, PasswordLinks links, ProviderProfiles profiles, WorkQueue queue, Audit audit) => (_mails, _links, _profiles, _queue, _audit) = (mails, links, profiles, queue, audit);

    /// <summary>Invites a person whom the staff knows; refused where they have no address, where nobody has said who runs this Keygate, and where mail is not set up.</summary>
    public async Task<Result<LinkMailed>> InviteAsync(Tx tx, LinkPerson person, int id, Actor actor, CancellationToken cancellation)
    {
        if (await _links.AddressOfAsync(tx, person, id, cancellation) is not { } to)
        {
            return (person == LinkPerson.Staff ? AccountsErrors.StaffUnknown : AccountsErrors.CustomerUnknown).Because($"There is nobody under the number {id} with a mail address.").Mend("Add a mail address first.");
        }

        if (await _mails.SettingsAsync(tx, cancellation) is null)
        {
            return NoticesErrors.MailOff;
        }

        if (await _profiles.FindAsync(tx, cancellation) is null)
        {
            return AccountsErrors.ProviderUnnamed.Because("The link would lead nowhere: nobody has said yet under which host name people reach Keygate.");
        }

        await _queue.StartAsync(tx, SendLink.Start(person, id, true), cancellation);
        await _audit.AddAsync(tx, actor, "password-link.sent", person == LinkPerson.Staff ? $"staff/{id}" : $"customer/{id}", null, cancellation);
        return new LinkMailed(to);
    }

    /// <summary>Somebody who is not signed in forgot the password. Whether there is such a login is told to nobody: the answer is the same, and so is the time it takes.</summary>
    public async Task<Result<Done>> ForgottenAsync(Tx tx, LinkPerson person, string login, CancellationToken cancellation)
    {
        if (await _mails.SettingsAsync(tx, cancellation) is null || await _profiles.FindAsync(tx, cancellation) is null)
        {
            return NoticesErrors.MailOff.Mend("Ask the provider for another password.");
        }

        await _queue.StartAsync(tx, SendLink.Forgotten(person, login), cancellation);
        return Done.It;
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/staff/{id}/password-link", (StaffId id, HttpContext http, WriteDoor door, MailLink handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.InviteAsync(tx, LinkPerson.Staff, id.Value, actor, http.RequestAborted)))
            .WithName("MailStaffLink").WithTags("Staff").WithSummary("Mail a member a link to choose a password.").WithMetadata(RequireAdministrator.It);
        routes.MapPost("/customers/{id}/password-link", (AccountId id, HttpContext http, WriteDoor door, MailLink handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.InviteAsync(tx, LinkPerson.Customer, id.Value, actor, http.RequestAborted)))
            .WithName("MailCustomerLink").WithTags("Customers").WithSummary("Invite a customer to the portal: mail a link to choose a password.");
    }
}

/// <summary>Sends one link, again until the mail server has it.</summary>
internal sealed class SendLink(SendLinkStep step) : Process
{
    public const string KindName = "notices.password-link";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [step];

    public static StartWork Start(LinkPerson person, int id, bool invited) =>
        new(KindName, FormattableString.Invariant($"{(person == LinkPerson.Staff ? "staff" : "customer")}/{id}"), Json.Write(new LinkPayload(person, id, null, invited)));

    public static StartWork Forgotten(LinkPerson person, string login) => new(KindName, "sign-in/forgotten", Json.Write(new LinkPayload(person, null, login, false)));
}

/// <param name="Person">What sort of person.</param>
/// <param name="Id">Their number; null where only the login is known.</param>
/// <param name="Login">What they sign in with, as it was typed.</param>
/// <param name="Invited">True where the staff asked for it.</param>
internal sealed record LinkPayload(LinkPerson Person, int? Id, string? Login, bool Invited);

/// <summary>The act. A link whose mail was lost works with nobody, and ends by itself.</summary>
internal sealed class SendLinkStep(Database database, MailStore mails, PasswordLinks links, ProviderProfiles profiles, TimeProvider time) : OutsideStep
{
    // Whoever types somebody else's login shall not fill that mailbox.
    private const int AskedMax = 5;

    private static readonly TimeSpan AskedWithin = TimeSpan.FromHours(1);

    private static readonly TimeSpan TryFor = TimeSpan.FromHours(4), SoonFor = TimeSpan.FromMinutes(5), Soon = TimeSpan.FromMinutes(1), Later = TimeSpan.FromMinutes(15);

    public override string Name => "send";

    public override ActKind Act => ActKind.Repeatable;

    public override Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) =>
        Task.FromResult<Asking?>(new Asking { Lane = "mail", Request = work.Payload });

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        var payload = intent.Read<LinkPayload>();
        var (to, settings, profile) = await database.ReadAsync(async s => (await ToAsync(s, payload, cancellation), await mails.SettingsAsync(s, cancellation), await profiles.FindAsync(s, cancellation)), cancellation);
        if (to is not { } receiver || settings is null || profile is null
            || (!payload.Invited && await database.ReadAsync(s => links.CountSinceAsync(s, payload.Person, receiver.Id, time.GetUtcNow() - AskedWithin, cancellation), cancellation) >= AskedMax))
        {
            // Nobody to write to, or nothing to write with: whoever typed a login learns neither.
            return Answer.Done(new MailTried(null));
        }

        var secret = await database.WriteAsync(tx => links.MakeAsync(tx, payload.Person, receiver.Id, cancellation), cancellation);
        var text = LinkTexts.Of(payload, settings.Language, profile, secret);
        return Answer.Done(new MailTried(await Mailer.SendAsync(settings, $"link-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}", receiver.Email, text, cancellation)));
    }

    public override Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        if (answer.Read<MailTried>().Fault is not { } fault)
        {
            return Task.FromResult(Move.Finish);
        }

        // Whoever waits for a link asks again after some hours: a mail that comes later helps nobody.
        var (now, age) = (time.GetUtcNow(), time.GetUtcNow() - work.StepBegunAt);
        return Task.FromResult(fault.ForGood || age > TryFor ? Move.Stop(NoticesErrors.MailNotTaken.Because(fault.Cause)) : Move.Sleep(now + (age < SoonFor ? Soon : Later), fault.Cause));
    }

    private async Task<(int Id, string Email)?> ToAsync(Session session, LinkPayload payload, CancellationToken cancellation) => payload.Id is { } id
        ? await links.AddressOfAsync(session, payload.Person, id, cancellation) is { } email ? (id, email) : null
        : await links.FindByLoginAsync(session, payload.Person, payload.Login!, cancellation);

    /// <param name="Fault">Why it was not taken; null where it was, or where there was nobody to write to.</param>
    internal sealed record MailTried(MailFault? Fault);
}

/// <summary>What the mails with links say.</summary>
internal static class LinkTexts
{
    public static MailText Of(LinkPayload payload, string language, ProviderProfile profile, Secret secret)
    {
        var local = profile.HostName.Split(':')[0] is "localhost" or "127.0.0.1";
        var link = $"{(local ? "http" : "https")}://{profile.HostName}/{(payload.Person == LinkPerson.Staff ? "admin" : "my")}/password?key={secret.Reveal}";
        return (language, payload.Invited) switch
        {
            ("de", true) => new MailText($"Ihr Zugang bei {profile.Name}", $"{profile.Name} hat einen Zugang für Sie angelegt. Wählen Sie hier Ihr Passwort:\n\n{link}\n\nDer Link gilt einen Tag und funktioniert einmal.\n"),
            ("de", false) => new MailText($"Neues Passwort bei {profile.Name}", $"Hier wählen Sie ein neues Passwort:\n\n{link}\n\nDer Link gilt einen Tag und funktioniert einmal. Haben Sie nicht darum gebeten, tun Sie nichts: Ihr Passwort bleibt.\n"),
            (_, true) => new MailText($"Your access to {profile.Name}", $"{profile.Name} has made an account for you. Choose your password here:\n\n{link}\n\nThe link works once and for a day.\n"),
            _ => new MailText($"A new password for {profile.Name}", $"Choose a new password here:\n\n{link}\n\nThe link works once and for a day. If you did not ask for it, do nothing: your password stays.\n"),
        };
    }
}
