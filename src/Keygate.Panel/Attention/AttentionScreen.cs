using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What needs attention: cause, remedy, and the acts that apply.</summary>
internal static class AttentionScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/attention", (string? cursor, HttpContext http) => ListAsync(http, cursor));
        admin.MapPost("/attention/{id:long}/resubmit", (long id, HttpContext http, ResolveAttention handler) =>
            OnAsync(http, (tx, actor) => handler.ResubmitAsync(tx, id, actor, http.RequestAborted), "said.resubmitted"));
        admin.MapPost("/attention/{id:long}/approve", (long id, HttpContext http, ResolveAttention handler) =>
            OnAsync(http, (tx, actor) => handler.ApproveAsync(tx, id, actor, http.RequestAborted), "said.approved"));
        admin.MapPost("/attention/{id:long}/cancel", (long id, [FromForm] string? reason, HttpContext http, ResolveAttention handler) =>
            OnAsync(http, (tx, actor) => handler.CancelAsync(tx, id, ReasonOf(reason), actor, http.RequestAborted), "said.given-up")).DisableAntiforgery();
        admin.MapPost("/attention/{id:long}/resume", async (long id, HttpContext http, Database database, AttentionReader reader, ResumePlugin handler) =>
        {
            var item = await database.ReadAsync(s => reader.ShowAsync(s, id, http.RequestAborted), http.RequestAborted);
            return item.TryGet(out var found, out var error) && found.PluginId is { } plugin
                ? await OnAsync(http, (tx, actor) => handler.HandleAsync(tx, PluginId.Of(plugin), actor, http.RequestAborted), "said.resumed")
                : await Screens.RefuseAsync(http, error ?? PanelErrors.PageUnknown, () => ListAsync(http, null));
        });
    }

    internal static OrderReason ReasonOf(string? typed) => new() { Reason = string.IsNullOrWhiteSpace(typed) ? null : typed.Trim() };

    private static Task<IResult> ListAsync(HttpContext http, string? cursor)
    {
        var (database, reader) = (Screens.Get<Database>(http), Screens.Get<AttentionReader>(http));
        return database.ReadAsync(
            async s => Screens.Show<AttentionPage, Page<AttentionItem>>(
                http, await reader.ListAsync(s, PageRequest.Of(25, cursor), http.RequestAborted), ("Further", cursor is not null)), http.RequestAborted);
    }

    private static Task<IResult> OnAsync<T>(HttpContext http, Func<Tx, Accounts.Actor, Task<Result<T>>> act, string said) =>
        Screens.ActAsync(http, act, _ => ("/admin/attention", Frame.Of(http).Words[said]), () => ListAsync(http, null));
}
