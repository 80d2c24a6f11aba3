using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A property that a product configuration puts into license files.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The vendor's word for the value's type.</param>
/// <param name="Value">Its value.</param>
public sealed record ConfiguredProperty(string Name, string Type, string Value);

/// <summary>A product configuration to add.</summary>
public sealed record AddProductConfigurationRequest
{
    /// <summary>Its name; unique for the client.</summary>
    public string Name { get; init; } = "";

    /// <summary>The product family whose keys it applies to.</summary>
    public string Family { get; init; } = "";

    /// <summary>What the files of its keys say beside all else; it wins over properties of the same name.</summary>
    public IReadOnlyList<ConfiguredProperty> Properties { get; init; } = [];
}

/// <summary>A product configuration.</summary>
/// <param name="Id">Its number, unique in the key server.</param>
/// <param name="Name">Its name.</param>
/// <param name="Enabled">False when it can be assigned no more.</param>
/// <param name="Family">The product family whose keys it applies to.</param>
/// <param name="Properties">What the files of its keys say.</param>
public sealed record ProductConfigurationView(ProductConfigurationId Id, string Name, bool Enabled, string Family, IReadOnlyList<ConfiguredProperty> Properties)
{
    internal static ProductConfigurationView Of(ProductConfigurationRow row) =>
        new(row.Id, row.Name, row.Enabled, row.Family, [.. row.Read().Select(p => new ConfiguredProperty(p.Name, p.Type, p.Value))]);
}

/// <summary>Adds a product configuration to a client.</summary>
internal sealed class AddProductConfigurationHandler(ClientStore clients, ProductConfigurationStore store, TimeProvider time)
{
    private const int TextMax = 255, PropertiesMax = 100;

    public async Task<Result<ProductConfigurationView>> HandleAsync(Tx tx, ClientId client, AddProductConfigurationRequest request, Actor actor, CancellationToken cancellation)
    {
        var texts = request.Properties.SelectMany(p => new[] { p.Name, p.Type }).Prepend(request.Family).Prepend(request.Name);
        if (texts.Any(t => string.IsNullOrEmpty(t) || t.Length > TextMax || t.Any(char.IsControl)) || request.Properties.Count > PropertiesMax
            || request.Properties.Any(p => p.Value is null || p.Value.Length > TextMax || p.Value.Any(char.IsControl)))
        {
            return KeyServerErrors.ConfigurationInvalidText;
        }

        if (await clients.FindAsync(tx, client, cancellation) is null)
        {
            return KeyServerErrors.ClientUnknown.Because($"There is no client {client.Value}.");
        }

        var row = new ProductConfigurationRow
        {
            ClientId = client, Name = request.Name, Enabled = true, Family = request.Family,
            Properties = Json.Write(request.Properties.Select(p => new PropertyItem { Name = p.Name, Type = p.Type, Value = p.Value }).ToList()),
        };
        return await store.AddAsync(tx, row, actor.Name, time.GetUtcNow(), cancellation) is { } id
            ? ProductConfigurationView.Of((await store.FindAsync(tx, id, cancellation))!)
            : KeyServerErrors.ConfigurationTaken.Because($"The client has a product configuration \"{request.Name}\".").At("name");
    }
}

/// <summary>Enables a product configuration, or disables it. May be repeated. Keys that have it keep it.</summary>
internal sealed class EnableProductConfigurationHandler(ProductConfigurationStore store, TimeProvider time)
{
    public async Task<Result<ProductConfigurationView>> HandleAsync(Tx tx, ClientId client, ProductConfigurationId id, bool enabled, CancellationToken cancellation)
    {
        if (await store.FindAsync(tx, id, cancellation) is not { } row || row.ClientId != client)
        {
            return KeyServerErrors.ConfigurationUnknown;
        }

        await store.SetEnabledAsync(tx, id, enabled, time.GetUtcNow(), cancellation);
        return ProductConfigurationView.Of((await store.FindAsync(tx, id, cancellation))!);
    }
}

internal static class ProductConfigurationEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/clients/{id}/product-configurations", (
            ClientId id, AddProductConfigurationRequest request, HttpContext http, WriteDoor door, AddProductConfigurationHandler handler,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, new { id, request }, (tx, actor) => handler.HandleAsync(tx, id, request, actor, http.RequestAborted)))
            .WithSummary("Add a product configuration");

        routes.MapGet("/clients/{id}/product-configurations", async Task<Result<Page<ProductConfigurationView>>> (
            ClientId id, HttpContext http, ClientStore clients, ProductConfigurationStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            await database.ReadAsync<Result<Page<ProductConfigurationView>>>(async s =>
                await clients.FindAsync(s, id, http.RequestAborted) is null
                    ? KeyServerErrors.ClientUnknown.Because($"There is no client {id.Value}.")
                    : new Page<ProductConfigurationView>([.. (await store.ListAsync(s, id, null, http.RequestAborted)).Select(ProductConfigurationView.Of)], null), http.RequestAborted))
            .WithSummary("List the product configurations of a client");

        Map(routes, "enable", enabled: true, "Enable a product configuration again");
        Map(routes, "disable", enabled: false, "Disable a product configuration");
    }

    private static void Map(IEndpointRouteBuilder routes, string verb, bool enabled, string summary) =>
        routes.MapPost($"/clients/{{id}}/product-configurations/{{configuration}}/{verb}", (
            ClientId id, ProductConfigurationId configuration, HttpContext http, WriteDoor door, EnableProductConfigurationHandler handler,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, null, (tx, _) => handler.HandleAsync(tx, id, configuration, enabled, http.RequestAborted)))
            .WithSummary(summary);
}
