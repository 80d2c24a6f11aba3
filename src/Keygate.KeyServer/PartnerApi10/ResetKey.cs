using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.resetKey</c>, reference 6.22: the key can be activated elsewhere; 110 for one that is not activated.</summary>
internal sealed class ResetKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, ResetKeyHandler handler) : IPartnerMethod
{
    public string Name => "resetKey";

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
                ? Wire.Answer(ResultCodes.Done, $"{changed.Key.Number} reset.", changed.Key)
                : Wire.Answer(ResultCodes.AlreadySo, $"{changed.Key.Number} was not activated.", changed.Key));
    }
}
