using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.addNoteToKey</c>, reference 6.19: problem and terminated keys included.</summary>
internal sealed class AddNoteToKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, AddNoteHandler handler) : IPartnerMethod
{
    public string Name => "addNoteToKey";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        arguments[2].TryToText(out var note);
        return (await database.WriteAsync(tx => handler.HandleAsync(tx, name, note ?? "", call.Key, cancellation), cancellation))
            .Map(key => Wire.Answer(ResultCodes.Done, $"The note was added to {key.Number}."));
    }
}
