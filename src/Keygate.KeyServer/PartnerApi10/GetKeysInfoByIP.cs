using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.getKeysInfoByIP</c>, reference 6.11: the key bound to the address, if it is the caller's. Note the spelling of keysInfo.</summary>
internal sealed class GetKeysInfoByIP([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyStore store, ClientStore clients, KeyReader reader) : IPartnerMethod
{
    public string Name => "getKeysInfoByIP";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.IpOf(arguments[1]).TryGet(out var address, out var malformed))
        {
            return malformed;
        }

        var found = await database.ReadAsync(async s =>
            await store.FindBoundAsync(s, address, cancellation) is { } key && await clients.IsWithinAsync(s, call.Caller.ClientId, key.ClientId, cancellation)
                ? await reader.ReadAsync(s, key, cancellation)
                : null, cancellation);
        var answer = found is null
            ? Wire.Answer(ResultCodes.DoneOtherwise, "No keys were found.")
            : Wire.Answer(ResultCodes.Done, $"Found: {found.Key.Number}.");
        answer["keysInfo"] = KeyDetailsWire.Structs(found is null ? [] : [KeyDetailsWire.Of(found)]);
        return answer;
    }
}
