using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>The license list, newest first.</summary>
public sealed class ListLicenses
{
    private readonly LicenseStore _store;
    private readonly TimeProvider _time;

    internal ListLicenses(LicenseStore store, TimeProvider time) => (_store, _time) = (store, time);

    /// <summary>One page; refuses a cursor of another filter.</summary>
    public Task<Result<Page<LicenseRow>>> HandleAsync(Session session, LicenseFilter filter, PageRequest page, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        return page.NewestFirstAsync(
            Json.Write(filter), (before, rows) => _store.ListAsync(session, filter, before, rows, cancellation), l => l.Id.Value, l => LicenseRow.Of(l, now));
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/licenses",
        async (string? status, string? keyType, int? customerId, int? subscriptionId, string? keyNumber, AssignmentState? assignment, PluginId? issuer, int? limit, string? cursor, HttpContext http, Database database, ListLicenses handler) =>
        {
            LicenseState? state = null;
            if (status is not null)
            {
                if (!Enum.TryParse<LicenseState>(status, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
                {
                    return LicensingErrors.StateUnknown.Because($"'{status}' is no license state.").At("status");
                }

                state = parsed;
            }

            var filter = new LicenseFilter(state, keyType, customerId, subscriptionId, keyNumber, assignment, issuer);
            return await database.ReadAsync(s => handler.HandleAsync(s, filter, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted);
        })
        .WithName("ListLicenses").WithTags("Licenses").WithSummary("Licenses, newest first.");
}
