using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.getAvailableKeyTypesAndFeatures</c>, reference 6.12: everything the client may order.</summary>
internal sealed class GetAvailableKeyTypesAndFeatures(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, PartnerClients clients, PriceListStore priceLists) : IPartnerMethod
{
    public string Name => "getAvailableKeyTypesAndFeatures";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation) =>
        database.ReadAsync<Result<XmlRpcStruct>>(async s =>
        {
            if (await clients.RefusalAsync(s, call, Wire.TextOf(arguments[1]), cancellation) is { } refusal)
            {
                return refusal;
            }

            var list = await priceLists.GetAsync(s, call.Caller.PriceListId, call.Caller.PriceListVersion, cancellation);
            var keyTypes = list.OrderableKeyTypes.ToList();
            var features = list.OrderablePlans.ToList();
            var answer = Wire.Answer(ResultCodes.Done, $"Key types: {string.Join(", ", keyTypes)}. Features: {string.Join(", ", features)}.");
            answer["keyTypes"] = XmlRpcArray.Of(keyTypes);
            answer["features"] = XmlRpcArray.Of(features);
            return answer;
        }, cancellation);
}

/// <summary>The client that a call names, by login or number: a login serves its own client.</summary>
internal sealed class PartnerClients(ClientStore store)
{
    /// <summary>Null when the client is the login's own; 250 for a client that does not exist, 202 for another's.</summary>
    public async Task<Error?> RefusalAsync(Session session, PartnerCall call, string client, CancellationToken cancellation)
    {
        if (client == call.Caller.ClientLogin || client == call.Caller.ClientId.Value.ToString(System.Globalization.CultureInfo.InvariantCulture))
        {
            return null;
        }

        return await ClientName.FindAsync(session, store, client, cancellation) is null
            ? KeyServerErrors.ClientUnknown.Because("The client was not found.")
            : KeyServerErrors.ObjectDenied.Because("The client is not within the login's reach.");
    }
}
