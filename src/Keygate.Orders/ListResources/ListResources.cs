using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>A resource as doors show it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Gate">The service gate, such as KAGATE for licenses.</param>
/// <param name="Command">What the gate is told: for licenses the identifier of the class or feature.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Name">Its name.</param>
/// <param name="Category">Its category.</param>
public sealed record ResourceView(ResourceId Id, string Gate, string Command, ResourceKind Kind, string Name, string Category)
{
    internal static ResourceView Of(Resource resource) =>
        new(resource.Id, resource.Gate, resource.Command, resource.Kind, resource.Name, resource.Category);
}

/// <summary>All resources. Those that the catalog has gained since the last time are made on the way.</summary>
public sealed class ListResources
{
    private readonly ResourceStore _resources;
    private readonly CatalogReader _catalog;

    internal ListResources(ResourceStore resources, CatalogReader catalog) => (_resources, _catalog) = (resources, catalog);

    /// <summary>The list by number. May be repeated.</summary>
    public async Task<Result<Page<ResourceView>>> HandleAsync(Database database, string? category, CancellationToken cancellation)
    {
        var (rows, missing) = await database.ReadAsync(async s =>
        {
            var present = await _resources.ListAsync(s, cancellation);
            return (present, ResourceStore.Missing(present, await _catalog.GetAsync(s, cancellation)));
        }, cancellation);
        if (missing.Count > 0)
        {
            rows = await database.WriteAsync(async tx => await _resources.FollowAsync(tx, await _catalog.GetAsync(tx, cancellation), cancellation), cancellation);
        }

        return new Page<ResourceView>([.. rows.Where(r => category is null || r.Category == category).Select(ResourceView.Of)], null);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/resources",
        (string? category, Database database, ListResources handler, HttpContext http) => handler.HandleAsync(database, category, http.RequestAborted))
        .WithName("ListResources").WithTags("Plans").WithSummary("Sellable resources; those of licenses follow from the catalog.");
}
