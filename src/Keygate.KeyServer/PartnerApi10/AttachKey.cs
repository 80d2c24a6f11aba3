using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.attachKey</c>, reference 6.15: parent first. A key that is attached there already is 100 again: the reference has no other code for it.</summary>
internal sealed class AttachKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, AttachKeyHandler handler) : IPartnerMethod
{
    public string Name => "attachKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var parent, out var malformed) || !Wire.KeyNameOf(arguments[2]).TryGet(out var additional, out malformed))
        {
            return malformed;
        }

        return (await database.WriteAsync(tx => handler.HandleAsync(tx, parent, additional, call.Key, cancellation), cancellation))
            .Map(changed => Wire.Answer(ResultCodes.Done, $"{changed.Key.Number} attached."));
    }
}
