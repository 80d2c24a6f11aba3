using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary><c>partner10.upgradeKey</c>, reference 6.2: one plan or several, with or without a billing type; told apart by the type of the third argument. With 110 the answer has number and dates as with 100.</summary>
internal sealed class UpgradeKey(VendorDoor vendors, UpgradeKeyHandler handler, PriceListStore priceLists) : IPartnerMethod
{
    public string Name => "upgradeKey";

    public LoginRole Least => LoginRole.Advanced;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [
        new(Wire.AnyStruct, Wire.Text, XmlRpcKinds.String),
        new(Wire.AnyStruct, Wire.Text, XmlRpcKinds.String, Wire.Text),
        new(Wire.AnyStruct, Wire.Text, Wire.Plans),
        new(Wire.AnyStruct, Wire.Text, Wire.Plans, Wire.Text),
    ];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Wire.KeyNameOf(arguments[1]).TryGet(out var name, out var malformed))
        {
            return malformed;
        }

        if (!arguments[2].TryToTexts(out var texts) || NotEmpty(texts) is not { Count: > 0 } plans)
        {
            return KeyServerErrors.PlansMissing;
        }

        if (!Wire.BillingOf(arguments[3]).TryGet(out var billing, out malformed))
        {
            return malformed;
        }

        // The reference gives the date of updates for plans about them alone.
        var tellsSus = false;
        var done = await vendors.WriteAsync(
            async tx =>
            {
                var result = await handler.HandleAsync(tx, name, plans, billing, call.Key, cancellation);
                var list = result.IsDone ? await priceLists.GetAsync(tx, result.Value.Key.PriceListId, cancellation) : null;
                tellsSus = list is not null && plans.Any(plan => list.UpgradePlan(plan) is { Sus: not SusAct.None });
                return result;
            }, upgraded => upgraded.Key, (upgraded, key) => upgraded with { Key = key }, cancellation);
        return done.Map(upgraded =>
        {
            var key = upgraded.Key;
            var made = upgraded.Made.Count == 0 ? "" : $" Attached: {string.Join(", ", upgraded.Made.Select(k => k.Number))}.";
            var answer = upgraded.IsChanged
                ? Wire.Answer(ResultCodes.Done, $"{key.Number} upgraded.{made}", key, withDates: true)
                : Wire.Answer(ResultCodes.AlreadySo, $"{key.Number} has this already.", key, withDates: true);
            if (tellsSus && key.SusDate is { } sus)
            {
                answer["susDate"] = sus;
            }

            return answer;
        });
    }

    private static List<string> NotEmpty(IReadOnlyList<string> texts) => [.. texts.Select(text => text.Trim()).Where(text => text.Length > 0)];
}
