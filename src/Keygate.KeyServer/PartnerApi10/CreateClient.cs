using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.createClient</c>, reference 5.1: an account below the login's own; login and password are made where they are missing.</summary>
internal sealed class CreateClient([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, CreateClientHandler handler) : IPartnerMethod
{
    public string Name => "createClient";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.AnyStruct)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!ClientInfoWire.Read(arguments[1]).TryGet(out var info, out var malformed))
        {
            return malformed;
        }

        return (await database.WriteAsync(tx => handler.HandleAsync(tx, call.Caller.ClientId, info, call.Caller.Login, cancellation), cancellation)).Map(created =>
        {
            var answer = Wire.Answer(ResultCodes.Done, $"{created.Client.Login} created.");
            answer["clientId"] = created.Client.Id.Value.ToString(CultureInfo.InvariantCulture);
            answer["login"] = created.Client.Login;
            answer["password"] = created.Password;
            return answer;
        });
    }
}
