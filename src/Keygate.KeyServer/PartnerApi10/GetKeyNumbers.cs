using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>
/// <c>partner10.getKeyNumbers</c>, reference 6.10: the caller's keys with any of the addresses, given at creation, bound or reported; terminated
/// keys included, others' left out without a sign.
/// </summary>
internal sealed class GetKeyNumbers([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyStore store, KeyReader reader) : IPartnerMethod
{
    public string Name => "getKeyNumbers";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.AnyStruct)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.AddressesOf(arguments[1]).TryGet(out var addresses, out var malformed))
        {
            return malformed;
        }

        var found = addresses.Count == 0 ? [] : await database.ReadAsync(
            async s => await reader.ReadAsync(s, await store.WithAddressAsync(s, call.Caller.ClientId, addresses, cancellation), cancellation), cancellation);
        var numbers = found.Select(key => key.Key.Number.ToString()).ToList();
        var answer = found.Count == 0
            ? Wire.Answer(ResultCodes.DoneOtherwise, "No keys were found.")
            : Wire.Answer(ResultCodes.Done, $"Found: {string.Join(", ", numbers)}.");
        answer["keyNumbers"] = XmlRpcArray.Of(numbers);
        answer["keyInfos"] = KeyDetailsWire.Structs(found.Select(KeyDetailsWire.ShortOf));
        answer["detailResultCode"] = 0;
        return answer;
    }
}
