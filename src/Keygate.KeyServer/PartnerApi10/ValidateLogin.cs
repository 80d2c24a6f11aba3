using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.validateLogin</c>, reference 5.3: the door has checked everything already.</summary>
internal sealed class ValidateLogin : IPartnerMethod
{
    public string Name => "validateLogin";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct)];

    public Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation) =>
        Task.FromResult<Result<XmlRpcStruct>>(Wire.Answer(ResultCodes.Done, $"The login {call.Caller.Login} is valid."));
}
