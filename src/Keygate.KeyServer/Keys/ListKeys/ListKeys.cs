using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

internal static class ListKeysEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/keys", async Task<Result<Page<KeyView>>> (
            string? client, string? number, int? limit, string? cursor, HttpContext http, ClientStore clients, KeyStore store, KeyReader reader,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
        {
            KeyName? name = null;
            if (number is not null && !KeyName.TryParse(number, out name))
            {
                return KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number.").At("number");
            }

            return await database.ReadAsync<Result<Page<KeyView>>>(async s =>
            {
                var owner = client is null ? null : await ClientName.FindAsync(s, clients, client, http.RequestAborted);
                if (client is not null && owner is null)
                {
                    return KeyServerErrors.ClientUnknown.Because($"There is no client \"{client}\".").At("client");
                }

                if (name is not null)
                {
                    var found = await store.FindAsync(s, name, http.RequestAborted);
                    return found is null || (owner is not null && found.ClientId != owner.Id)
                        ? new Page<KeyView>([], null)
                        : new Page<KeyView>(await reader.LinesAsync(s, [found], http.RequestAborted), null);
                }

                var page = await PageRequest.Of(limit, cursor).NewestFirstAsync(
                    $"keys {client}",
                    (before, rows) => store.PageAsync(s, owner?.Id, null, before > int.MaxValue ? null : KeyId.Of((int)before), rows, http.RequestAborted),
                    k => k.Id.Value, k => k);
                if (!page.TryGet(out var keys, out var refusal))
                {
                    return refusal;
                }

                return new Page<KeyView>(await reader.LinesAsync(s, [.. keys.Items], http.RequestAborted), keys.Next);
            }, http.RequestAborted);
        })
        .WithSummary("List keys, the newest first")
        .WithDescription("client: login or number of a client. number: a key number or activation code.");
}
