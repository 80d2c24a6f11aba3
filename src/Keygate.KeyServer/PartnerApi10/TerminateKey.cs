using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.terminateKey</c>, reference 6.4: this key alone; a terminated one is 110 without harm.</summary>
internal sealed class TerminateKey(VendorDoor vendors, TerminateKeyHandler handler) : IPartnerMethod
{
    public string Name => "terminateKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        var terminated = await vendors.WriteAsync(tx => handler.HandleAsync(tx, name, call.Key, cancellation), changed => changed.Key, (changed, key) => changed with { Key = key }, cancellation);
        return terminated.Map(changed =>
        {
            var number = changed.Key.Number.ToString();
            var answer = changed.IsChanged ? Wire.Answer(ResultCodes.Done, $"{number} terminated.") : Wire.Answer(ResultCodes.AlreadySo, $"{number} was terminated already.");
            answer["keyNumber"] = number;
            return answer;
        });
    }
}
