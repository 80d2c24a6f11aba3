using System.Net;
using System.Net.Mail;
using System.Text;

namespace Keygate.Notices;

/// <summary>Hands a mail to the mail server.</summary>
internal static class Mailer
{
    private static readonly TimeSpan SendingMax = TimeSpan.FromSeconds(60);

    /// <summary>Why it was not taken; null where it was. A repeat has the same Message-ID, so that a mailbox which got it twice can tell.</summary>
    /// <param name="settings">How mail is sent.</param>
    /// <param name="id">The mail's id, before the @ of its Message-ID.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="text">Subject and body.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task<MailFault?> SendAsync(MailSettings settings, string id, string to, MailText text, CancellationToken cancellation)
    {
        using var client = new SmtpClient(settings.Host, settings.Port) { EnableSsl = settings.StartTls };
        if (settings.Login.Length > 0)
        {
            client.Credentials = new NetworkCredential(settings.Login, settings.Password);
        }

        using var message = new MailMessage(settings.From, to)
        {
            Subject = text.Subject.ReplaceLineEndings(" "), SubjectEncoding = Encoding.UTF8, Body = text.Body, BodyEncoding = Encoding.UTF8, BodyTransferEncoding = System.Net.Mime.TransferEncoding.Base64, HeadersEncoding = Encoding.UTF8,
        };
        message.Headers["Message-ID"] = $"<{id}@{new MailAddress(settings.From).Host}>";
        message.Headers["Auto-Submitted"] = "auto-generated";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(SendingMax);
        try
        {
            await client.SendMailAsync(message, limit.Token);
            return null;
        }
        catch (SmtpException e)
        {
            // A status of 5xx is for good; all else may be otherwise later.
            var words = $"{settings.Host}:{settings.Port} did not take the mail to {to}: {e.GetBaseException().Message}";
            return new MailFault(words, (int)e.StatusCode is >= 500 and < 600);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return new MailFault($"{settings.Host}:{settings.Port} gave no answer to the mail for {to}: {e.GetBaseException().Message}", false);
        }
    }
}

/// <summary>Why a mail was not taken.</summary>
/// <param name="Cause">In a sentence.</param>
/// <param name="ForGood">True where a repeat would be refused as well.</param>
internal sealed record MailFault(string Cause, bool ForGood);
