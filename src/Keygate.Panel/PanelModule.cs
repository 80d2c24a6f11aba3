using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Panel;

/// <summary>The room of the screens.</summary>
public static class PanelModule
{
    /// <summary>Adds what the screens need beside the rooms whose handlers they call.</summary>
    /// <param name="services">The services.</param>
    /// <param name="folder">Where the first run proposes to put license files on this machine; empty for no proposal.</param>
    public static IServiceCollection AddPanel(this IServiceCollection services, string folder = "")
    {
        services.AddSingleton(new PanelOptions(folder));
        services.AddRazorComponents();
        return services;
    }

    /// <summary>Lays the wall of the screens over the application. Comes after routing and before the endpoints.</summary>
    public static IApplicationBuilder UsePanel(this IApplicationBuilder app)
    {
        PanelDoor.Use(app);
        return app;
    }

    /// <summary>Maps the provider panel below <c>/admin</c>, the store at the root, the customer portal below <c>/my</c>, and their assets.</summary>
    public static void MapPanel(this IEndpointRouteBuilder root)
    {
        AssetFiles.Map(root);
        var open = root.MapGroup("/admin").WithMetadata(new PanelScreen { For = Audience.Anyone }).ExcludeFromDescription();
        SignInScreen.Map(open);

        var store = root.MapGroup("").WithMetadata(new PanelScreen { For = Audience.Visitors }).ExcludeFromDescription();
        StoreScreen.Map(store);
        MySignInScreen.Map(store);
        var customers = root.MapGroup("").WithMetadata(new PanelScreen { For = Audience.Customers }).ExcludeFromDescription();
        StoreScreen.MapOrder(customers);
        MyScreen.Map(customers);
        customers.MapPost("/my/sign-out", MySignInScreen.SignOutAsync);

        var admin = root.MapGroup("/admin").WithMetadata(new PanelScreen()).ExcludeFromDescription();
        DashboardScreen.Map(admin);
        FirstRunScreen.Map(admin);
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
        NewPlanScreen.Map(admin);
        StaffScreen.Map(admin);
        AuditScreen.Map(admin);
        WorkScreen.Map(admin);
        EventsScreen.Map(admin);
        admin.MapPost("/sign-out", SignInScreen.SignOutAsync).WithMetadata(new PanelScreen { ForAuditors = true });
        admin.MapGet("/{**rest}", (HttpContext http) => Screens.Fault(http, PanelErrors.PageUnknown.Because($"There is nothing at {http.Request.Path}.")));
    }
}

/// <summary>What the host tells the screens.</summary>
/// <param name="Folder">Where license files can be put on this machine.</param>
internal sealed record PanelOptions(string Folder);
