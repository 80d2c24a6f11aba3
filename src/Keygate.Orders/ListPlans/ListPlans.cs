using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>The plans by number.</summary>
public sealed class ListPlans
{
    private const string Mark = "plans";
    private readonly PlanStore _plans;

    internal ListPlans(PlanStore plans) => _plans = plans;

    /// <summary>One page; refuses a cursor of another list.</summary>
    public async Task<Result<Page<PlanRow>>> HandleAsync(Session session, PageRequest page, CancellationToken cancellation)
    {
        var after = 0L;
        if (page.Cursor is { } cursor && !Cursor.TryRead(cursor, Mark, out _, out after))
        {
            return KernelErrors.CursorForeign.At("cursor");
        }

        var rows = await _plans.ListAsync(session, after, page.Limit + 1, cancellation);
        var next = rows.Count > page.Limit ? Cursor.After(Mark, "", rows[page.Limit - 1].Id.Value) : null;
        return new Page<PlanRow>([.. rows.Take(page.Limit).Select(PlanRow.Of)], next);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/plans",
        (int? limit, string? cursor, HttpContext http, Database database, ListPlans handler) =>
            database.ReadAsync(s => handler.HandleAsync(s, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
        .WithName("ListPlans").WithTags("Plans").WithSummary("Plans by number.");
}
