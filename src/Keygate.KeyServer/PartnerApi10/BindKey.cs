using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.bindKey</c>, reference 6.17: one address, one key. 101 where another key within reach was unbound for it, 272 where another holds it.</summary>
internal sealed class BindKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, BindKeyHandler handler) : IPartnerMethod
{
    public string Name => "bindKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.IpOf(arguments[2]).TryGet(out var address, out var malformed) || !Wire.KeyNameOf(arguments[1]).TryGet(out var name, out malformed))
        {
            return malformed;
        }

        return (await database.WriteAsync(tx => handler.HandleAsync(tx, name, address, call.Key, cancellation), cancellation)).Map(bound =>
            bound.Unbound is { } other
                ? Wire.Answer(ResultCodes.DoneOtherwise, $"{bound.Key.Number} bound to {address}; {other.Number} was unbound.", bound.Key)
                : Wire.Answer(ResultCodes.Done, $"{bound.Key.Number} bound to {address}.", bound.Key));
    }
}
