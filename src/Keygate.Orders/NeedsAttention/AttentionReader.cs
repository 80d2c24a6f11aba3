using System.Globalization;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Lists and shows what needs attention: the work that won't go on by itself, in the words of orders and licenses.</summary>
public sealed class AttentionReader
{
    /// <summary>How long an other side may be away before a person is told.</summary>
    public static readonly TimeSpan AwayAfter = TimeSpan.FromHours(1);

    private const string Provision = "licensing.provision";
    private const string AwaitAddOnKey = "licensing.await-add-on-key";

    // Causes that lie in how the plug-in is set up, or may.
    private static readonly HashSet<string> OfPlugins = new(StringComparer.Ordinal)
    {
        PluginsErrors.NotDone.Code, PluginsErrors.Unknown.Code, PluginsErrors.Unusable.Code, WorkErrors.AttemptsSpent.Code, WorkErrors.DeadlineOver.Code,
    };

    private readonly WorkQueue _work;
    private readonly OrderStore _orders;
    private readonly OrderReader _reader;
    private readonly LicenseReader _licenses;
    private readonly PluginReader _plugins;
    private readonly TimeProvider _time;

    internal AttentionReader(WorkQueue work, OrderStore orders, OrderReader reader, LicenseReader licenses, PluginReader plugins, TimeProvider time) =>
        (_work, _orders, _reader, _licenses, _plugins, _time) = (work, orders, reader, licenses, plugins, time);

    /// <summary>One page, newest first. Before the first page stand the plug-ins that everything waits for.</summary>
    public async Task<Result<Page<AttentionItem>>> ListAsync(Session session, PageRequest page, CancellationToken cancellation)
    {
        if (!(await _work.AttentionAsync(session, page, cancellation)).TryGet(out var works, out var error))
        {
            return error;
        }

        var items = page.Cursor is null ? await AwayAsync(session, cancellation) : [];
        foreach (var work in works.Items)
        {
            items.Add(await OfAsync(session, work, cancellation));
        }

        return new Page<AttentionItem>(items, works.Next);
    }

    /// <summary>How many there are, counted up to a bound.</summary>
    public async Task<int> CountAsync(Session session, int max, CancellationToken cancellation) =>
        Math.Min(max, await _work.AttentionCountAsync(session, max, cancellation) + (await AwayAsync(session, cancellation)).Count);

    /// <summary>One of them.</summary>
    public async Task<Result<AttentionItem>> ShowAsync(Session session, long id, CancellationToken cancellation) =>
        await _work.FindAttentionAsync(session, id, cancellation) is { } work ? await OfAsync(session, work, cancellation)
            : (await AwayAsync(session, cancellation)).Find(i => i.Id == id) is { } away ? away
            : OrdersErrors.AttentionNotFound.Because(FormattableString.Invariant($"Nothing of number {id} needs attention."));

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
            "/attention",
            (int? limit, string? cursor, HttpContext http, Database database, AttentionReader reader) =>
                database.ReadAsync(s => reader.ListAsync(s, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithName("ListAttention").WithTags("Attention").WithSummary("What needs attention, newest first.");
        routes.MapGet(
            "/attention/{id}",
            (long id, HttpContext http, Database database, AttentionReader reader) =>
                database.ReadAsync(s => reader.ShowAsync(s, id, http.RequestAborted), http.RequestAborted))
            .WithName("ShowAttention").WithTags("Attention").WithSummary("One thing that needs attention, and what can be done about it.");
    }

    /// <summary>The order whose failed item this work is; null where no order fails by it.</summary>
    internal async Task<OrderId?> OrderOfAsync(Session session, WorkView work, CancellationToken cancellation) =>
        await OwnerOfAsync(session, work, cancellation) is { Status: ItemStatus.Failed } item ? item.OrderId : null;

    /// <summary>The item of an order that comes to no end without this work; null where there is none.</summary>
    internal async Task<Item?> OwnerOfAsync(Session session, WorkView work, CancellationToken cancellation) =>
        await ItemOfAsync(session, work, cancellation) is { Status: not (ItemStatus.Completed or ItemStatus.Cancelled) } item
        && (work.Kind == Provision || item.Id.Subject == work.Subject || item.WorkId == work.Id) ? item : null;

    /// <summary>The license that this work is about; null where it is about none.</summary>
    internal static LicenseId? LicenseOf(WorkView work) =>
        NumberOf(work.Subject, "license/") is { } number ? new LicenseId(number) : null;

    internal static bool IsProvisioning(WorkView work) => work.Kind == Provision;

    private async Task<AttentionItem> OfAsync(Session session, AttentionWork of, CancellationToken cancellation)
    {
        var item = await ItemOfAsync(session, of.Work, cancellation);
        var license = LicenseOf(of.Work) ?? item?.LicenseId;
        var order = item is null ? null : await _orders.FindAsync(session, item.OrderId, cancellation);
        var failing = await OrderOfAsync(session, of.Work, cancellation) is null ? null : order;
        var keyed = failing is null ? null : await _reader.KeyedAsync(session, failing, await _orders.ItemsAsync(session, failing.Id, cancellation), cancellation);
        var state = of.Work.Step == "install" && license is { } fetched ? (await _licenses.FindAsync(session, fetched, cancellation))?.Status : null;
        var plugin = of.Lane is { } lane && lane.StartsWith("plugin/", StringComparison.Ordinal) ? PluginId.OfLane(lane) : (PluginId?)null;
        var paused = of.Work.IsStopped && plugin is { } asked && await _plugins.FindAsync(session, asked, cancellation) is { PausedAt: not null };
        return new AttentionItem
        {
            Id = of.Work.Id,
            Since = of.Work.ChangedAt,
            Why = of.Work.IsStopped ? "stopped" : of.WaitsForApproval ? "approval" : "paused",
            Work = of.Work.Kind,
            Step = of.Work.Step,
            Attempts = of.Work.Attempt,
            Cause = of.Work.LastError?.Detail ?? of.Work.Why ?? "The cause is not known.",
            Code = of.Work.LastError?.Code,
            Remedy = of.Work.LastError?.Remedy ?? "Look at the log of that time, then resubmit.",
            OrderId = item?.OrderId,
            LicenseId = license?.Value,
            SubscriptionId = order?.SubscriptionId.Value,
            PluginId = plugin?.Value,
            Trace = of.Act is { } act ? string.Join(':', act.Token.Chunk(2).Select(pair => new string(pair))) : null,
            SentAt = of.Act?.SentAt,
            Actions = [.. Actions(of, failing, keyed, license, state, plugin, paused)],
        };
    }

    // Nothing is stored of these: the item is there while the other side is away and somebody waits for it.
    private async Task<List<AttentionItem>> AwayAsync(Session session, CancellationToken cancellation)
    {
        var items = new List<AttentionItem>();
        foreach (var plugin in await _plugins.AwayAsync(session, _time.GetUtcNow() - AwayAfter, cancellation))
        {
            if (await _work.WaitingAsync(session, Provision, plugin.Id.Lane, cancellation) is > 0 and var waiting)
            {
                items.Add(new AttentionItem
                {
                    Id = -plugin.Id.Value,
                    Since = plugin.AwaySince!.Value,
                    Why = "away",
                    Work = Provision,
                    Step = "waiting",
                    Attempts = 0,
                    Cause = string.Create(CultureInfo.InvariantCulture, $"'{plugin.Name}' has not answered since {plugin.AwaySince:u}, and {(waiting == 1 ? "1 license waits" : $"{waiting} licenses wait")} for it. The last cause: {plugin.AwayCause}"),
                    Code = PluginsErrors.BreakerOpen.Code,
                    Remedy = "See that the other side works and can be reached from here, or correct the plug-in's settings; then test it. Nothing is lost meanwhile: it is "
                        + "probed every 30 seconds, and what waits goes on by itself when it answers.",
                    PluginId = plugin.Id.Value,
                    Waiting = waiting,
                    Actions = [Act("test", "Test the plug-in", $"plugins/{plugin.Id}/test", $"plugin test {plugin.Id}"), Correct(plugin.Id)],
                });
            }
        }

        return items;
    }

    private static IEnumerable<AttentionAction> Actions(
        AttentionWork of, Order? order, LicenseRow? keyed, LicenseId? license, LicenseState? state, PluginId? plugin, bool isPaused)
    {
        if (!of.Work.IsStopped)
        {
            if (of.WaitsForApproval)
            {
                yield return Act("approve", "Approve", $"attention/{of.Work.Id}/approve", $"attention approve {of.Work.Id}");
            }
            else if (plugin is { } paused)
            {
                yield return Resume(paused);
                yield return Correct(paused);
            }

            yield break;
        }

        if (of.IsUnknown && IsProvisioning(of.Work) && license is { } asked)
        {
            yield return Act("adopt-key", "Adopt key ...", $"licenses/{asked}/adopt-key", $"license adopt-key {asked} --key NUMBER");
            yield return Act("confirm-no-key", "Confirmed: there is none", $"licenses/{asked}/confirm-no-key", $"license confirm-no-key {asked}");
        }

        if (of.Work.Kind == AwaitAddOnKey && license is { } leftOut)
        {
            yield return Act("adopt-key", "Adopt key ...", $"licenses/{leftOut}/adopt-key", $"license adopt-key {leftOut} --key NUMBER");
            yield return Act("upload", "Upload key and file ...", $"licenses/{leftOut}/upload", $"license upload {leftOut} FILE");
        }

        if (IsProvisioning(of.Work) && license is { } fetched && state is { } present && LicenseMoves.May(present, LicenseOperation.RecordInstalled))
        {
            yield return Act("record-installed", "Record as installed ...", $"licenses/{fetched}/record-installed", $"license record-installed {fetched} --where PLACE");
        }

        if (of.Work.Kind == "licensing.terminate" && license is { } kept)
        {
            yield return Act("record-terminated", "Record as terminated", $"licenses/{kept}/record-terminated", $"license record-terminated {kept}");
        }

        if (of.Work.Kind == "licensing.remove" && license is { } installed)
        {
            yield return Act("record-removed", "Record as removed", $"licenses/{installed}/record-removed", $"license record-removed {installed}");
        }

        if (plugin is { } wrong && (isPaused || (of.Work.LastError is { } cause && OfPlugins.Contains(cause.Code))))
        {
            yield return Correct(wrong);
            if (isPaused)
            {
                yield return Resume(wrong);
            }
        }

        yield return order is { } failed
            ? Act("resubmit", "Resubmit", $"orders/{failed.Id}/resubmit", $"order resubmit {failed.Id}")
            : Act("resubmit", "Resubmit", $"attention/{of.Work.Id}/resubmit", $"attention resubmit {of.Work.Id}");
        if (of.MayHaveHappened)
        {
            // Whoever gives it up now may leave a key behind that is paid for each month.
            yield break;
        }

        if (order is { } cancelled && keyed is null)
        {
            yield return Act("cancel", "Cancel the order ...", $"orders/{cancelled.Id}/cancel", $"order cancel {cancelled.Id} --reason WHY");
        }
        else if (order is not null && keyed!.Id == license)
        {
            yield return Act("terminate", "Terminate the license ...", $"licenses/{license}/terminate", $"license terminate {license} --reason WHY");
        }
        else if (order is null)
        {
            yield return Act("cancel", "Give it up", $"attention/{of.Work.Id}/cancel", $"attention cancel {of.Work.Id}");
        }
    }

    private static AttentionAction Resume(PluginId plugin) => Act("resume", "Resume the plug-in", $"plugins/{plugin}/resume", $"plugin resume {plugin}");

    private static AttentionAction Correct(PluginId plugin) =>
        Act("correct-plugin", "Correct the plug-in ...", $"plugins/{plugin}", $"plugin change {plugin} FILE") with { Method = "PATCH" };

    private static AttentionAction Act(string name, string label, FormattableString path, FormattableString command) => new(
        name, label, $"/api/v1/{path.ToString(CultureInfo.InvariantCulture)}", $"keygate {command.ToString(CultureInfo.InvariantCulture)}");

    private async Task<Item?> ItemOfAsync(Session session, WorkView work, CancellationToken cancellation) =>
        NumberOf(work.Subject, "item/") is { } item ? await _orders.FindItemAsync(session, new ItemId(item), cancellation)
        : LicenseOf(work) is not { } license ? null
        : await _orders.FindChangeItemAsync(session, license, cancellation) is { } change && change.WorkId == work.Id ? change
        : await _orders.FindItemAsync(session, license, cancellation);

    private static int? NumberOf(string subject, string prefix) =>
        subject.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(subject.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
