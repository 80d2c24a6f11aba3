using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>
/// <c>partner10.sendKeyByEmail</c>, reference 6.8: four forms; the two of three arguments are told apart by the type of the third. An empty address stands for the
/// owner's.
/// </summary>
internal sealed class SendKeyByEmail(SendKeyHandler handler) : IPartnerMethod
{
    public string Name => "sendKeyByEmail";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } =
    [
        new(Wire.AnyStruct, Wire.Text),
        new(Wire.AnyStruct, Wire.Text, XmlRpcLenient.Flag),
        new(Wire.AnyStruct, Wire.Text, XmlRpcKinds.String),
        new(Wire.AnyStruct, Wire.Text, XmlRpcKinds.String, XmlRpcLenient.Flag),
    ];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        var email = arguments.Count > 2 && arguments[2].Kind == XmlRpcKind.String ? Wire.TextOf(arguments[2]) : "";
        var zip = arguments.Count > 2 && arguments[^1].Kind != XmlRpcKind.String && arguments[^1].TryToBoolean(out var flag) && flag;
        return (await handler.HandleAsync(name, email.Length == 0 ? null : email, zip, call.Key, cancellation)).Map(to =>
        {
            var answer = Wire.Answer(ResultCodes.Done, $"Sent to {to}.");
            answer["emailAddress"] = to;
            return answer;
        });
    }
}
