using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>GET keys/{number}/remaining-activations</c>, reference 3.11: a list of one, and the number alone, unlike everywhere else.</summary>
internal sealed class ReadRemainingActivations(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyAccess access, RemainingActivations remaining) : IRestMethod
{
    public string Verb => "GET";

    public string Path => "keys/{number}/remaining-activations";

    public string Name => "getKeyInfo";

    public LoginRole Least => LoginRole.Standard;

    public async Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        call.Number.TryGet(out var name, out var unknown)
            ? await database.ReadAsync<Result<RestAnswer>>(async s =>
            {
                if (!(await access.FindAsync(s, name, call.Key, cancellation)).TryGet(out var key, out var refusal))
                {
                    return refusal;
                }

                var left = await remaining.OfAsync(s, key, cancellation);
                return new RestAnswer
                {
                    Json = KeyWire.Write(json =>
                    {
                        json.WriteStartArray();
                        json.WriteStartObject();
                        json.WriteNumber("keyNumber", key.Id.Value);
                        json.WriteNumber("remainingActivations", left);
                        json.WriteEndObject();
                        json.WriteEndArray();
                    }),
                };
            }, cancellation)
            : unknown;
}
