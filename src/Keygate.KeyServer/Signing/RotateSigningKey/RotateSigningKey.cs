using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Verification;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>What a rotation asks for.</summary>
public sealed record RotateSigningKeyRequest
{
    /// <summary>The kind of the new key. Ed25519 makes a key for tokens alone, beside the one that signs files.</summary>
    public SigningKeyType Type { get; init; } = SigningKeyType.EcdsaP256;

    /// <summary>Why; it stands in the list of keys.</summary>
    public string? Reason { get; init; }
}

/// <summary>Makes another key the one that signs. The one before is trusted until it is revoked. <b>Not repeatable</b>: each call makes a key.</summary>
internal sealed class RotateSigningKeyHandler(SigningKeyStore store, TrustStore trust, SigningRing ring, IOptions<KeyServerOptions> options, TimeProvider time)
{
    public async Task<Result<SigningKeyView>> HandleAsync(Tx tx, RotateSigningKeyRequest request, string by, CancellationToken cancellation)
    {
        var purpose = request.Type.Algorithm().SignsFiles() ? SigningKeyPurpose.License : SigningKeyPurpose.Token;
        if (purpose == SigningKeyPurpose.License && options.Value.SigningKey is not null)
        {
            return KeyServerErrors.SigningKeyGiven;
        }

        if (request.Reason is not null && Reason.Of(request.Reason) is null)
        {
            return KeyServerErrors.ReasonMissing.At("reason");
        }

        if (!request.Type.Algorithm().IsOffered())
        {
            return KeyServerErrors.SigningKeyTypeNotOffered.At("type");
        }

        var made = ring.Make(request.Type, purpose, by, Reason.Of(request.Reason) ?? "");
        var now = time.GetUtcNow();
        if (await store.FindActiveAsync(tx, purpose, cancellation) is { } before)
        {
            await store.RetireAsync(tx, before.Name, by, now, cancellation);
        }

        if (await store.AddActiveAsync(tx, made, now, cancellation) != 1)
        {
            throw new InvalidOperationException("Another rotation came between.");
        }

        await trust.RingChangedAsync(tx, cancellation);
        return SigningKeyView.Of((await store.FindAsync(tx, made.Name, cancellation))!);
    }
}

internal static class RotateSigningKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/signing-keys/rotate", (
            RotateSigningKeyRequest request, HttpContext http, WriteDoor door, RotateSigningKeyHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, request, (tx, actor) => handler.HandleAsync(tx, request, actor.Name, http.RequestAborted)))
            .WithSummary("Rotate: make another key the one that signs")
            .WithDescription("The key before stays trusted until it is revoked. Ed25519 makes a key for tokens alone.");
}
