using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>A signing key as it is shown; never its private part.</summary>
/// <param name="Name">The id that license files carry.</param>
/// <param name="Algorithm">What it signs with.</param>
/// <param name="State">Whether it signs new files.</param>
/// <param name="Fingerprint">SHA-256 of its certificate.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record SigningKeyView(string Name, string Algorithm, SigningKeyState State, string Fingerprint, DateTimeOffset CreatedAt);

/// <summary>What a client needs to reach the Partner APIs.</summary>
/// <param name="Url">The public address.</param>
/// <param name="Certificate">The certificate of the listener, as PEM: pin it.</param>
public sealed record PartnerDoorView(Uri Url, string Certificate);

internal static class ListSigningKeysEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/signing-keys", async Task<Result<Page<SigningKeyView>>> (HttpContext http, SigningRing ring) =>
            new Page<SigningKeyView>(
                [.. (await ring.ListAsync(http.RequestAborted)).Select(row => new SigningKeyView(
                    row.Name, row.Algorithm, row.State, Verification.TrustBundle.Parse(row.Certificate).Certificates[0].Fingerprint, row.CreatedAt))], null))
            .WithSummary("List the keys that sign license files");

        routes.MapGet("/trust", async (HttpContext http, SigningRing ring) =>
            Results.Text((await ring.TrustAsync(http.RequestAborted)).ToPem(), "application/x-pem-file"))
            .WithSummary("The trust bundle: certificates that license files are verified with, as PEM");

        routes.MapGet("/certificate", async (HttpContext http, PartnerTlsCertificate certificate) =>
            Results.Text(await certificate.ToPemAsync(http.RequestAborted), "application/x-pem-file"))
            .WithSummary("The certificate of the Partner API listener, as PEM");

        routes.MapGet("/door", async Task<Result<PartnerDoorView>> (HttpContext http, PartnerTlsCertificate certificate, IOptions<KeyServerOptions> options) =>
            new PartnerDoorView(options.Value.PublicUrl, await certificate.ToPemAsync(http.RequestAborted)))
            .WithSummary("Where the Partner APIs are, and the certificate to pin");
    }
}
