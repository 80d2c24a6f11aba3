using System.Diagnostics.CodeAnalysis;
using System.Text;
using Keygate.Accounts;
using Keygate.Kernel;
using Microsoft.AspNetCore.Http;

namespace Keygate.Api.Billing;

/// <summary>
/// Tells who calls: the login in the call itself, then HTTP Basic, then an address that needs none. The password is that of a member of the staff, or one of their API tokens,
/// which is cheap to check.
/// </summary>
internal sealed class BillingCallers(PasswordCheck passwords, TokenCheck tokens, BillingOptions options)
{
    public async Task<Result<SignedIn>> FindAsync(HttpContext http, BillingRequest request, CancellationToken cancellation)
    {
        if (request.Username is { } login)
        {
            return await CheckAsync(login, request.Password, cancellation);
        }

        if (http.Request.Headers.Authorization.ToString() is { Length: > 0 } authorization)
        {
            return TryBasic(authorization, out login, out var password) ? await CheckAsync(login, password, cancellation)
                : authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? await tokens.CheckAsync(authorization, cancellation)
                : ApiErrors.BillingCredentialsMissing.Because("The header Authorization is neither Basic nor Bearer.");
        }

        var from = http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : http.Connection.RemoteIpAddress;
        return from is not null && options.Allowed.Any(network => network.Contains(from))
            ? new SignedIn(new Actor(ActorKind.System, null, $"Billing API from {from}"), StaffRole.Operator)
            : ApiErrors.BillingCredentialsMissing.Because($"The call from {from} carries no login.");
    }

    private async Task<Result<SignedIn>> CheckAsync(string login, string password, CancellationToken cancellation) =>
        password.StartsWith(PasswordCheck.TokenPrefix, StringComparison.Ordinal) ? await tokens.CheckAsync($"Bearer {password}", cancellation) : await passwords.CheckAsync(login, password, cancellation);

    private static bool TryBasic(string authorization, [NotNullWhen(true)] out string? login, [NotNullWhen(true)] out string? password)
    {
        (login, password) = (null, null);
        const string scheme = "Basic ";
        var bytes = new byte[authorization.Length];
        if (!authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(authorization[scheme.Length..].Trim(), bytes, out var length))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1)
        {
            return false;
        }

        (login, password) = (text[..colon], text[(colon + 1)..]);
        return true;
    }
}
