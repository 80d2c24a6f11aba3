using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.downgradeKey</c>, reference 6.3: the plan by which the feature was added is taken back; 101 where a smaller feature comes in its place.</summary>
internal sealed class DowngradeKey(VendorDoor vendors, DowngradeKeyHandler handler) : IPartnerMethod
{
    public string Name => "downgradeKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text, Wire.Text)];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        var plan = Wire.TextOf(arguments[2]);
        return (await vendors.WriteAsync(
            tx => handler.HandleAsync(tx, name, plan, call.Key, cancellation), downgraded => downgraded.Change.Key,
            (downgraded, key) => downgraded with { Change = downgraded.Change with { Key = key } }, cancellation)).Map(downgraded =>
        {
            var key = downgraded.Change.Key;
            return !downgraded.Change.IsChanged ? Wire.Answer(ResultCodes.AlreadySo, $"{key.Number} does not have {plan}.", key)
                : downgraded.Replacement is { } smaller ? Wire.Answer(ResultCodes.DoneOtherwise, $"{key.Number} has {smaller.Id} now.", key)
                : Wire.Answer(ResultCodes.Done, $"{key.Number} does not have {plan} any more.", key);
        });
    }
}
