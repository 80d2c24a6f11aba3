using Keygate.Api.Billing.Bm;
using Keygate.Api.Billing.Kagate;
using Keygate.Api.Billing.Taskman;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Api.Billing;

/// <summary>The Billing API: the XML-RPC door that integrators of Business Automation call.</summary>
public static class BillingModule
{
    /// <summary>Adds the door. Needs Orders, Catalog and Accounts, and <see cref="BillingOptions"/>.</summary>
    public static IServiceCollection AddBillingApi(this IServiceCollection services)
    {
        services.AddSingleton<BillingMethods>().AddSingleton<BillingCallers>().AddSingleton<OpenTransactions>().AddSingleton<BillingDoor>();
        services.AddSingleton<IBillingMethods, AddOnMethods>().AddSingleton<IBillingMethods, FeatureGroupMethods>().AddSingleton<IBillingMethods, UpgradeMethods>();
        services.AddSingleton<IBillingMethods, AccountMethods>().AddSingleton<IBillingMethods, PlanMethods>().AddSingleton<IBillingMethods, PlaceOrderMethod>();
        services.AddSingleton<IBillingMethods, OrderMethods>().AddSingleton<IBillingMethods, SubscriptionMethods>().AddSingleton<IBillingMethods, PostEventMethod>();
        return services;
    }

    /// <summary>Maps under the REST group where the door is.</summary>
    public static IEndpointRouteBuilder MapBillingDoor(this IEndpointRouteBuilder routes)
    {
        ShowBillingDoor.Map(routes);
        return routes;
    }

    /// <summary>Maps the door: POST to <c>/RPC2</c>, and to the root and <c>/xmlrpc</c>, as clients have them.</summary>
    public static IEndpointConventionBuilder MapBillingApi(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ExcludeFromDescription();
        foreach (var path in new[] { "/RPC2", "/", "/xmlrpc" })
        {
            group.MapPost(path, (HttpContext http, BillingDoor door) => door.HandleAsync(http));
        }

        return group;
    }
}
