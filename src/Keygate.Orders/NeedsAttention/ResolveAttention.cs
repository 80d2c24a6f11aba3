using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>It was taken on.</summary>
/// <param name="Id">What needed attention.</param>
/// <param name="Action">What was done about it.</param>
public sealed record AttentionAccepted(long Id, string Action);

/// <summary>
/// The acts on what needs attention: resubmit, which goes on where it stopped and never repeats an act that happened; approve, which lets it pass
/// the spending guard once; cancel, which gives it up.
/// </summary>
public sealed class ResolveAttention
{
    private readonly WorkQueue _work;
    private readonly AttentionReader _reader;
    private readonly ResubmitOrder _resubmit;
    private readonly LicenseProvisioning _provisioning;
    private readonly Audit _audit;

    internal ResolveAttention(WorkQueue work, AttentionReader reader, ResubmitOrder resubmit, LicenseProvisioning provisioning, Audit audit) =>
        (_work, _reader, _resubmit, _provisioning, _audit) = (work, reader, resubmit, provisioning, audit);

    /// <summary>Goes on where it stopped; where an order fails by it, that order is resubmitted.</summary>
    public Task<Result<AttentionAccepted>> ResubmitAsync(Tx tx, long id, Actor actor, CancellationToken cancellation) =>
        OnAsync(tx, id, "resubmit", actor, async work =>
        {
            if (await _reader.OrderOfAsync(tx, work, cancellation) is { } order)
            {
                return (await _resubmit.HandleAsync(tx, order, actor, cancellation)).Map(_ => Done.It);
            }

            return work.IsStopped && AttentionReader.IsProvisioning(work) && AttentionReader.LicenseOf(work) is { } license
                ? await _provisioning.StartAsync(tx, license, Until.Installed, null, cancellation)
                : await _work.ResubmitAsync(tx, id, cancellation);
        }, cancellation);

    /// <summary>Lets it pass the spending guard once.</summary>
    public Task<Result<AttentionAccepted>> ApproveAsync(Tx tx, long id, Actor actor, CancellationToken cancellation) =>
        OnAsync(tx, id, "approve", actor, _ => _work.ApproveAsync(tx, id, cancellation), cancellation);

    /// <summary>Gives it up; refused where an order needs it, also while it only waits, and while it is unknown whether an act happened.</summary>
    public Task<Result<AttentionAccepted>> CancelAsync(Tx tx, long id, OrderReason? request, Actor actor, CancellationToken cancellation) =>
        OnAsync(tx, id, "cancel", actor, async work => await _reader.OwnerOfAsync(tx, work, cancellation) is { } item
            ? OrdersErrors.CancelTheOrder.Because($"It is the work of order {item.OrderId}.").Mend(work.IsStopped
                ? OrdersErrors.CancelTheOrder.Remedy
                : "It only waits: approve it or resume its plug-in. An order is cancelled when an item of it has failed.")
            : await _work.CancelAsync(tx, id, (request ?? new OrderReason()).Or("Given up by a person."), cancellation), cancellation);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/attention/{id}/resubmit",
            (long id, HttpContext http, WriteDoor door, ResolveAttention handler) =>
                door.WriteAsync(http, null, (tx, actor) => handler.ResubmitAsync(tx, id, actor, http.RequestAborted)))
            .WithName("ResubmitAttention").WithTags("Attention").WithSummary("Go on where it stopped.");
        routes.MapPost(
            "/attention/{id}/approve",
            (long id, HttpContext http, WriteDoor door, ResolveAttention handler) =>
                door.WriteAsync(http, null, (tx, actor) => handler.ApproveAsync(tx, id, actor, http.RequestAborted)))
            .WithName("ApproveAttention").WithTags("Attention").WithSummary("Let it pass the spending guard once.");
        routes.MapPost(
            "/attention/{id}/cancel",
            (long id, OrderReason? request, HttpContext http, WriteDoor door, ResolveAttention handler) =>
                door.WriteAsync(http, request, (tx, actor) => handler.CancelAsync(tx, id, request, actor, http.RequestAborted)))
            .WithName("CancelAttention").WithTags("Attention").WithSummary("Give it up.");
    }

    private async Task<Result<AttentionAccepted>> OnAsync(
        Tx tx, long id, string action, Actor actor, Func<WorkView, Task<Result<Done>>> act, CancellationToken cancellation)
    {
        if (await _work.FindAttentionAsync(tx, id, cancellation) is not { } found)
        {
            return OrdersErrors.AttentionNotFound.Because(FormattableString.Invariant($"Nothing of number {id} needs attention."));
        }

        await _audit.AddAsync(tx, actor, $"attention.{action}", found.Work.Subject, found.Work.LastError?.Detail, cancellation);
        return (await act(found.Work)).Map(_ => new AttentionAccepted(id, action));
    }
}
