using System.IO.Compression;
using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>
/// Sends license files by SMTP, while the caller waits: who asked learns whether the mail server has taken the mail. Sending twice does no harm beyond a second mail.
/// </summary>
internal sealed class KeyMailer(IOptions<KeyServerOptions> options, ILogger<KeyMailer> log)
{
    private static readonly TimeSpan SendingMax = TimeSpan.FromSeconds(30);

    public async Task<Result<Done>> SendAsync(string to, MadeFile file, bool zip, CancellationToken cancellation)
    {
        Tx.AssertNone();
        var (server, from) = (options.Value.Smtp, options.Value.MailFrom);
        if (server is null || string.IsNullOrEmpty(from))
        {
            return KeyServerErrors.MailOff;
        }

        // Credentials and files do not go over a network in clear.
        using var client = new SmtpClient(server.Host, server.IsDefaultPort || server.Port < 0 ? 25 : server.Port) { EnableSsl = !server.IsLoopback };
        if (server.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password])
        {
            client.Credentials = new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        }

        using var message = new MailMessage(from, to)
        {
            Subject = $"License key {file.Number}", Body = $"The license key {file.Number} is attached. Install the file in your product.",
        };
        using var content = new MemoryStream(zip ? Zipped(file) : file.Content);
        message.Attachments.Add(new Attachment(content, zip ? $"{file.Number}.zip" : NameOf(file), zip ? MediaTypeNames.Application.Zip : MediaTypeNames.Application.Octet));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(SendingMax);
        try
        {
            await client.SendMailAsync(message, deadline.Token);
            return Done.It;
        }
        catch (Exception e) when (e is SmtpException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            log.LogError(e, "The mail with {Key} was not taken by {Host}", file.Number, server.Host);
            return KeyServerErrors.MailNotSent.Because("The mail server did not take the mail.");
        }
    }

    private static string NameOf(MadeFile file) => $"{file.Number}.{file.Extension}";

    private static byte[] Zipped(MadeFile file)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry(NameOf(file)).Open();
            entry.Write(file.Content);
        }

        return memory.ToArray();
    }
}
