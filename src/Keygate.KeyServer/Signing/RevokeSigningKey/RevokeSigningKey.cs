using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>What a revocation of a signing key says.</summary>
public sealed record RevokeSigningKeyRequest
{
    /// <summary>Why; it stands in the list of keys.</summary>
    public string? Reason { get; init; }

    /// <summary>True to revoke although live licenses are still signed by it: products refuse those until they fetch again.</summary>
    public bool LeaveBehind { get; init; }
}

/// <summary>
/// Revokes a key that signs no more: products refuse what it signed as soon as they see the next trust bundle, or the next status list. For good. May be
/// repeated.
/// </summary>
internal sealed class RevokeSigningKeyHandler(SigningKeyStore store, SignedFormStore forms, TrustStore trust, TimeProvider time)
{
    public async Task<Result<SigningKeyView>> HandleAsync(Tx tx, string name, RevokeSigningKeyRequest request, string by, CancellationToken cancellation)
    {
        if (Reason.Of(request.Reason) is not { } reason)
        {
            return KeyServerErrors.ReasonMissing.At("reason");
        }

        var key = await store.HoldAsync(tx, name, cancellation);
        if (key is null)
        {
            return KeyServerErrors.SigningKeyUnknown.Because($"There is no signing key {name}.");
        }

        if (key.Purpose == SigningKeyPurpose.Root)
        {
            return KeyServerErrors.SigningKeyIsRoot.Because($"{name} is a root key.");
        }

        var now = time.GetUtcNow();
        if (key is { State: SigningKeyState.Active, Purpose: SigningKeyPurpose.Token })
        {
            // Files' key signs tokens again.
            await store.RetireAsync(tx, name, by, now, cancellation);
        }
        else if (key.State == SigningKeyState.Active)
        {
            return KeyServerErrors.SigningKeyActive.Because($"{name} still signs.");
        }
        else if (key.State == SigningKeyState.Revoked)
        {
            return SigningKeyView.Of(key);
        }

        if (!request.LeaveBehind && await forms.CountSignedByAsync(tx, name, time.Utc(), cancellation) is > 0 and var left)
        {
            return KeyServerErrors.SigningKeyInUse.Because($"{(left > SignedFormStore.CountMax ? $"More than {SignedFormStore.CountMax}" : left)} live licenses are signed by {name}.");
        }

        await store.RevokeAsync(tx, name, reason, by, now, cancellation);
        await trust.RingChangedAsync(tx, cancellation);
        return SigningKeyView.Of((await store.FindAsync(tx, name, cancellation))!);
    }
}

internal static class RevokeSigningKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/signing-keys/{name}/revoke", (
            string name, RevokeSigningKeyRequest request, HttpContext http, WriteDoor door, RevokeSigningKeyHandler handler,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, request, (tx, actor) => handler.HandleAsync(tx, name, request, actor.Name, http.RequestAborted)))
            .WithSummary("Revoke a signing key")
            .WithDescription("For good. Refused while live licenses are signed by it, unless leaveBehind is true.");
}
