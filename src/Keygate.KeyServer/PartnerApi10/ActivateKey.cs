using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.activateKey</c>, reference 6.21: without an identifier, or with the hardware id or instance the key is activated for.</summary>
internal sealed class ActivateKey([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, ActivateKeyHandler handler) : IPartnerMethod
{
    public string Name => "activateKey";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, Wire.Text.Optional)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed) || !Wire.IdentifierOf(arguments[2]).TryGet(out var identifier, out malformed))
        {
            return malformed;
        }

        var activated = await database.WriteAsync(tx => handler.HandleAsync(tx, name, identifier, call.Key, cancellation), cancellation);
        return activated.Map(changed =>
        {
            var number = changed.Key.Number.ToString();
            var answer = changed.IsChanged ? Wire.Answer(ResultCodes.Done, $"{number} activated.") : Wire.Answer(ResultCodes.AlreadySo, $"{number} was active already.");
            answer["keyNumber"] = number;
            return answer;
        });
    }
}
