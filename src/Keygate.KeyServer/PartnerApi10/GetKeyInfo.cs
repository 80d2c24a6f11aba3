using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.getKeyInfo</c>, reference 6.9: one key with its additional keys, problem and terminated ones included.</summary>
internal sealed class GetKeyInfo([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyAccess access, KeyReader reader) : IPartnerMethod
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

        return await database.ReadAsync<Result<XmlRpcStruct>>(async s =>
        {
            if (!(await access.FindAsync(s, name, call.Key, cancellation)).TryGet(out var key, out var refusal))
            {
                return refusal;
            }

            var answer = Wire.Answer(ResultCodes.Done, $"{key.Number} found.");
            answer["keyNumber"] = key.Number.ToString();
            answer["keyInfo"] = KeyDetailsWire.Of(await reader.ReadAsync(s, key, cancellation));
            return answer;
        }, cancellation);
    }
}
