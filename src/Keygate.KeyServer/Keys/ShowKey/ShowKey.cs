using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

internal static class ShowKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/keys/{number}", async Task<Result<KeyView>> (
            string number, HttpContext http, KeyAccess access, KeyReader reader, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KeyName.TryParse(number, out var name)
                ? await database.ReadAsync<Result<KeyView>>(async s =>
                    (await access.FindAsync(s, name, new KeyCaller("", null), http.RequestAborted)).TryGet(out var key, out var refusal)
                        ? await reader.ViewAsync(s, key, http.RequestAborted)
                        : refusal, http.RequestAborted)
                : KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number."))
            .WithSummary("Show a key")
            .WithDescription("By its number, with or without revision, or by its activation code.");
}
