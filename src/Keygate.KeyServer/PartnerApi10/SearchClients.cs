using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.searchClients</c>, reference 5.2: accounts below the login's own whose fields contain the texts given, whatever their case; all that are given must fit.</summary>
internal sealed class SearchClients([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, SearchClientsHandler handler) : IPartnerMethod
{
    public string Name => "searchClients";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.AnyStruct)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!ClientInfoWire.ReadSearch(arguments[1]).TryGet(out var search, out var malformed))
        {
            return malformed;
        }

        var found = await database.ReadAsync(s => handler.HandleAsync(s, call.Caller.ClientId, search, cancellation), cancellation);
        var answer = found.Count == 0
            ? Wire.Answer(ResultCodes.DoneOtherwise, "No clients were found.")
            : Wire.Answer(ResultCodes.Done, string.Create(CultureInfo.InvariantCulture, $"{found.Count} clients found."));
        answer["clientInfos"] = KeyDetailsWire.Structs(found.Select(client => new XmlRpcStruct
        {
            ["clientId"] = client.Id.Value.ToString(CultureInfo.InvariantCulture), ["login"] = client.Login, ["firstName"] = client.FirstName, ["lastName"] = client.LastName,
            ["companyName"] = client.Company, ["email"] = client.Email, ["phone"] = client.Phone, ["city"] = client.City, ["country"] = client.Country,
        }));
        return answer;
    }
}
