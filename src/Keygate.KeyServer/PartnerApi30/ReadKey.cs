using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>GET keys/{id}</c>, reference 3.3: the full structure, whatever the query says.</summary>
internal sealed class ReadKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyAccess access, KeyStructures structures) : IRestMethod
{
    public string Verb => "GET";

    public string Path => "keys/{id}";

    public string Name => "getKeyInfo";

    public LoginRole Least => LoginRole.Standard;

    public async Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        call.Name.TryGet(out var name, out var unknown)
            ? await database.ReadAsync<Result<RestAnswer>>(async s =>
                (await access.FindAsync(s, name, call.Key, cancellation)).TryGet(out var key, out var refusal)
                    ? new RestAnswer { Json = KeyWire.Full(await structures.ReadAsync(s, key, cancellation)) }
                    : refusal, cancellation)
            : unknown;
}
