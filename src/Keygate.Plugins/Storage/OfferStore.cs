using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;

namespace Keygate.Plugins;

/// <summary>The offers of issuers: what they hold, what changed, the last answer.</summary>
internal sealed class OfferStore(TimeProvider time)
{
    private const int ChangesShown = 200;

    /// <summary>
    /// Writes a list down with what was added, changed and withdrawn since the last one. False where the plug-in was changed since it was asked: the list may
    /// be another account's.
    /// </summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="id">The plug-in.</param>
    /// <param name="version">The plug-in's version that was asked.</param>
    /// <param name="kind">How it is known.</param>
    /// <param name="offer">What is offered.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    public async Task<bool> RecordAsync(Tx tx, PluginId id, int version, OfferKind kind, IssuerOffer offer, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var first = await tx.FindAsync<string>($"select offer_kind from plugins where id = @id{tx.Dialect.ForUpdate}", new { id }, cancellation) is null;
        if (await tx.ExecuteAsync(
            "update plugins set offer_kind = @kind, offer_at = @now, offer_tried_at = @now, offer_cause = null, offer_remedy = null where id = @id and version = @version",
            new { id, version, kind = kind.ToString(), now }, cancellation) == 0)
        {
            return false;
        }

        await tx.ExecuteAsync(
            "insert into plugin_offers(plugin_id, raw, rules) values (@id, @raw, @rules) on conflict (plugin_id) do update set raw = excluded.raw, rules = excluded.rules",
            new { id, raw = offer.Raw, rules = offer.Rules is null ? null : Json.Write(offer.Rules) }, cancellation);
        if (kind is OfferKind.Everything or OfferKind.Untold)
        {
            await tx.ExecuteAsync("delete from plugin_offer_items where plugin_id = @id", new { id }, cancellation);
            return true;
        }

        var before = (await ItemsAsync(tx, id, cancellation)).ToDictionary(row => (row.Kind, row.Code));
        var after = Items(offer);
        foreach (var ((itemKind, code), rule) in after)
        {
            var present = before.GetValueOrDefault((itemKind, code));
            OfferChangeKind? change = present is null or { WithdrawnAt: not null } ? OfferChangeKind.Added : present.Rule != rule ? OfferChangeKind.Changed : null;
            if (change is not null)
            {
                await tx.ExecuteAsync(
                    """
                    insert into plugin_offer_items(plugin_id, kind, code, rule, since, changed_at) values (@id, @itemKind, @code, @rule, @since, @now)
                    on conflict (plugin_id, kind, code) do update set rule = excluded.rule, since = excluded.since, changed_at = excluded.changed_at, withdrawn_at = null
                    """, new { id, itemKind, code, rule, since = change == OfferChangeKind.Added ? now : present!.Since, now }, cancellation);
                await ChangedAsync(tx, id, itemKind, code, change.Value, first, cancellation);
            }
        }

        foreach (var gone in before.Values.Where(row => row.WithdrawnAt is null && !after.ContainsKey((row.Kind, row.Code))))
        {
            await tx.ExecuteAsync(
                "update plugin_offer_items set withdrawn_at = @now where plugin_id = @id and kind = @Kind and code = @Code", new { id, gone.Kind, gone.Code, now }, cancellation);
            await ChangedAsync(tx, id, gone.Kind, gone.Code, OfferChangeKind.Withdrawn, first, cancellation);
        }

        return true;
    }

    /// <summary>What is known stays; why it could not be listed anew stands beside it.</summary>
    public Task<int> RecordFailureAsync(Tx tx, PluginId id, string cause, string remedy, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update plugins set offer_tried_at = @now, offer_cause = @cause, offer_remedy = @remedy where id = @id and kind >= 'issuer.' and kind < 'issuer/'",
            new { id, cause, remedy, now = time.GetUtcNow() }, cancellation);

    public Task<List<OfferItemRow>> ItemsAsync(Session session, PluginId id, CancellationToken cancellation) =>
        session.QueryAsync<OfferItemRow>(
            "select kind, code, rule, since, changed_at, withdrawn_at from plugin_offer_items where plugin_id = @id order by kind, code", new { id }, cancellation);

    /// <summary>Which of some identifiers were offered once and are no longer; a question.</summary>
    public static Question<string> AskWithdrawn(Session session, PluginId id, IReadOnlyList<string> codes, CancellationToken cancellation) =>
        session.Ask<string>(
            $"select code from plugin_offer_items where plugin_id = @id and kind <> 'Group' and withdrawn_at is not null and code {session.Dialect.AnyOf("codes")}",
            new { id, codes = codes.ToArray() }, cancellation);

    public Task<List<OfferChange>> ChangesAsync(Session session, PluginId id, CancellationToken cancellation) => session.Ask<OfferChangeRow>(
        "select at, kind, code, change from plugin_offer_changes where plugin_id = @id order by id desc limit @most", new { id, most = ChangesShown }, cancellation)
        .As(row => new OfferChange(row.At, Enum.Parse<OfferItemKind>(row.Kind), row.Code, Enum.Parse<OfferChangeKind>(row.Change))).AllAsync();

    public Task<OfferTextRow?> TextAsync(Session session, PluginId id, CancellationToken cancellation) =>
        session.FindAsync<OfferTextRow>("select raw, rules from plugin_offers where plugin_id = @id", new { id }, cancellation);

    private async Task ChangedAsync(Tx tx, PluginId id, string kind, string code, OfferChangeKind change, bool first, CancellationToken cancellation)
    {
        if (!first)
        {
            await tx.ExecuteAsync(
                "insert into plugin_offer_changes(plugin_id, at, kind, code, change) values (@id, @now, @kind, @code, @change)",
                new { id, kind, code, change = change.ToString(), now = time.GetUtcNow() }, cancellation);
        }
    }

    private static Dictionary<(string Kind, string Code), string?> Items(IssuerOffer offer)
    {
        var rules = offer.Rules;
        var items = new Dictionary<(string, string), string?>();
        foreach (var code in offer.KeyTypes)
        {
            items[(nameof(OfferItemKind.KeyType), code)] = Rule(rules?.KeyTypes.FirstOrDefault(k => k.Id == code));
        }

        foreach (var code in offer.Features)
        {
            items[(nameof(OfferItemKind.Feature), code)] = Rule(rules?.Features.FirstOrDefault(f => f.Id == code)) ?? Rule(rules?.Upgrades.FirstOrDefault(u => u.Plan == code));
        }

        foreach (var group in rules?.Groups ?? [])
        {
            items[(nameof(OfferItemKind.Group), group.Id)] = Rule(group);
        }

        return items;
    }

    private static string? Rule<T>(T? rule)
        where T : class => rule is null ? null : Json.Write(rule);
}

internal sealed class OfferItemRow
{
    public string Kind { get; init; } = "";
    public string Code { get; init; } = "";
    public string? Rule { get; init; }
    public DateTimeOffset Since { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public DateTimeOffset? WithdrawnAt { get; init; }
}

internal sealed class OfferTextRow
{
    public string Raw { get; init; } = "";
    public string? Rules { get; init; }
}

internal sealed class OfferChangeRow
{
    public DateTimeOffset At { get; init; }
    public string Kind { get; init; } = "";
    public string Code { get; init; } = "";
    public string Change { get; init; } = "";
}
