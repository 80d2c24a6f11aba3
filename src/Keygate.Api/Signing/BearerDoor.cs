using Keygate.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Api;

/// <summary>Marks the endpoints of our REST, which all want a token unless they say otherwise.</summary>
internal sealed class RestEndpoint
{
    public static readonly RestEndpoint It = new();
}

/// <summary>
/// Lets only known callers with a fitting role reach an endpoint. It runs before the endpoint's own code, so that nobody unknown gets a body
/// read or a parameter looked at.
/// </summary>
internal static class BearerDoor
{
    public static void UseBearer(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<RestEndpoint>() is null || metadata.GetMetadata<WithoutToken>() is not null)
        {
            await next(http);
            return;
        }

        var check = http.RequestServices.GetRequiredService<TokenCheck>();
        if (!(await check.CheckAsync(http.Request.Headers.Authorization, http.RequestAborted)).TryGet(out var caller, out var error))
        {
            await Problems.WriteAsync(http, error);
            return;
        }

        var reads = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if ((!reads && caller.Role == StaffRole.Auditor) || (metadata.GetMetadata<RequireAdministrator>() is not null && caller.Role != StaffRole.Administrator))
        {
            await Problems.WriteAsync(http, AccountsErrors.RoleInsufficient.Because($"{caller.Actor.Name} has the role {caller.Role}, which does not allow this."));
            return;
        }

        http.SetActor(caller.Actor);
        await next(http);
    });
}
