using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>Sends a key's file by mail, to an address that was named or to the owner's. Each call sends a mail.</summary>
internal sealed class SendKeyHandler(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyAccess access, ClientStore clients, RetrieveKeyHandler retrieve, KeyMailer mailer)
{
    /// <summary>The address that the mail went to.</summary>
    public async Task<Result<string>> HandleAsync(KeyName name, string? email, bool zip, KeyCaller caller, CancellationToken cancellation)
    {
        if (email is not null && !ClientRules.IsEmail(email))
        {
            return KeyServerErrors.EmailMalformed;
        }

        // The file may be asked for when it has run out: the owner sees by it which key it is.
        if (!(await retrieve.HandleAsync(name, SignedForm.File, evenExpired: true, caller, cancellation)).TryGet(out var file, out var refusal))
        {
            return refusal;
        }

        var to = email ?? await database.ReadAsync(async s =>
            (await access.FindAsync(s, name, caller, cancellation)).TryGet(out var key, out _) ? (await clients.FindAsync(s, key.ClientId, cancellation))?.Email : null, cancellation);
        if (string.IsNullOrEmpty(to))
        {
            return KeyServerErrors.EmailMalformed.Because("The owner has no email address.").Mend("Name the address to send to.");
        }

        return (await mailer.SendAsync(to, file, zip, cancellation)).Map(_ => to);
    }
}
