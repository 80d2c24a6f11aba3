using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.getKeyInfo</c>, reference 6.9: one key with its additional keys, problem and terminated ones included.</summary>
internal sealed class GetKeyInfo(KeyAccess access) : IPartnerMethod
{
    public string Name => "getKeyInfo";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        if (!(await access.ReadAsync(name, call.Key, cancellation)).TryGet(out var details, out var refusal))
        {
            return refusal;
        }

        var number = details.Key.Number.ToString();
        var answer = Wire.Answer(ResultCodes.Done, $"{number} found.");
        answer["keyNumber"] = number;
        answer["keyInfo"] = KeyDetailsWire.Of(details);
        return answer;
    }
}
