using Keygate.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>A license request was written.</summary>
/// <param name="Id">The license's number, from now on.</param>
public sealed record LicenseRequested(LicenseId Id);

internal static class RequestLicenseEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses",
        (RequestLicenseRequest request, HttpContext http, WriteDoor door, RequestLicense handler) =>
            door.WriteAsync(http, request, async (tx, actor) =>
                (await handler.NewAsync(tx, request, actor, http.RequestAborted)).Map(id => new LicenseRequested(id))))
        .WithName("RequestLicense").WithTags("Licenses").WithSummary("New License: write a license request without an order.");
}
