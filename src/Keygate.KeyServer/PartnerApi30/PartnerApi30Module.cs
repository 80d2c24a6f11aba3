using Keygate.KeyServer.PartnerApi30;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>The parts of Partner API 3.0, and its paths.</summary>
internal static class PartnerApi30Module
{
    public static void AddPartnerApi30(this IServiceCollection services)
    {
        services.AddSingleton<SusDates>().AddSingleton<RenewSusHandler>().AddSingleton<ReinstateSusHandler>().AddSingleton<ConvertToEditionHandler>()
            .AddSingleton<RemainingActivations>().AddSingleton<SetRemainingActivationsHandler>().AddSingleton<MoveKeyHandler>().AddSingleton<RemoveProductConfigurationHandler>().AddSingleton<KeySearch>();
        services.AddSingleton<RestDoor>().AddSingleton<KeyStructures>().AddSingleton<KeyOperations>();
        services.AddSingleton<IRestMethod, SearchKeys>().AddSingleton<IRestMethod, CreateKey>().AddSingleton<IRestMethod, ReadKey>().AddSingleton<IRestMethod, ModifyKey>()
            .AddSingleton<IRestMethod, TerminateKey>().AddSingleton<IRestMethod, RetrieveKey>().AddSingleton<IRestMethod, RenewKey>().AddSingleton<IRestMethod, RenewSus>()
            .AddSingleton<IRestMethod, ReinstateSus>().AddSingleton<IRestMethod, ConvertToEdition>().AddSingleton<IRestMethod, ReadRemainingActivations>()
            .AddSingleton<IRestMethod, SetRemainingActivations>();
    }

    public static void MapPartnerApi30(this IEndpointRouteBuilder group)
    {
        foreach (var path in new[] { "/30/{**path}", "/jsonrest/business-partner/30/{**path}" })
        {
            group.Map(path, (HttpContext http, string? path, RestDoor door) => door.HandleAsync(http, path));
        }
    }
}
