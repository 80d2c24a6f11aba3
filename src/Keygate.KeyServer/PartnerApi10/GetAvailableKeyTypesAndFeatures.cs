using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.getAvailableKeyTypesAndFeatures</c>, reference 6.12: everything the client may order.</summary>
internal sealed class GetAvailableKeyTypesAndFeatures(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, PartnerClients clients, PriceListStore priceLists, TimeProvider time) : IPartnerMethod
{
    public string Name => "getAvailableKeyTypesAndFeatures";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation) =>
        database.ReadAsync<Result<XmlRpcStruct>>(async s =>
        {
            if (!(await clients.FindAsync(s, call, Wire.TextOf(arguments[1]), cancellation)).TryGet(out var client, out var refusal))
            {
                return refusal;
            }

            var list = await priceLists.GetAsync(s, client.PriceListId, client.PriceListVersion, cancellation);
            var buyer = client.Buyer(call.Key, time.Utc());
            var keyTypes = list.OrderableKeyTypes(buyer).ToList();
            var features = list.OrderablePlans(buyer).ToList();
            var answer = Wire.Answer(ResultCodes.Done, $"Key types: {string.Join(", ", keyTypes)}. Features: {string.Join(", ", features)}.");
            answer["keyTypes"] = XmlRpcArray.Of(keyTypes);
            answer["features"] = XmlRpcArray.Of(features);
            return answer;
        }, cancellation);
}
