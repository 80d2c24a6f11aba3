using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Retrieve: fetches the license file of an issued key.</summary>
public sealed class RetrieveLicense
{
    private readonly BeginByHand _byHand;

    internal RetrieveLicense(BeginByHand byHand) => _byHand = byHand;

    /// <summary>Begins it; the work runs after the commit. Refused where the move table does not allow it.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (!(await _byHand.FindAsync(tx, id, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        if (license.NeedsActivation && license.IssuedAt is not null)
        {
            return LicensingErrors.ActivationMissing.Because($"{license.ClassName} must be activated by {license.Activation} before its file can be fetched.");
        }

        return await _byHand.StartAsync(tx, license, LicenseOperation.Retrieve, Until.Retrieved, actor, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/retrieve",
        (LicenseId id, HttpContext http, WriteDoor door, RetrieveLicense handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("RetrieveLicense").WithTags("Licenses").WithSummary("Retrieve: fetch the license file.");
}
