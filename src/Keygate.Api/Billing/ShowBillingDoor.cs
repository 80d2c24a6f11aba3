using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Api.Billing;

/// <summary>Where the Billing API of this process is reached; the host sets it once it listens.</summary>
public sealed class BillingAddress
{
    /// <summary>The address, with its path; null where this process does not have the door.</summary>
    public Uri? Url { get; set; }
}

/// <summary>The Billing API's door, for people and programs that look for it.</summary>
/// <param name="Url">Where it is reached from the machine it runs on; absent where it is switched off.</param>
public sealed record BillingDoorView(string? Url);

internal static class ShowBillingDoor
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/billing-api", (BillingAddress address) => Result(address))
        .WithName("ShowBillingDoor").WithTags("Billing API").WithSummary("Where the Billing API (XML-RPC) is reached.");

    private static Result<BillingDoorView> Result(BillingAddress address) => new BillingDoorView(address.Url?.ToString());
}
