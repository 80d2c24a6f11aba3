using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>A feature group as our REST shows it.</summary>
public sealed record FeatureGroupView
{
    /// <summary>Its code.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Description { get; init; }

    /// <summary>Its place among the groups.</summary>
    public required int Sort { get; init; }

    /// <summary>True where a license must have one of its features.</summary>
    public required bool Mandatory { get; init; }

    /// <summary>Codes of its features in use, by sort number.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>When it was archived; absent while it is in use.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    internal static FeatureGroupView Of(CatalogView catalog, FeatureGroup g) => new()
    {
        Id = g.Id, Description = g.Description, Sort = g.Sort, Mandatory = g.Mandatory, ArchivedAt = g.ArchivedAt,
        Features = [.. catalog.Contents.Features.Where(f => f.Group == g.Id && !f.IsArchived).Select(f => f.Id)],
    };
}

/// <summary>A feature group to add.</summary>
public sealed record AddFeatureGroupRequest
{
    /// <summary>Its code.</summary>
    public string Id { get; init; } = "";

    /// <summary>Name for people; the category of its features' resources.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its place among the groups.</summary>
    public int Sort { get; init; }

    /// <summary>True where a license must have one of its features.</summary>
    public bool Mandatory { get; init; }

    /// <summary>What is wrong with the request by itself.</summary>
    public IReadOnlyList<Error> Faults() => CatalogShape.Alone(Entry);

    internal FeatureGroup Entry => new() { Id = Id, Description = Description, Sort = Sort, Mandatory = Mandatory };
}

/// <summary>Adds a feature group.</summary>
public sealed class AddFeatureGroup(CatalogEditor editor)
{
    /// <summary>Adds it in the caller's transaction.</summary>
    public async Task<Result<FeatureGroupView>> HandleAsync(Tx tx, AddFeatureGroupRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } error)
        {
            return error;
        }

        var added = await editor.AddAsync(tx, actor, [request.Entry], cancellation);
        return added.Map(view => FeatureGroupView.Of(view, view.Group(request.Id)!));
    }
}
