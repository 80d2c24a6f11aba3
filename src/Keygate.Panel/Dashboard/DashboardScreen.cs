using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>What the dashboard shows: what needs me now, and how things stand.</summary>
/// <param name="Attention">The newest things that need attention.</param>
/// <param name="Stalled">The oldest paid orders that do not come to an end.</param>
/// <param name="Away">Plug-ins that are paused or whose last test failed.</param>
/// <param name="Licenses">Licenses by state and class.</param>
/// <param name="Orders">Orders by state and day.</param>
/// <param name="FirstRun">The step of the first run that comes next; null where all are done.</param>
public sealed record Dashboard(
    Page<AttentionItem> Attention, Page<StalledOrder> Stalled, IReadOnlyList<Plugin> Away, LicenseCounts Licenses, OrderCounts Orders, FirstRunStep? FirstRun);

internal static class DashboardScreen
{
    private const int RowsMax = 5, StalledMinutes = 15;

    public static void Map(IEndpointRouteBuilder admin) => admin.MapGet(
        "", (HttpContext http, Database database, AttentionReader attention, ListStalled stalled, PluginReader plugins, CountLicenses licenses, CountOrders orders) =>
            database.ReadAsync(async s =>
            {
                var cancellation = http.RequestAborted;
                var page = PageRequest.Of(RowsMax, null);
                var all = await plugins.ListAsync(s, null, PageRequest.Of(PageRequest.LimitMax, null), cancellation);
                return Screens.Show<DashboardPage>(http, ("Model", new Dashboard(
                    (await attention.ListAsync(s, page, cancellation)).Value,
                    (await stalled.HandleAsync(s, StalledMinutes, page, cancellation)).Value,
                    [.. all.Value.Items.Where(p => p.PausedAt is not null || p.Problem is not null || p.LastCheck is { Passed: false })],
                    (await licenses.HandleAsync(s, cancellation)).Value,
                    (await orders.HandleAsync(s, cancellation)).Value,
                    (await FirstRunState.ReadAsync(http, s)).Next)));
            }, http.RequestAborted));
}
