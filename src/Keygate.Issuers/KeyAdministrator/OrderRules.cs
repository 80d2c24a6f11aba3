using Keygate.Plugins.Abstractions;
using Keygate.XmlRpc;

namespace Keygate.Issuers;

/// <summary>Reads what <c>keygate.getOrderRules</c> answers.</summary>
internal static class OrderRules
{
    public static OfferRules Read(XmlRpcStruct answer) => new(
        [.. All(answer, "keyTypes").Select(item => new OfferedKeyType(Text(item, "id"), item["additional"].AsBoolean(), Bills(item, "billing"))
        {
            AddOns = Texts(item, "additionalKeyTypes"), Conflicts = Texts(item, "conflicts"), Included = Texts(item, "features"), Unpriced = Bills(item, "unpriced"),
        })],
        [.. All(answer, "features").Select(item => new OfferedFeature(Text(item, "id"), Maybe(item, "group"), Texts(item, "keyTypes"), Bills(item, "billing"))
        {
            Conflicts = Texts(item, "conflicts"), Brings = Texts(item, "additionalKeyTypes"), Unpriced = Bills(item, "unpriced"),
        })],
        [.. All(answer, "groups").Select(item => new OfferedGroup(Text(item, "id"), Text(item, "description"), item["mandatory"].AsBoolean()))],
        [.. All(answer, "upgradePlans").Select(item => new OfferedUpgrade(Text(item, "id"), Maybe(item, "from"), Maybe(item, "to")))]);

    private static IEnumerable<XmlRpcStruct> All(XmlRpcStruct from, string member) => from[member].AsArray().Select(item => item.AsStruct());

    private static string Text(XmlRpcStruct from, string member) => from[member].AsString();

    private static string? Maybe(XmlRpcStruct from, string member) => from.GetOrNil(member).TryToText(out var text) && text.Length > 0 ? text : null;

    private static IReadOnlyList<string> Texts(XmlRpcStruct from, string member) => [.. from[member].AsArray().Select(item => item.AsString())];

    private static IReadOnlyList<BillType> Bills(XmlRpcStruct from, string member) => [.. Texts(from, member).Select(word => word == "billing" ? BillType.Lease : BillType.Purchase)];
}
