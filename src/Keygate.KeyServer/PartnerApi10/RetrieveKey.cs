using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.retrieveKey</c>, reference 6.7: the license file, for this product version or, where the price list names one, the version before.</summary>
internal sealed class RetrieveKey(RetrieveKeyHandler handler) : IPartnerMethod
{
    public string Name => "retrieveKey";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, XmlRpcLenient.Flag.Optional)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        var previous = arguments.Count > 2 && arguments[2].TryToBoolean(out var flag) && flag;
        return (await handler.HandleAsync(name, previous ? SignedForm.PreviousFile : SignedForm.File, call.Key, cancellation)).Map(file =>
        {
            var answer = Wire.Answer(ResultCodes.Done, $"{file.Number} retrieved.");
            answer["keyNumber"] = file.Number.ToString();
            answer["key"] = file.Content;
            answer["keyExtension"] = file.Extension;
            return answer;
        });
    }
}
