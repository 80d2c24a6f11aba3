using System.Security.Cryptography;
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

/// <summary>What a rotation of the root asks for.</summary>
public sealed record RotateRootRequest
{
    /// <summary>The certificate (PEM) of the next root, which the settings will name later; null to make a key here and use it at once.</summary>
    public string? Certificate { get; init; }

    /// <summary>Why; it stands in the list of keys.</summary>
    public string? Reason { get; init; }
}

/// <summary>A rotation of the root.</summary>
/// <param name="From">SHA-256 of the certificate of the root that vouches for the next one.</param>
/// <param name="To">SHA-256 of the next root's certificate.</param>
/// <param name="Signs">True where the next root signs now; false where it does as soon as the settings name it.</param>
public sealed record RootRotationView(string From, string To, bool Signs);

/// <summary>A rotation whose words are signed and not kept yet.</summary>
internal sealed record PreparedRootRotation(string From, TrustedCertificate FromCertificate, TrustedCertificate To, SigningKeyRow? Made, string Content, string Reason);

/// <summary>
/// Makes another key the root: the present one signs that the other follows it, so that products learn it which pinned the present one (ADR 0046).
/// <b>Not repeatable</b> where it makes a key.
/// </summary>
internal sealed class RotateRootHandler(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, SigningKeyStore store, TrustStore trust, SigningRing ring, IOptions<KeyServerOptions> options, TimeProvider time)
{
    /// <summary>Judges the request and has the present root sign. Before the transaction: the root may lie behind a socket.</summary>
    public async Task<Result<PreparedRootRotation>> PrepareAsync(RotateRootRequest request, CancellationToken cancellation)
    {
        if (request.Reason is not null && Reason.Of(request.Reason) is null)
        {
            return KeyServerErrors.ReasonMissing.At("reason");
        }

        if (request.Certificate is null && options.Value.RootKey is not null)
        {
            return KeyServerErrors.RootKeyGiven;
        }

        var root = await ring.RootAsync(cancellation);
        var reason = Reason.Of(request.Reason) ?? "";
        var made = request.Certificate is null ? ring.Make(SigningKeyType.EcdsaP256, SigningKeyPurpose.Root, "", reason) : null;
        if (!TrustBundle.TryParse(made?.Certificate ?? request.Certificate!, out var next, out var broken) || next.Certificates.Count != 1 || !next.Certificates[0].Algorithm.SignsFiles())
        {
            return KeyServerErrors.NextRootInvalid.Because(broken is { Length: > 0 } ? broken : "It is not one certificate with an ECDSA P-256 or RSA key.").At("certificate");
        }

        var to = next.Certificates[0];
        var known = (await database.ReadAsync(s => store.ListAsync(s, cancellation), cancellation)).Find(k => SigningRing.CertificateOf(k.Certificate).KeyThumbprint == to.KeyThumbprint);
        if (known is not null)
        {
            return KeyServerErrors.NextRootInvalid.Because($"Its key is {known.Name}, which is or was in use as {known.Purpose}.").Mend("Give a key that has never signed anything here.").At("certificate");
        }

        try
        {
            var content = await root.SignRootAsync(new RootContents { IssuedAt = time.GetUtcNow(), Id = made?.Name, Next = to }, cancellation);
            return new PreparedRootRotation(root.KeyId, root.Certificate, to, made, content, reason);
        }
        catch (Exception e) when (e is SignerException or CryptographicException)
        {
            return KeyServerErrors.SignerUnavailable.Because(e.Message);
        }
    }

    /// <summary>Keeps what the present root has signed, and puts a key that was made here in its place.</summary>
    public async Task<Result<RootRotationView>> HandleAsync(Tx tx, PreparedRootRotation prepared, string by, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if ((await store.HoldAsync(tx, prepared.From, cancellation))?.State != SigningKeyState.Active)
        {
            return KeyServerErrors.RootChanged.Because($"{prepared.From} is no longer the root.");
        }

        await trust.AddSuccessionAsync(tx, prepared.FromCertificate.KeyThumbprint, prepared.To.KeyThumbprint, prepared.Content, prepared.Reason, by, now, cancellation);
        if (prepared.Made is { } made)
        {
            await store.ReplaceActiveAsync(tx, prepared.From, made, trust, by, now, cancellation);
        }

        return new RootRotationView(prepared.FromCertificate.Fingerprint, prepared.To.Fingerprint, Signs: prepared.Made is not null);
    }
}

internal static class RotateRootEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/signing-keys/rotate-root", (
            RotateRootRequest request, HttpContext http, WriteDoor door, SigningDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            desk.RotateRootAsync(request, act => door.WriteAsync(database, http, request, act), http.RequestAborted))
            .WithSummary("Rotate the root: make another key the one that products pin")
            .WithDescription("The present root signs that the other follows it; products that pinned it learn the other from /.well-known/keygate/roots.json. With a certificate the other one signs as soon as the settings name it.");
}
