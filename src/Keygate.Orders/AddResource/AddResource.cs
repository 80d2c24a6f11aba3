using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>A resource that no license is needed for, such as disk space.</summary>
public sealed record AddResourceRequest
{
    /// <summary>Its identifier; unique.</summary>
    public string Command { get; init; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its category.</summary>
    public string Category { get; init; } = "";

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults() =>
        [.. new[] { (Command, "command"), (Name, "name"), (Category, "category") }.Select(t => Texts.Name(t.Item1, t.Item2)).OfType<Error>()];
}

/// <summary>Adds a resource under the gate at which nothing is done.</summary>
public sealed class AddResource
{
    private readonly ResourceStore _resources;
    private readonly CatalogReader _catalog;

    internal AddResource(ResourceStore resources, CatalogReader catalog) => (_resources, _catalog) = (resources, catalog);

    /// <summary>Writes it; refused where the command is taken, by the catalog too: nobody could tell then which of the two a plan sells.</summary>
    public async Task<Result<ResourceView>> HandleAsync(Tx tx, AddResourceRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (await _resources.FindAsync(tx, Gates.Dummy, request.Command, cancellation) is not null)
        {
            return OrdersErrors.ResourceTaken.Because($"There is a resource {request.Command} already.").At("command");
        }

        var catalog = await _catalog.GetAsync(tx, cancellation);
        if (catalog.Class(request.Command) is not null || catalog.Feature(request.Command) is not null)
        {
            return OrdersErrors.ResourceTaken.Because($"{request.Command} is a license class or feature of the catalog, whose resource follows from there by itself.")
                .Mend("Sell that resource, or choose another command.").At("command");
        }

        await _resources.AddAsync(
            tx,
            new Resource { Gate = Gates.Dummy, Command = request.Command, Kind = ResourceKind.Other, Name = request.Name.Trim(), Category = request.Category.Trim() },
            cancellation);
        return ResourceView.Of((await _resources.FindAsync(tx, Gates.Dummy, request.Command, cancellation))!);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/resources",
        (AddResourceRequest request, HttpContext http, WriteDoor door, AddResource handler) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
        .WithName("AddResource").WithTags("Plans").WithSummary("Add a resource that no license is needed for.");
}
