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
    /// <summary>Judges the request and makes the key. Before the transaction: an RSA key may take seconds, for which no database waits.</summary>
    public Result<SigningKeyRow> Prepare(RotateSigningKeyRequest request)
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

        return ring.Make(request.Type, purpose, "", Reason.Of(request.Reason) ?? "");
    }

    /// <summary>Puts a prepared key in the place of the one that signs.</summary>
    public async Task<Result<SigningKeyView>> HandleAsync(Tx tx, SigningKeyRow prepared, string by, CancellationToken cancellation)
    {
        var before = await store.FindActiveAsync(tx, prepared.Purpose, cancellation);
        await store.ReplaceActiveAsync(tx, before?.Name, prepared, trust, by, time.GetUtcNow(), cancellation);
        return SigningKeyView.Of((await store.FindAsync(tx, prepared.Name, cancellation))!);
    }
}

internal static class RotateSigningKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/signing-keys/rotate", (
            RotateSigningKeyRequest request, HttpContext http, WriteDoor door, SigningDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            desk.RotateAsync(request, act => door.WriteAsync(database, http, request, act), http.RequestAborted))
            .WithSummary("Rotate: make another key the one that signs")
            .WithDescription("The key before stays trusted until it is revoked. Ed25519 makes a key for tokens alone.");
}
