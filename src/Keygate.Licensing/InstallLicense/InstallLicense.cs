using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Install: has the installer put the file into the subscription.</summary>
public sealed class InstallLicense
{
    private readonly BeginByHand _byHand;

    internal InstallLicense(BeginByHand byHand) => _byHand = byHand;

    /// <summary>Begins it; the work runs after the commit. Refused where the move table does not allow it.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (!(await _byHand.FindAsync(tx, id, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        if (license.InstallerId is null)
        {
            return LicensingErrors.InstallerMissing.Because($"License {id} has no installer: neither its request nor the plan of a subscription named one.");
        }

        return await _byHand.StartAsync(tx, license, LicenseOperation.Install, Until.Installed, actor, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/install",
        (LicenseId id, HttpContext http, WriteDoor door, InstallLicense handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("InstallLicense").WithTags("Licenses").WithSummary("Install: have the installer put the file into the subscription.");
}
