using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Accounts;

internal static class ProviderProfileEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var provider = routes.MapGroup("/provider").WithTags("Provider");
        provider.MapGet("", (Database database, ProviderProfiles profiles, CancellationToken cancellation) => database.ReadAsync<Result<ProviderProfile>>(
                async s => await profiles.FindAsync(s, cancellation) is { } profile ? profile : AccountsErrors.ProviderUnnamed, cancellation))
            .WithName("ShowProvider").WithSummary("Who runs this Keygate: name, host name, mail address, currency of new plans.");
        provider.MapPut("", (ProviderProfile profile, ProviderProfiles profiles, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, profile, (tx, actor) => profiles.ChangeAsync(tx, profile, actor, http.RequestAborted)))
            .WithName("ChangeProvider").WithSummary("Say who runs this Keygate.");
    }
}
