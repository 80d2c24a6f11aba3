using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Notices;

/// <summary>How far a mail has come. Stored.</summary>
public enum MailState
{
    /// <summary>It is to be sent, or sent again. Ended by the mail server's word, or after two days.</summary>
    Waiting,

    /// <summary>The mail server has taken it. Final.</summary>
    Sent,

    /// <summary>The mail server refuses it, or did not take it for two days: needs attention. Ended by a resubmission.</summary>
    Stopped,
}

/// <summary>Sends one mail, again and again until the mail server has it.</summary>
internal sealed class SendMail(SendMailStep step) : Process
{
    public const string KindName = "notices.mail";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [step];

    public static StartWork Start(long mail) => new(KindName, FormattableString.Invariant($"mail/{mail}"), Json.Write(new MailPayload(mail)));
}

/// <param name="Mail">The mail.</param>
internal sealed record MailPayload(long Mail);

/// <summary>The act. A mail whose answer was lost is sent again under the same Message-ID: twice is better than never.</summary>
internal sealed class SendMailStep(Database database, MailStore mails, NoticesOptions options, TimeProvider time) : OutsideStep
{
    public override string Name => "send";

    public override ActKind Act => ActKind.Repeatable;

    public override Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) =>
        Task.FromResult<Asking?>(new Asking { Lane = "mail", Request = work.Payload });

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        var (row, settings) = await database.ReadAsync(
            async s => (await mails.FindAsync(s, intent.Read<MailPayload>().Mail, cancellation), await mails.SettingsAsync(s, cancellation)), cancellation);
        return Answer.Done(row is null or { State: nameof(MailState.Sent) } ? new Tried(null, true)
            : settings is null ? new Tried(new MailFault("Mail is no longer set up.", false), false)
            : new Tried(await Mailer.SendAsync(settings, FormattableString.Invariant($"event-{row.EventNumber}.{row.Id}"), row.ToAddress, new MailText(row.Subject, row.Body), cancellation), false));
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var (id, tried) = (intent.Read<MailPayload>().Mail, answer.Read<Tried>());
        if (tried.Gone || await mails.FindAsync(tx, id, cancellation) is not { } row)
        {
            return Move.Finish;
        }

        if (tried.Fault is not { } fault)
        {
            await mails.SentAsync(tx, id, cancellation);
            return Move.Finish;
        }

        // A resubmission has its attempts anew.
        var attempt = row.Generation == work.Generation ? row.Attempts + 1 : 1;
        var stops = fault.ForGood || attempt > options.MailRetries.Count;
        await mails.FailedAsync(tx, id, attempt, work.Generation, fault.Cause, stops ? MailState.Stopped : MailState.Waiting, cancellation);
        return stops ? Move.Stop(NoticesErrors.MailNotTaken.Because(fault.Cause)) : Move.Sleep(time.GetUtcNow() + options.MailRetries[attempt - 1], fault.Cause);
    }

    /// <param name="Fault">Why it was not taken; null where it was.</param>
    /// <param name="Gone">True where there was nothing to send any more.</param>
    internal sealed record Tried(MailFault? Fault, bool Gone);
}
