using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Keygate.Catalog;

/// <summary>What the host adds and maps of this room.</summary>
public static class CatalogModule
{
    /// <summary>Adds the catalog's handlers and its reader.</summary>
    public static IServiceCollection AddCatalog(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CatalogReader>();
        services.AddSingleton<CatalogEditor>();
        services.AddSingleton<AddLicenseClass>();
        services.AddSingleton<AddClassFeature>();
        services.AddSingleton<AddFeature>();
        services.AddSingleton<AddFeatureGroup>();
        services.AddSingleton<AddAddOn>();
        services.AddSingleton<AddUpgradeOption>();
        services.AddSingleton<ArchiveEntry>();
        services.AddSingleton<ImportCatalog>();
        services.AddSingleton<ExportCatalog>();
        return services;
    }

    /// <summary>Maps the catalog's REST below the host's prefix.</summary>
    public static IEndpointRouteBuilder MapCatalog(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Catalog");
        EntryEndpoints.Map(group);
        ImportCatalogEndpoint.Map(group);
        ExportCatalogEndpoint.Map(group);
        return routes;
    }
}
