using Keygate.Kernel;
using Keygate.Notices;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>System &gt; Event log: what happened, newest first, as webhooks are told it.</summary>
internal static class EventsScreen
{
    public static void Map(IEndpointRouteBuilder admin) => admin.MapGet("/events", (string? topic, string? cursor, HttpContext http, Database database, ListEvents list) =>
    {
        var of = string.IsNullOrWhiteSpace(topic) ? null : topic.Trim();
        return database.ReadAsync(async s => Screens.Show<EventsPage, Page<Event>>(
            http, await list.LatestAsync(s, of, PageRequest.Of(null, cursor), http.RequestAborted), ("Topic", of), ("Further", cursor is not null)), http.RequestAborted);
    });
}
