using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.unbindKey</c>, reference 6.18: 101 for a key that was not bound.</summary>
internal sealed class UnbindKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, UnbindKeyHandler handler) : IPartnerMethod
{
    public string Name => "unbindKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        return (await database.WriteAsync(tx => handler.HandleAsync(tx, name, call.Key, cancellation), cancellation)).Map(changed =>
            changed.IsChanged
                ? Wire.Answer(ResultCodes.Done, $"{changed.Key.Number} unbound.", changed.Key)
                : Wire.Answer(ResultCodes.DoneOtherwise, $"{changed.Key.Number} was not bound.", changed.Key));
    }
}
