using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Panel;

/// <summary>The room of the screens.</summary>
public static class PanelModule
{
    /// <summary>Adds what the screens need beside the rooms whose handlers they call.</summary>
    public static IServiceCollection AddPanel(this IServiceCollection services)
    {
        services.AddRazorComponents();
        return services;
    }

    /// <summary>Lays the wall of the screens over the application. Comes after routing and before the endpoints.</summary>
    public static IApplicationBuilder UsePanel(this IApplicationBuilder app)
    {
        PanelDoor.Use(app);
        return app;
    }

    /// <summary>Maps the provider panel below <c>/admin</c>, and its assets.</summary>
    public static void MapPanel(this IEndpointRouteBuilder root)
    {
        AssetFiles.Map(root);
        var open = root.MapGroup("/admin").WithMetadata(new PanelScreen { Open = true }).ExcludeFromDescription();
        SignInScreen.Map(open);

        var admin = root.MapGroup("/admin").WithMetadata(new PanelScreen()).ExcludeFromDescription();
        DashboardScreen.Map(admin);
        FindScreen.Map(admin);
        AttentionScreen.Map(admin);
        LicensesScreen.Map(admin);
        NewLicenseScreen.Map(admin);
        LicenseScreen.Map(admin);
        ChangeScreen.Map(admin);
        SyncScreen.Map(admin);
        LicenseClassesScreen.Map(admin);
        CatalogScreen.Map(admin);
        NewPlugInScreen.Map(admin);
        PlugInsScreen.Map(admin);
        OfferScreen.Map(admin);
        OrdersScreen.Map(admin);
        OrderScreen.Map(admin);
        CustomersScreen.Map(admin);
        SubscriptionsScreen.Map(admin);
        PlansScreen.Map(admin);
        admin.MapPost("/sign-out", SignInScreen.SignOutAsync).WithMetadata(new PanelScreen { ForAuditors = true });
        admin.MapGet("/{**rest}", (HttpContext http) => Screens.Fault(http, PanelErrors.PageUnknown.Because($"There is nothing at {http.Request.Path}.")));
    }
}
