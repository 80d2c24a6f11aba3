using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.detachKey</c>, reference 6.16: the additional or feature key; 101 for one without a parent.</summary>
internal sealed class DetachKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, DetachKeyHandler handler) : IPartnerMethod
{
    public string Name => "detachKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        return (await database.WriteAsync(tx => handler.HandleAsync(tx, name, call.Key, cancellation), cancellation))
            .Map(changed => changed.IsChanged
                ? Wire.Answer(ResultCodes.Done, $"{changed.Key.Number} detached.")
                : Wire.Answer(ResultCodes.DoneOtherwise, $"{changed.Key.Number} was not attached."));
    }
}
