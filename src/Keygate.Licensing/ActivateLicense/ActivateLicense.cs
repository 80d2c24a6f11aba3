using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>
/// Activate: gives what the class demands (a hardware id, an instance) and activates the key with it. Data given before the key exists are kept
/// and used as soon as it does.
/// </summary>
public sealed class ActivateLicense
{
    private readonly BeginByHand _byHand;
    private readonly LicenseStore _store;
    private readonly LicenseProvisioning _provisioning;
    private readonly TimeProvider _time;

    internal ActivateLicense(BeginByHand byHand, LicenseStore store, LicenseProvisioning provisioning, TimeProvider time) =>
        (_byHand, _store, _provisioning, _time) = (byHand, store, provisioning, time);

    /// <summary>Stores the data and begins the activation; refused where the class demands none or other data.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, ActivationInput input, Actor actor, CancellationToken cancellation)
    {
        if (!(await _byHand.FindAsync(tx, id, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        if (Fault(license, input) is { } fault)
        {
            return fault;
        }

        var state = license.StateAt(_time.GetUtcNow());
        if (state != LicenseState.Pending && LicenseMoves.Refusal(id, state, LicenseOperation.Activate) is { } refusal)
        {
            return refusal;
        }

        await _store.GiveActivationAsync(tx, license, input.HardwareId, input.Instance, actor, cancellation);

        // Woken even where the license was read as Pending: its key may have come meanwhile and the process may wait for these data already.
        var accepted = await _provisioning.WakeAsync(tx, id, cancellation);
        return accepted || state == LicenseState.Pending
            ? new LicenseAccepted(id, LicenseOperation.Activate)
            : await _byHand.StartAsync(tx, license, LicenseOperation.Activate, Until.Activated, actor, cancellation);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/activate",
        (LicenseId id, ActivationInput input, HttpContext http, WriteDoor door, ActivateLicense handler) =>
            door.WriteAsync(http, input, (tx, actor) => handler.HandleAsync(tx, id, input, actor, http.RequestAborted)))
        .WithName("ActivateLicense").WithTags("Licenses").WithSummary("Activate: give what the class demands and activate the key.");

    private static Error? Fault(License license, ActivationInput input) => license.Activation switch
    {
        Catalog.Activation.None => LicensingErrors.ActivationNotDemanded.Because($"{license.ClassName} demands no activation."),
        Catalog.Activation.HardwareId when string.IsNullOrWhiteSpace(input.HardwareId) =>
            LicensingErrors.ActivationDataMissing.Because($"{license.ClassName} is activated by hardware id.").At("hardwareId"),
        Catalog.Activation.Instance when string.IsNullOrWhiteSpace(input.Instance) =>
            LicensingErrors.ActivationDataMissing.Because($"{license.ClassName} is activated by application instance.").At("instance"),
        _ => null,
    };
}
