using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.getProductConfigurations</c>, reference 5.5: all configurations of a client, or the enabled or disabled ones alone.</summary>
internal sealed class GetProductConfigurations([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, PartnerClients clients, ProductConfigurationStore store) : IPartnerMethod
{
    public string Name => "getProductConfigurations";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, XmlRpcLenient.Flag.Optional)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        return await database.ReadAsync<Result<XmlRpcStruct>>(async s =>
        {
            if (!(await clients.FindAsync(s, call, Wire.TextOf(arguments[1]), cancellation)).TryGet(out var client, out var refusal))
            {
                return refusal;
            }

            if (client.Problem || !client.Confirmed)
            {
                return client.Problem ? KeyServerErrors.ClientIsProblem : KeyServerErrors.ClientUnconfirmed;
            }

            bool? enabled = arguments.Count > 2 && arguments[2].TryToBoolean(out var flag) ? flag : null;
            var found = await store.ListAsync(s, client.Id, enabled, cancellation);
            var answer = Wire.Answer(ResultCodes.Done, string.Create(CultureInfo.InvariantCulture, $"{found.Count} product configurations found."));
            answer["productConfigurations"] = KeyDetailsWire.Structs(found.Select(row => new XmlRpcStruct
            {
                ["id"] = row.Id.Value.ToString(CultureInfo.InvariantCulture), ["name"] = row.Name, ["enabled"] = row.Enabled,
            }));
            return answer;
        }, cancellation);
    }
}
