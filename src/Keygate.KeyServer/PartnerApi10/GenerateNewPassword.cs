using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.generateNewPassword</c>, reference 5.4: a new password for the calling login; the old one ends with the answer.</summary>
internal sealed class GenerateNewPassword([FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, RenewPasswordHandler handler) : IPartnerMethod
{
    public string Name => "generateNewPassword";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        return (await database.WriteAsync(tx => handler.HandleAsync(tx, call.Caller.ClientId, call.Caller.LoginId, cancellation), cancellation)).Map(renewed =>
        {
            var answer = Wire.Answer(ResultCodes.Done, $"{renewed.Login} has a new password.");
            answer["newPassword"] = renewed.Password;
            return answer;
        });
    }
}
