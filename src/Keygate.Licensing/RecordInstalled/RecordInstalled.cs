using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Who installed a license or handed it over, when and where.</summary>
public sealed record RecordInstalledRequest
{
    /// <summary>Who did it; null for whoever records it.</summary>
    public string? Who { get; init; }

    /// <summary>When; null for now. Not before the request and not ahead.</summary>
    public DateTimeOffset? When { get; init; }

    /// <summary>Where it is: a machine, an instance, the person it was given to. 1 to 500 characters.</summary>
    public required string Where { get; init; }
}

/// <summary>
/// Record as installed or handed over: Installed by a person's word, shown as not verified. There is no way back. The base license takes its
/// ordered additional ones along; an order that waits goes on.
/// </summary>
public sealed class RecordInstalled
{
    private const int TextMax = 500;
    private readonly LicenseStore _store;
    private readonly LicenseSteps _steps;
    private readonly LicenseProvisioning _provisioning;
    private readonly WorkQueue _work;
    private readonly Audit _audit;

    internal RecordInstalled(LicenseStore store, LicenseSteps steps, LicenseProvisioning provisioning, WorkQueue work, Audit audit) =>
        (_store, _steps, _provisioning, _work, _audit) = (store, steps, provisioning, work, audit);

    /// <summary>Writes it down. Refused where there is no file yet, and while the work on the license is under way.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, RecordInstalledRequest request, Actor actor, CancellationToken cancellation)
    {
        if (await _store.FindAsync(tx, id, cancellation) is not { } found)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var now = _steps.Time.GetUtcNow();
        await _store.LockAsync(tx, found.Leader, cancellation);
        var license = await _store.LockAsync(tx, id, cancellation);
        if (Error.Of(Faults(request, license, now)) is { } fault)
        {
            return fault;
        }

        if (LicenseMoves.Refusal(id, license.StateAt(now), LicenseOperation.RecordInstalled) is { } refusal)
        {
            return refusal;
        }

        var open = (await _work.ViewAsync(tx, [license.Leader.Subject], cancellation)).FirstOrDefault(v => v.IsOpen && v.Kind == ProvisionLicense.KindName);
        if (open is { IsStopped: false })
        {
            return LicensingErrors.UnderWay.Because($"License {id} is being worked on: step {open.Step}, attempt {open.Attempt}.");
        }

        var who = request.Who ?? actor.Name;
        foreach (var member in license.Leader == id ? await _steps.FamilyAsync(tx, license, cancellation) : [license])
        {
            if (!LicenseMoves.May(member.StateAt(now), LicenseOperation.RecordInstalled))
            {
                continue;
            }

            var moved = await _store.MoveAsync(
                tx, member, member with { InstalledAt = request.When ?? now, InstalledPlaces = Json.Write(new[] { request.Where }), InstalledByHand = who },
                LicenseOperation.RecordInstalled, MoveOutcome.Done, actor, $"Recorded as installed or handed over by {who}, not verified: {request.Where}", cancellation);
            await _steps.TellAsync(tx, moved, "license.installed", cancellation);
        }

        await _audit.AddAsync(tx, actor, "license.installed-by-hand", license.Id.Subject, $"{who}: {request.Where}", cancellation);

        // What had stopped finds nothing left to do and ends, and with it what waits for it.
        return open is not null && license.Leader == id && !(await _provisioning.StartAsync(tx, id, Until.Installed, null, cancellation)).TryGet(out _, out var error)
            ? error
            : new LicenseAccepted(id, LicenseOperation.RecordInstalled);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/record-installed",
        (LicenseId id, RecordInstalledRequest request, HttpContext http, WriteDoor door, RecordInstalled handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
        .WithName("RecordInstalled").WithTags("Licenses").WithSummary("Record as installed or handed over, by a person's word. There is no way back.");

    private static List<Error> Faults(RecordInstalledRequest request, License license, DateTimeOffset now)
    {
        var faults = new List<Error>();
        if (string.IsNullOrWhiteSpace(request.Where) || request.Where.Length > TextMax)
        {
            faults.Add(LicensingErrors.RecordUnfit.Because($"Where it is must be told in 1 to {TextMax} characters.").At("where"));
        }

        if (request.Who is { } who && (string.IsNullOrWhiteSpace(who) || who.Length > TextMax))
        {
            faults.Add(LicensingErrors.RecordUnfit.Because($"Who did it must be told in 1 to {TextMax} characters, or left out.").At("who"));
        }

        if (request.When is { } when && (when > now || when < license.RequestedAt))
        {
            faults.Add(LicensingErrors.RecordUnfit.Because($"{when:u} is not between the request, {license.RequestedAt:u}, and now, {now:u}.").At("when"));
        }

        return faults;
    }
}
