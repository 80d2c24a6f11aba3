using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>A signing key as it is shown; never its private part.</summary>
public sealed record SigningKeyView
{
    /// <summary>The id that licenses carry.</summary>
    public required string Name { get; init; }

    /// <summary>What it signs.</summary>
    public required SigningKeyPurpose Purpose { get; init; }

    /// <summary>What it signs with.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Whether it signs, or what becomes of what it signed.</summary>
    public required SigningKeyState State { get; init; }

    /// <summary>Where its private part is.</summary>
    public required SigningKeyOrigin Origin { get; init; }

    /// <summary>SHA-256 of its certificate.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The name that tokens know it by (RFC 7638).</summary>
    public required string Thumbprint { get; init; }

    /// <summary>When it was made, or first given.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was revoked; null while it is not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Why it was made or revoked; may be empty.</summary>
    public required string Reason { get; init; }

    /// <summary>Who changed it last.</summary>
    public required string ChangedBy { get; init; }

    internal static SigningKeyView Of(SigningKeyRow row)
    {
        var certificate = SigningRing.CertificateOf(row.Certificate);
        return new SigningKeyView
        {
            Name = row.Name, Purpose = row.Purpose, Algorithm = row.Algorithm, State = row.State, Origin = row.Origin, Fingerprint = certificate.Fingerprint,
            Thumbprint = certificate.KeyThumbprint, CreatedAt = row.CreatedAt, RevokedAt = row.RevokedAt, Reason = row.Reason, ChangedBy = row.ChangedBy,
        };
    }
}

/// <summary>What a client needs to reach the Partner APIs.</summary>
/// <param name="Url">The public address.</param>
/// <param name="Certificate">The certificate of the listener, as PEM: pin it.</param>
public sealed record PartnerDoorView(Uri Url, string Certificate);

internal static class ListSigningKeysEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/signing-keys", async Task<Result<Page<SigningKeyView>>> (HttpContext http, SigningRing ring) =>
            new Page<SigningKeyView>([.. (await ring.ListAsync(http.RequestAborted)).Select(SigningKeyView.Of)], null))
            .WithSummary("List the keys that sign licenses, and the root key");

        routes.MapGet("/trust", async (HttpContext http, SigningRing ring) =>
            Results.Text((await ring.TrustAsync(http.RequestAborted)).ToPem(), "application/x-pem-file"))
            .WithSummary("The trust bundle: certificates that license files are verified with, as PEM");

        routes.MapGet("/root", async (HttpContext http, SigningRing ring) =>
            Results.Text(Verification.TrustBundle.Of([(await ring.RootAsync(http.RequestAborted)).Certificate]).ToPem(), "application/x-pem-file"))
            .WithSummary("The root certificate, which products pin, as PEM");

        routes.MapGet("/certificate", async (HttpContext http, PartnerTlsCertificate certificate) =>
            Results.Text(await certificate.ToPemAsync(http.RequestAborted), "application/x-pem-file"))
            .WithSummary("The certificate of the Partner API listener, as PEM");

        routes.MapGet("/door", async Task<Result<PartnerDoorView>> (HttpContext http, PartnerTlsCertificate certificate, IOptions<KeyServerOptions> options) =>
            new PartnerDoorView(options.Value.PublicUrl, await certificate.ToPemAsync(http.RequestAborted)))
            .WithSummary("Where the Partner APIs are, and the certificate to pin");
    }
}
