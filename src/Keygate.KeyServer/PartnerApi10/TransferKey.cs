using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.transferKey</c>, reference 6.23: to another hardware id; 110 where it is there already.</summary>
internal sealed class TransferKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, TransferKeyHandler handler) : IPartnerMethod
{
    public string Name => "transferKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed) || !Wire.IdentifierOf(arguments[2]).TryGet(out var hardwareId, out malformed))
        {
            return malformed;
        }

        return (await database.WriteAsync(tx => handler.HandleAsync(tx, name, hardwareId, call.Key, cancellation), cancellation)).Map(changed =>
            changed.IsChanged
                ? Wire.Answer(ResultCodes.Done, $"{changed.Key.Number} transferred to {hardwareId}.", changed.Key)
                : Wire.Answer(ResultCodes.AlreadySo, $"{changed.Key.Number} was there already.", changed.Key));
    }
}
