using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.getLastPleskUsageInfo</c>, reference 6.14: what the product reported last; 233 for one that has never reported.</summary>
internal sealed class GetLastPleskUsageInfo([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyAccess access, KeyStore store) : IPartnerMethod
{
    public string Name => "getLastPleskUsageInfo";

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

            if (await store.FindUsageAsync(s, key.Id, cancellation) is not { } usage)
            {
                return KeyServerErrors.NoUsage.Because($"{key.Number} has never reported.");
            }

            var answer = Wire.Answer(ResultCodes.Done, $"{key.Number} reported.", key);
            answer["lastUsageInfo"] = new XmlRpcStruct
            {
                ["resellers"] = usage.Resellers, ["clients"] = usage.Clients, ["domains"] = usage.Domains, ["ips"] = usage.Addresses,
                ["productVersion"] = usage.ProductVersion, ["lastDate"] = XmlRpcValue.FromInstant(usage.ReportedAt),
            };
            return answer;
        }, cancellation);
    }
}
