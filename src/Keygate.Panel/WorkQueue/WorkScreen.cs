using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>System &gt; Work queue: every process that is not over, with its step, try, next time and last cause. What a person can do about one stands under Needs attention.</summary>
internal static class WorkScreen
{
    /// <summary>The states that can be asked for.</summary>
    public static readonly IReadOnlyList<string> States = ["ready", "running", "waiting", "sleeping", "stopped", "done", "cancelled"];

    public static void Map(IEndpointRouteBuilder admin) => admin.MapGet("/work", (string? state, string? cursor, HttpContext http, Database database, Work.WorkQueue queue) =>
    {
        var of = States.Contains(state) ? state : null;
        return database.ReadAsync(async s => Screens.Show<WorkPage, Page<WorkView>>(
            http, await queue.OpenAsync(s, of, PageRequest.Of(null, cursor), http.RequestAborted), ("State", of), ("Further", cursor is not null)), http.RequestAborted);
    });
}
