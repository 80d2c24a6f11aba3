using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>
/// <c>keygate.getOrderRules</c>, a method of Keygate's own beside Partner API 1.0 (ADR 0039): by which rules the client's orders are accepted. The reference
/// has identifiers alone, by which nobody can tell whether an order will be refused.
/// </summary>
internal sealed class GetOrderRules(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, PartnerClients clients, PriceListStore priceLists, TimeProvider time) : IPartnerMethod
{
    public string Family => "keygate";

    public string Name => "getOrderRules";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } = [new(Wire.AnyStruct, Wire.Text)];

    public Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation) =>
        database.ReadAsync<Result<XmlRpcStruct>>(async s =>
        {
            if (!(await clients.FindAsync(s, call, Wire.TextOf(arguments[1]), cancellation)).TryGet(out var client, out var refusal))
            {
                return refusal;
            }

            var list = await priceLists.GetAsync(s, client.PriceListId, client.PriceListVersion, cancellation);
            var buyer = client.Buyer(call.Key, time.Utc());
            var answer = Wire.Answer(ResultCodes.Done, $"The rules of price list {list.Name}.");
            answer["keyTypes"] = Array(list.Items.KeyTypes.Where(item => list.Offers(item, buyer.Today) && (item.Type != KeyKind.Feature || buyer.FeatureKeys)).Select(item => KeyType(list, item, buyer)));
            answer["features"] = Array(list.Items.Features.Where(item => list.Offers(item, buyer.Today)).Select(item => Feature(list, item, buyer)));
            answer["groups"] = Array(list.Items.Groups.Select(item => new XmlRpcStruct { ["id"] = item.Id, ["description"] = item.Description, ["mandatory"] = item.Mandatory }));
            var plans = list.OrderablePlans(buyer).ToHashSet(StringComparer.Ordinal);
            answer["upgradePlans"] = Array(list.Items.UpgradePlans.Where(item => plans.Contains(item.Id)).Select(item => new XmlRpcStruct { ["id"] = item.Id, ["from"] = item.From, ["to"] = item.To }));
            return answer;
        }, cancellation);

    private static XmlRpcStruct KeyType(PriceList list, KeyTypeItem item, Buyer buyer) => new()
    {
        ["id"] = item.Id,
        ["additional"] = item.Type is KeyKind.Additional or KeyKind.Feature,
        ["billing"] = Words(item.Billing),
        ["unpriced"] = Unpriced(list, item, item.Billing, buyer),
        ["additionalKeyTypes"] = XmlRpcArray.Of(item.Additional),
        ["conflicts"] = XmlRpcArray.Of(item.Conflicts),
        ["features"] = XmlRpcArray.Of(item.Features),
    };

    private static XmlRpcStruct Feature(PriceList list, FeatureItem item, Buyer buyer)
    {
        IReadOnlyList<BillingType> billing = item.Billing.Count == 0 ? [BillingType.Lease, BillingType.Purchase] : item.Billing;
        return new()
        {
            ["id"] = item.Id,
            ["group"] = item.Group,
            ["keyTypes"] = XmlRpcArray.Of(item.KeyTypes),
            ["billing"] = Words(billing),
            ["unpriced"] = Unpriced(list, item, billing, buyer),
            ["conflicts"] = XmlRpcArray.Of(item.Conflicts),
            ["additionalKeyTypes"] = XmlRpcArray.Of(item.Additional),
        };
    }

    private static XmlRpcArray Unpriced(PriceList list, PriceListItem item, IEnumerable<BillingType> billing, Buyer buyer) =>
        buyer.Unpriced ? [] : Words(billing.Where(type => !list.Prices(item, type)));

    private static XmlRpcArray Words(IEnumerable<BillingType> billing) => XmlRpcArray.Of([.. billing.Select(OrderRules.Word)]);

    private static XmlRpcArray Array(IEnumerable<XmlRpcStruct> items) => [.. items.Select(item => (XmlRpcValue)item)];
}
