using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>System &gt; Audit trail: who did what to whom, newest first.</summary>
internal static class AuditScreen
{
    public static void Map(IEndpointRouteBuilder admin) => admin.MapGet("/audit", (string? subject, string? cursor, HttpContext http, Database database, AuditReader reader) =>
    {
        var of = string.IsNullOrWhiteSpace(subject) ? null : subject.Trim();
        return database.ReadAsync(async s => Screens.Show<AuditPage, Page<AuditEntry>>(
            http, await reader.ListAsync(s, of, PageRequest.Of(null, cursor), http.RequestAborted), ("Subject", of), ("Further", cursor is not null)), http.RequestAborted);
    });
}
