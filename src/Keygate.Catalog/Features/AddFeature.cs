using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>A feature as our REST shows it.</summary>
public sealed record FeatureView
{
    /// <summary>The issuer's code.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Its group; absent where it excludes no other feature.</summary>
    public string? Group { get; init; }

    /// <summary>Its place in the group.</summary>
    public required int Sort { get; init; }

    /// <summary>Key types of the classes it belongs to.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The category of its resource.</summary>
    public required string Category { get; init; }

    /// <summary>When it was archived; absent while it is in use.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    internal static FeatureView Of(CatalogView catalog, Feature f) => new()
    {
        Id = f.Id, Name = f.Name, Group = f.Group, Sort = f.Sort, Category = catalog.CategoryOf(f.Id), ArchivedAt = f.ArchivedAt,
        Classes = [.. catalog.Contents.ClassFeatures.Where(r => r.FeatureId == f.Id && !r.IsArchived).Select(r => r.KeyType)],
    };
}

/// <summary>A feature to add.</summary>
public sealed record AddFeatureRequest
{
    /// <summary>The issuer's code.</summary>
    public string Id { get; init; } = "";

    /// <summary>Name for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its group; null where it excludes no other feature.</summary>
    public string? Group { get; init; }

    /// <summary>Its place in the group.</summary>
    public int Sort { get; init; }

    /// <summary>Key types of the classes it belongs to; they must be in the catalog.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>What is wrong with the request by itself.</summary>
    public IReadOnlyList<Error> Faults() =>
    [
        .. CatalogShape.Alone(Entry),
        .. Classes.Any(string.IsNullOrEmpty) ? new[] { CatalogErrors.ValueMissing.At("classes").Because("classes has an empty element") } : [],
        .. Classes.GroupBy(c => c, StringComparer.Ordinal).Where(g => g.Count() > 1)
            .Select(g => CatalogErrors.ValueMalformed.At("classes").Because($"The license class {g.Key} is named twice")),
    ];

    internal Feature Entry => new() { Id = Id, Name = Name, Group = Group, Sort = Sort };
}

/// <summary>Adds a feature, with the classes it belongs to.</summary>
public sealed class AddFeature(CatalogEditor editor)
{
    /// <summary>Adds it in the caller's transaction.</summary>
    public async Task<Result<FeatureView>> HandleAsync(Tx tx, AddFeatureRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } error)
        {
            return error;
        }

        var added = await editor.AddAsync(tx, actor,
            [request.Entry, .. request.Classes.Select(c => new ClassFeature { KeyType = c, FeatureId = request.Id })], cancellation);
        return added.Map(view => FeatureView.Of(view, view.Feature(request.Id)!));
    }
}
