using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Issue License: asks the issuer for the key of a request.</summary>
public sealed class IssueLicense
{
    private readonly BeginByHand _byHand;

    internal IssueLicense(BeginByHand byHand) => _byHand = byHand;

    /// <summary>Begins it; the work runs after the commit. Refused where the move table does not allow it.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (!(await _byHand.FindAsync(tx, id, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        return await _byHand.StartAsync(tx, license, LicenseOperation.Issue, Until.Issued, actor, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/issue",
        (LicenseId id, HttpContext http, WriteDoor door, IssueLicense handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("IssueLicense").WithTags("Licenses").WithSummary("Issue License: ask the issuer for the key.");
}
