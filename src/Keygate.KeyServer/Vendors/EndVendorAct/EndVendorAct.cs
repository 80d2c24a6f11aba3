using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>What a vendor is or was asked.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Key">The key's number, without prefix: PURCHASE_ID.</param>
/// <param name="VendorId">Who is asked.</param>
/// <param name="Action">What he is asked.</param>
/// <param name="State">How it stands.</param>
/// <param name="Detail">The vendor's words, or why it waits for a person.</param>
/// <param name="Work">How the asking stands; null once it has been pruned.</param>
/// <param name="Actor">Who wanted it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ChangedAt">When it last moved.</param>
public sealed record VendorActView(
    VendorActId Id, KeyId Key, VendorId VendorId, VendorAction Action, VendorActState State, string Detail, WorkView? Work, string Actor, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt);

/// <summary>What a person says of an act.</summary>
public enum VendorWord
{
    /// <summary>The vendor has done it: here is the license body.</summary>
    Found,

    /// <summary>The vendor has not done it: he is asked again.</summary>
    None,

    /// <summary>What stood in the way is mended: he is asked again, or looked at first.</summary>
    Resubmit,

    /// <summary>It is given up: nothing changes, and an order that came to nothing ends. Not while the vendor may have done it.</summary>
    GiveUp,
}

/// <summary>A person's word on an act.</summary>
/// <param name="Word">The word.</param>
/// <param name="Body">With <see cref="VendorWord.Found"/> the license body in base64; none for a termination.</param>
public sealed record VendorWordRequest(VendorWord Word, byte[]? Body);

/// <summary>Lets a person end or push on what a vendor is asked, where the asking stopped.</summary>
internal sealed class EndVendorActHandler(VendorStore store, VendorAnswers answers, [FromKeyedServices(KeyServerModule.DatabaseKey)] WorkQueue queue)
{
    private const int BodyMax = 256 * 1024;

    public async Task<Result<VendorActView>> HandleAsync(Tx tx, VendorActId id, VendorWordRequest request, CancellationToken cancellation)
    {
        if (await store.FindActAsync(tx, id, cancellation) is not { State: VendorActState.Open, WorkId: { } work } act)
        {
            return KeyServerErrors.VendorActUnknown.Because($"There is no open act {id.Value}.");
        }

        if (request.Word == VendorWord.Found && act.Action != VendorAction.Terminate && request.Body is not { Length: > 0 and <= BodyMax })
        {
            return KeyServerErrors.VendorInvalid.Because("The license body is missing, or larger than 256 KiB.").Mend("Send it in base64.").At("body");
        }

        var done = request.Word switch
        {
            VendorWord.Found => await queue.RecordFoundAsync(tx, work, AskVendor.Found(request.Body), cancellation),
            VendorWord.None => await queue.RecordNoneAsync(tx, work, cancellation),
            VendorWord.Resubmit => await queue.ResubmitAsync(tx, work, cancellation),
            _ => await queue.CancelAsync(tx, work, "It was given up.", cancellation),
        };
        if (done.Error is { } refusal)
        {
            return refusal;
        }

        if (request.Word == VendorWord.GiveUp)
        {
            await answers.RefuseAsync(tx, act, "It was given up.", cancellation);
        }

        return await ViewAsync(tx, (await store.FindActAsync(tx, id, cancellation))!, cancellation);
    }

    public async Task<VendorActView> ViewAsync(Session session, VendorActRow row, CancellationToken cancellation) => new(
        row.Id, row.KeyId, row.VendorId, row.Action, row.State, row.Detail, row.WorkId is { } work ? await queue.FindAsync(session, work, cancellation) : null, row.Actor, row.CreatedAt, row.ChangedAt);
}

internal static class VendorActEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/vendor-acts", (bool? open, int? limit, string? cursor, HttpContext http, VendorDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            database.ReadAsync(s => desk.ActsAsync(s, open == true, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithSummary("List what vendors are asked")
            .WithDescription("The newest first; with open=true only what has no answer. Work says how the asking stands, its last error and the next try.");

        routes.MapPost("/vendor-acts/{id}", (
            VendorActId id, VendorWordRequest request, HttpContext http, WriteDoor door, EndVendorActHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, new { id, request }, (tx, _) => handler.HandleAsync(tx, id, request, http.RequestAborted)))
            .WithSummary("Say what became of a question to a vendor")
            .WithDescription("Found with the license body, None, Resubmit, or GiveUp.");
    }
}
