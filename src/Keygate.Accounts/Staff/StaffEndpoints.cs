using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Accounts;

internal static class StaffEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var staff = routes.MapGroup("/staff").WithTags("Staff").WithMetadata(RequireAdministrator.It);

        staff.MapPost("", (AddStaffRequest request, AddStaff handler, WriteDoor door, HttpContext http) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("AddStaff").WithSummary("Adds a member of the staff.");

        staff.MapPost("/{id}", (StaffId id, ChangeStaffRequest request, ChangeStaff handler, WriteDoor door, HttpContext http) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
            .WithName("ChangeStaff").WithSummary("Changes role or mail address of a member.").WithDescription("What is left out stays. One administrator who can sign in always stays.");

        staff.MapPost("/{id}/remove", (StaffId id, ChangeStaff handler, WriteDoor door, HttpContext http) =>
            door.WriteAsync(http, null, (tx, actor) => handler.RemoveAsync(tx, id, actor, http.RequestAborted)))
            .WithName("RemoveStaff").WithSummary("Removes a member: password, sessions, tokens and links end.");

        staff.MapGet("", (int? limit, string? cursor, Database database, StaffStore store, CancellationToken cancellation) =>
            database.ReadAsync<Result<Page<StaffMember>>>(
                s => PageRequest.Of(limit, cursor).OldestFirstAsync("staff", (after, rows) => store.ListAsync(s, after, rows, cancellation), m => m.Id.Value, m => m),
                cancellation))
            .WithName("ListStaff").WithSummary("Lists the staff.");
    }
}
