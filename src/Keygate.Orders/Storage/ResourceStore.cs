using Keygate.Catalog;
using Keygate.Storage;

namespace Keygate.Orders.Storage;

/// <summary>
/// The resources. Those of licenses follow from the catalog by themselves: one for each class, in the category Additional Products, and one
/// for each feature, in the category of its group. Nobody wires them twice.
/// </summary>
internal sealed class ResourceStore(TimeProvider time)
{
    private const string Columns = "id, gate, command, kind, name, category";

    public Task<List<Resource>> ListAsync(Session session, CancellationToken cancellation) =>
        session.QueryAsync<Resource>($"select {Columns} from resources order by id", null, cancellation);

    public Task<Resource?> FindAsync(Session session, string gate, string command, CancellationToken cancellation) =>
        session.FindAsync<Resource>($"select {Columns} from resources where gate = @gate and command = @command", new { gate, command }, cancellation);

    public Task<long> AddAsync(Tx tx, Resource resource, CancellationToken cancellation) =>
        tx.InsertAsync(
            """
            insert into resources(gate, command, kind, name, category, created_at, changed_at)
            values (@Gate, @Command, @Kind, @Name, @Category, @now, @now) returning id
            """,
            new { resource.Gate, resource.Command, Kind = resource.Kind.ToString(), resource.Name, resource.Category, now = time.GetUtcNow() }, cancellation);

    /// <summary>What the rows lack to say the same as the catalog.</summary>
    public static IReadOnlyList<Resource> Missing(IReadOnlyList<Resource> rows, CatalogView catalog)
    {
        var present = rows.Where(r => r.Gate == Gates.Licenses).ToDictionary(r => r.Command, StringComparer.Ordinal);
        return [.. Wanted(catalog).Where(w => !present.TryGetValue(w.Command, out var row)
            || row.Kind != w.Kind || row.Name != w.Name || row.Category != w.Category)];
    }

    /// <summary>Brings the rows in line with the catalog and returns them all.</summary>
    public async Task<List<Resource>> FollowAsync(Tx tx, CatalogView catalog, CancellationToken cancellation)
    {
        var rows = await ListAsync(tx, cancellation);
        var missing = Missing(rows, catalog);
        if (missing.Count == 0)
        {
            return rows;
        }

        foreach (var resource in missing)
        {
            await tx.ExecuteAsync(
                """
                insert into resources(gate, command, kind, name, category, created_at, changed_at)
                values (@Gate, @Command, @Kind, @Name, @Category, @now, @now)
                on conflict (gate, command) do update
                set kind = excluded.kind, name = excluded.name, category = excluded.category, changed_at = excluded.changed_at, version = resources.version + 1
                """,
                new { resource.Gate, resource.Command, Kind = resource.Kind.ToString(), resource.Name, resource.Category, now = time.GetUtcNow() }, cancellation);
        }

        return await ListAsync(tx, cancellation);
    }

    // Archived entries keep the rows they have: plans and subscriptions still name them.
    private static IEnumerable<Resource> Wanted(CatalogView catalog) =>
        catalog.Contents.Classes.Where(c => c.ArchivedAt is null).Select(c => new Resource
        {
            Gate = Gates.Licenses, Command = c.KeyType, Kind = c.IsAdditional ? ResourceKind.AddOn : ResourceKind.Class, Name = c.Name,
            Category = CatalogView.ClassCategory,
        })
        .Concat(catalog.Contents.Features.Where(f => f.ArchivedAt is null).Select(f => new Resource
        {
            Gate = Gates.Licenses, Command = f.Id, Kind = ResourceKind.Feature, Name = f.Name, Category = catalog.CategoryOf(f.Id),
        }))
        .DistinctBy(r => r.Command, StringComparer.Ordinal);
}
