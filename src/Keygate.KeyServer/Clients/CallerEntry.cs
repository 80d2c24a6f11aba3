using System.Net;
using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>Who is let in at the Partner APIs, whichever of them: credentials, then the address, the login's role and its denied methods, its rate.</summary>
internal sealed class CallerEntry([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, ClientStore clients, ApiPasswords passwords, CallRates rates)
{
    // Asked for with each call, so that what the staff takes from a login is taken at once, whichever process it calls.
    private readonly ReadTogether<string, CallerRow> _callers = new(
        database, async (s, logins, cancellation) => (await clients.CallersAsync(s, logins, cancellation)).ToDictionary(caller => caller.Login, StringComparer.Ordinal));

    /// <summary>The login of these credentials.</summary>
    public async Task<Result<CallerRow>> FindAsync(string login, string password, IPAddress? from, CancellationToken cancellation)
    {
        var caller = await _callers.FindAsync(login, cancellation);
        return !passwords.Fits(password, caller?.Fingerprint) || caller is not { Enabled: true } ? KeyServerErrors.LoginRejected
            : AllowedAddresses.Allow(caller.Addresses, from) ? caller
            : KeyServerErrors.AddressDenied.Because($"The login may not be used from {from}.");
    }

    /// <summary>Why the login may not make a call now; null where it may. Counts the call.</summary>
    /// <param name="caller">The login.</param>
    /// <param name="least">The least role that may make the call: roles are nested, each includes what the later ones may do.</param>
    /// <param name="method">The call's method by its name in Partner API 1.0, by which a login's denied methods are kept.</param>
    public Error? Refusal(CallerRow caller, LoginRole least, string method) =>
        caller.Role > least || IsDenied(caller, method) ? KeyServerErrors.MethodDenied.Because($"The login, of the role {caller.Role}, may not call {method}.")
        : caller.CallsPerMinute is { } max && !rates.Count(caller.LoginId, max) ? KeyServerErrors.RateExceeded
        : null;

    /// <summary>True where the issuer has taken a method from the login.</summary>
    public static bool IsDenied(CallerRow caller, string method) => caller.DeniedMethods.Split(',').Contains(method, StringComparer.Ordinal);
}
