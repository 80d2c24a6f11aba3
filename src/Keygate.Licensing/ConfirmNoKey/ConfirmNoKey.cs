using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>
/// Confirmed, there is none: the request got no answer, and a person made sure at the issuer that it made no key. It is asked for again, with
/// the same trace. Cannot be taken back: where a key was made after all, there are two.
/// </summary>
public sealed class ConfirmNoKey
{
    private readonly BeginByHand _byHand;
    private readonly LicenseStore _store;
    private readonly LicenseProvisioning _provisioning;
    private readonly Audit _audit;

    internal ConfirmNoKey(BeginByHand byHand, LicenseStore store, LicenseProvisioning provisioning, Audit audit) =>
        (_byHand, _store, _provisioning, _audit) = (byHand, store, provisioning, audit);

    /// <summary>Records it; refused where no answer is missing.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, Actor actor, CancellationToken cancellation)
    {
        if (!(await _byHand.FindAsync(tx, id, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        await _store.NoteAsync(tx, license, actor, "Confirmed by a person: the request made no key at the issuer", cancellation);
        await _audit.AddAsync(tx, actor, "license.no-key-confirmed", id.Subject, "", cancellation);
        return (await _provisioning.RecordKeyAsync(tx, id, null, cancellation)).Map(_ => new LicenseAccepted(id, LicenseOperation.Issue));
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/confirm-no-key",
        (LicenseId id, HttpContext http, WriteDoor door, ConfirmNoKey handler) =>
            door.WriteAsync(http, null, (tx, actor) => handler.HandleAsync(tx, id, actor, http.RequestAborted)))
        .WithName("ConfirmNoKey").WithTags("Licenses").WithSummary("Confirmed, there is none: a request without an answer made no key.");
}
