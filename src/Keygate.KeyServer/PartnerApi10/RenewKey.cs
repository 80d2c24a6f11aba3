using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.renewKey</c>, reference 6.6: one more period, under the next revision.</summary>
internal sealed class RenewKey(VendorDoor vendors, RenewKeyHandler handler) : IPartnerMethod
{
    public string Name => "renewKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        var renewed = await vendors.WriteAsync(tx => handler.HandleAsync(tx, name, call.Key, cancellation), changed => changed.Key, (changed, key) => changed with { Key = key }, cancellation);
        return renewed.Map(changed =>
        {
            var key = changed.Key;
            var answer = Wire.Answer(ResultCodes.Done, changed.IsChanged
                ? $"{key.Number} renewed until {key.ExpirationDate:yyyy-MM-dd}."
                : $"{key.Number} had just been renewed until {key.ExpirationDate:yyyy-MM-dd} without a call: nothing was added. A further term can be added a day after that.");
            answer["keyNumber"] = key.Number.ToString();
            answer["expirationDate"] = key.ExpirationDate;
            answer["updateDate"] = key.UpdateDate;
            answer["productKey"] = key.ActivationCode;
            return answer;
        });
    }
}
