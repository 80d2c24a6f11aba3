using Keygate.Accounts;
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
    /// <param name="provider">True for the provider's side: its panel, the store and the customer portal.</param>
    /// <param name="keyServer">True for the issuer's side.</param>
    public static IServiceCollection AddPanel(this IServiceCollection services, string folder = "", bool provider = true, bool keyServer = false)
    {
        services.AddSingleton(new PanelOptions(folder, provider, keyServer));
        services.AddRazorComponents();
        return services;
    }

    /// <summary>Lays the wall of the screens over the application. Comes after routing and before the endpoints.</summary>
    public static IApplicationBuilder UsePanel(this IApplicationBuilder app)
    {
        PanelDoor.Use(app);
        return app;
    }

    /// <summary>
    /// Maps what this process has sides for: the provider panel below <c>/admin</c>, the store at the root and the customer portal below <c>/my</c>; the issuer panel below <c>/issuer</c>; and for both the staff's
    /// own screens below <c>/admin</c>, and the assets.
    /// </summary>
    public static void MapPanel(this IEndpointRouteBuilder root)
    {
        var sides = root.ServiceProvider.GetRequiredService<PanelOptions>();
        AssetFiles.Map(root);
        var open = root.MapGroup("/admin").WithMetadata(new PanelScreen { For = Audience.Anyone }).ExcludeFromDescription();
        SignInScreen.Map(open);
        var admin = root.MapGroup("/admin").WithMetadata(new PanelScreen()).ExcludeFromDescription();
        StaffScreen.Map(admin, sides.Provider);
        AuditScreen.Map(admin);
        admin.MapPost("/sign-out", SignInScreen.SignOutAsync).WithMetadata(new PanelScreen { ForAuditors = true });
        if (sides.Provider)
        {
            PasswordScreen.Map(open, LinkPerson.Staff);
            MapStore(root);
            MapProvider(admin);
        }

        if (sides.KeyServer)
        {
            MapIssuer(root.MapGroup("/issuer").WithMetadata(new PanelScreen()).ExcludeFromDescription());
        }

        if (!sides.Provider)
        {
            foreach (var home in new[] { "", "/first-run" })
            {
                admin.MapGet(home, (Delegate)((HttpContext http) => Results.LocalRedirect(Frame.Of(http).Url("/issuer"))));
            }
        }

        admin.MapGet("/{**rest}", Unknown);
    }

    private static void MapStore(IEndpointRouteBuilder root)
    {
        var store = root.MapGroup("").WithMetadata(new PanelScreen { For = Audience.Visitors }).ExcludeFromDescription();
        StoreScreen.Map(store);
        MySignInScreen.Map(store);
        PasswordScreen.Map(store.MapGroup("/my"), LinkPerson.Customer);
        var customers = root.MapGroup("").WithMetadata(new PanelScreen { For = Audience.Customers }).ExcludeFromDescription();
        StoreScreen.MapOrder(customers);
        MyScreen.Map(customers);
        customers.MapPost("/my/sign-out", MySignInScreen.SignOutAsync);
    }

    private static void MapProvider(IEndpointRouteBuilder admin)
    {
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
        WorkScreen.Map(admin);
        EventsScreen.Map(admin);
    }

    private static void MapIssuer(IEndpointRouteBuilder issuer)
    {
        IssuerScreen.Map(issuer);
        ClientsScreen.Map(issuer);
        KeysScreen.Map(issuer);
        PriceListsScreen.Map(issuer);
        VendorsScreen.Map(issuer);
        SigningScreen.Map(issuer);
        issuer.MapGet("/{**rest}", Unknown);
    }

    private static Microsoft.AspNetCore.Http.IResult Unknown(HttpContext http) => Screens.Fault(http, PanelErrors.PageUnknown.Because($"There is nothing at {http.Request.Path}."));
}

/// <summary>What the host tells the screens.</summary>
/// <param name="Folder">Where license files can be put on this machine.</param>
/// <param name="Provider">True where this process has the provider's side.</param>
/// <param name="KeyServer">True where it has the issuer's.</param>
public sealed record PanelOptions(string Folder, bool Provider, bool KeyServer);
