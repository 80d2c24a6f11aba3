using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.getAvailableUpgrades</c>, reference 6.13: the plans that would change the key now, those that switch a feature off included.</summary>
internal sealed class GetAvailableUpgrades([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyAccess access, UpgradeKeyHandler handler) : IPartnerMethod
{
    public string Name => "getAvailableUpgrades";

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

            var plans = await handler.AvailableAsync(s, key, call.Key, cancellation);
            var answer = Wire.Answer(ResultCodes.Done, plans.Count == 0 ? $"{key.Number} cannot be upgraded." : $"{key.Number}: {string.Join(", ", plans)}.");
            answer["upgradePlans"] = XmlRpcArray.Of(plans);
            return answer;
        }, cancellation);
    }
}
