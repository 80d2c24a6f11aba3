using System.Collections.Concurrent;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>A price list in a list of them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Rises with every import that changed something.</param>
/// <param name="ChangedBy">Who imported it last.</param>
/// <param name="ChangedAt">When it changed last.</param>
public sealed record PriceListHead(string Name, int Version, string ChangedBy, DateTimeOffset ChangedAt);

/// <summary>The price lists in the database, and their snapshots in memory.</summary>
internal sealed class PriceListStore
{
    private readonly ConcurrentDictionary<PriceListId, PriceList> _snapshots = new();

    /// <summary>The list at a version that the caller has just read, where it is in memory.</summary>
    public PriceList? Known(PriceListId id, int version) => _snapshots.TryGetValue(id, out var known) && known.Version == version ? known : null;

    /// <summary>The list at a version that the caller has just read; from memory where it is there.</summary>
    public async Task<PriceList> GetAsync(Session session, PriceListId id, int version, CancellationToken cancellation)
    {
        if (Known(id, version) is { } known)
        {
            return known;
        }

        var snapshot = await ReadAsync(session, id, cancellation);
        _snapshots[id] = snapshot;
        return snapshot;
    }

    /// <summary>The versions of the lists that several keys were ordered from.</summary>
    public Question<PriceListVersion> AskVersions(Session session, int[] keys, CancellationToken cancellation) =>
        session.Ask<PriceListVersion>(
            $"select id, version from price_lists where id in (select k.price_list_id from keys k where k.id {session.Dialect.AnyOf("keys")})", new { keys }, cancellation);

    /// <summary>The list as it is now.</summary>
    public async Task<PriceList> GetAsync(Session session, PriceListId id, CancellationToken cancellation) =>
        await GetAsync(session, id, await session.GetAsync<int>("select version from price_lists where id = @id", new { id }, cancellation), cancellation);

    public Task<PriceListRow?> FindAsync(Session session, string name, CancellationToken cancellation) =>
        session.FindAsync<PriceListRow>("select id, name, version, currency, changed_by, changed_at from price_lists where name = @name", new { name }, cancellation);

    public async Task<IReadOnlyList<PriceListHead>> ListAsync(Session session, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<PriceListRow>("select id, name, version, currency, changed_by, changed_at from price_lists order by name", null, cancellation))
            .Select(row => new PriceListHead(row.Name, row.Version, row.ChangedBy, row.ChangedAt))];

    /// <summary>Makes the list when it is new, and holds its row, so that two imports take turns.</summary>
    public async Task<PriceListRow> HoldAsync(Tx tx, string name, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(
            """
            insert into price_lists(name, version, changed_by, created_at, changed_at) values (@name, 0, @by, @now, @now)
            on conflict (name) do nothing
            """, new { name, by, now }, cancellation);
        return await tx.GetAsync<PriceListRow>(
            "select id, name, version, currency, changed_by, changed_at from price_lists where name = @name" + tx.Dialect.ForUpdate, new { name }, cancellation);
    }

    public Task<List<PriceListItemRow>> ItemsAsync(Session session, PriceListId id, CancellationToken cancellation) =>
        session.QueryAsync<PriceListItemRow>(
            "select kind, identifier, position, withdrawn, definition from price_list_items where price_list_id = @id order by withdrawn, position, kind, identifier",
            new { id }, cancellation);

    public Task PutItemAsync(Tx tx, PriceListId id, PriceListItemRow row, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into price_list_items(price_list_id, kind, identifier, position, withdrawn, definition)
            values (@id, @Kind, @Identifier, @Position, @Withdrawn, @Definition)
            on conflict (price_list_id, kind, identifier)
            do update set position = excluded.position, withdrawn = excluded.withdrawn, definition = excluded.definition
            """, new { id, row.Kind, row.Identifier, row.Position, row.Withdrawn, row.Definition }, cancellation);

    public Task RaiseVersionAsync(Tx tx, PriceListId id, string? currency, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update price_lists set version = version + 1, currency = @currency, changed_by = @by, changed_at = @now where id = @id",
            new { id, currency, by, now }, cancellation);

    /// <summary>True when any list of the key server has a feature or upgrade plan of that name.</summary>
    public Task<bool> IsPlanKnownAsync(Session session, string identifier, CancellationToken cancellation) =>
        session.GetAsync<bool>("select exists(select 1 from price_list_items where identifier = @identifier and kind in ('Feature', 'UpgradePlan'))", new { identifier }, cancellation);

    private async Task<PriceList> ReadAsync(Session session, PriceListId id, CancellationToken cancellation)
    {
        // The version is read first: if an import comes between, the snapshot is newer than it says and is read again next time.
        var head = await session.GetAsync<PriceListRow>("select id, name, version, currency, changed_by, changed_at from price_lists where id = @id", new { id }, cancellation);
        var rows = await ItemsAsync(session, id, cancellation);
        return new PriceList(id, head.Name, head.Version, ItemsOf(rows), rows.Where(row => row.Withdrawn).Select(row => (row.Kind, row.Identifier)).ToHashSet(), head.Currency);
    }

    /// <summary>What the list offers now, without what was withdrawn.</summary>
    public async Task<PriceListItems> OfferedAsync(Session session, PriceListId id, CancellationToken cancellation) =>
        ItemsOf([.. (await ItemsAsync(session, id, cancellation)).Where(row => !row.Withdrawn)]);

    private static PriceListItems ItemsOf(List<PriceListItemRow> rows) => new(
        Items<KeyTypeItem>(rows, KeyTypeItem.KindWord), Items<FeatureItem>(rows, FeatureItem.KindWord),
        Items<FeatureGroupItem>(rows, FeatureGroupItem.KindWord), Items<UpgradePlanItem>(rows, UpgradePlanItem.KindWord));

    private static List<T> Items<T>(List<PriceListItemRow> rows, string kind) => [.. rows.Where(row => row.Kind == kind).Select(row => Json.Read<T>(row.Definition))];
}

internal sealed class PriceListRow
{
    public PriceListId Id { get; init; }
    public string Name { get; init; } = "";
    public int Version { get; init; }
    public string? Currency { get; init; }
    public string ChangedBy { get; init; } = "";
    public DateTimeOffset ChangedAt { get; init; }
}

internal sealed class PriceListVersion
{
    public PriceListId Id { get; init; }
    public int Version { get; init; }
}

internal sealed record PriceListItemRow
{
    public string Kind { get; init; } = "";
    public string Identifier { get; init; } = "";
    public int Position { get; init; }
    public bool Withdrawn { get; init; }
    public string Definition { get; init; } = "";
}
