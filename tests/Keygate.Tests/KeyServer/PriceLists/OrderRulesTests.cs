using Keygate.KeyServer;
using Keygate.Kernel;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PriceLists;

public sealed class OrderRulesTests
{
    private static readonly Buyer Lease = new(BillingType.Lease, new DateOnly(2026, 3, 9));
    private static readonly PriceList List = Of(TestKeyServer.Sample("hosting"));

    [Fact]
    public void Takes_an_order_as_the_price_list_has_it()
    {
        var order = Check("PLESK_10_AND_LATER", ["PLESK_RELOADED_POWER_PACK_LIGHT", "30_DOMAINS"], ["KAV_FOR_PLESK"], BillingType.Lease).Value;

        order.KeyType.Name.ShouldBe("Plesk 10 for Unix/Linux");
        order.Features.Select(f => f.Id).ShouldBe(["PLESK_RELOADED_POWER_PACK_LIGHT", "30_DOMAINS"]);
        order.Additional.Select(k => k.Id).ShouldBe(["KAV_FOR_PLESK"]);
        order.Billing.ShouldBe(BillingType.Lease);
    }

    [Fact]
    public void Refuses_a_feature_that_the_key_type_does_not_support() =>
        Refused(KeyServerErrors.FeatureSetConflicting, "PLESK_10_PLUS", ["30_DOMAINS", "PLESK_RELOADED_POWER_PACK_LIGHT"])
            .ShouldBe("conflicting feature set: PLESK_RELOADED_POWER_PACK_LIGHT is not a feature of PLESK_10_PLUS.");

    [Fact]
    public void Refuses_a_feature_that_does_not_exist() =>
        Refused(KeyServerErrors.FeatureSetConflicting, "PLESK_10_PLUS", ["30_DOMAINS", "31_DOMAINS"]).ShouldStartWith("conflicting feature set: 31_DOMAINS");

    [Fact]
    public void Refuses_two_features_of_one_group() =>
        Refused(KeyServerErrors.FeatureSetConflicting, "PLESK_10_AND_LATER", ["10_DOMAINS", "LANGUAGE_PACK_1", "30_DOMAINS"])
            .ShouldBe("conflicting feature set: 10_DOMAINS and 30_DOMAINS belong to the group DOMAIN_LIMIT, of which a key carries one.");

    [Fact]
    public void Takes_the_same_feature_named_twice_once() =>
        Check("PLESK_10_AND_LATER", ["10_DOMAINS", "10_DOMAINS"]).Value.Features.Count.ShouldBe(1);

    [Fact]
    public void Refuses_a_mandatory_group_without_a_feature() =>
        Refused(KeyServerErrors.ConfigurationInvalid, "PLESK_10_AND_LATER_FOR_VZ", ["LANGUAGE_PACK_1"])
            .ShouldBe("Invalid Key configuration: PLESK_10_AND_LATER_FOR_VZ needs a feature of the group DOMAIN_LIMIT (Domain Limit).");

    [Fact]
    public void Asks_for_no_feature_of_a_group_that_the_key_type_has_none_of() => Check("PLESK_9_FOR_VZ", []).IsDone.ShouldBeTrue();

    [Fact]
    public void Refuses_an_unknown_key_type() => Refused(KeyServerErrors.KeyTypeUnknown, "PLESK_11", []).ShouldBe("Unknown base keytype PLESK_11.");

    [Fact]
    public void Refuses_a_key_type_that_is_not_offered_in_the_billing_type_asked_for() =>
        Check("PLESK_9_FOR_VZ", [], [], BillingType.Purchase).Error.ShouldNotBeNull().Detail.ShouldBe("Unknown base keytype PLESK_9_FOR_VZ for purchase.");

    [Fact]
    public void Takes_the_only_billing_type_where_the_order_names_none() =>
        Check("VIRTUOZZO_4", [], [], null).Value.Billing.ShouldBe(BillingType.Purchase);

    [Fact]
    public void Refuses_a_withdrawn_key_type()
    {
        var withdrawn = new PriceList(List.Id, List.Name, 2, List.Items, new HashSet<(string, string)> { (KeyTypeItem.KindWord, "PLESK_9_FOR_VZ") });

        OrderRules.Check(withdrawn, new KeyOrder("PLESK_9_FOR_VZ", [], [], null), Lease).Error!.Code.ShouldBe(KeyServerErrors.KeyTypeUnknown.Code);
    }

    [Fact]
    public void Refuses_an_additional_key_type_that_does_not_fit() =>
        Check("VIRTUOZZO_4", [], ["KAV_FOR_PLESK"], null).Error!.Code.ShouldBe(KeyServerErrors.AdditionalUnfit.Code);

    [Fact]
    public void Refuses_a_main_key_type_as_an_additional_one() =>
        Check("PLESK_9_FOR_VZ", [], ["PLESK_10_PLUS"], null).Error!.Code.ShouldBe(KeyServerErrors.AdditionalUnfit.Code);

    [Fact]
    public void Refuses_an_additional_key_type_named_twice() =>
        Check("PLESK_9_FOR_VZ", [], ["KAV_FOR_PLESK", "KAV_FOR_PLESK"], null).Error!.Code.ShouldBe(KeyServerErrors.AdditionalTaken.Code);

    [Fact]
    public void Says_first_what_is_wrong_with_the_key_type_then_features_then_groups()
    {
        Refused(KeyServerErrors.KeyTypeUnknown, "PLESK_11", ["NO_SUCH_FEATURE"]);
        Refused(KeyServerErrors.FeatureSetConflicting, "PLESK_10_AND_LATER", ["NO_SUCH_FEATURE"]);
    }

    [Fact]
    public void A_feature_of_one_billing_type_is_refused_only_where_the_order_insists_on_the_other()
    {
        var list = Of("""
            { "format": "keygate-price-list/1", "name": "x",
              "keyTypes": [{ "id": "A", "name": "A", "product": "A", "prefix": "A", "billing": ["lease", "purchase"], "period": "1 month" }],
              "features": [{ "id": "F", "name": "F", "keyTypes": ["A"], "billing": ["purchase"] }] }
            """u8.ToArray());

        OrderRules.Check(list, new KeyOrder("A", ["F"], [], null), Lease).Value.Billing.ShouldBe(BillingType.Lease);
        OrderRules.Check(list, new KeyOrder("A", ["F"], [], BillingType.Lease), Lease).Error!.Code.ShouldBe(KeyServerErrors.FeatureSetConflicting.Code);
        OrderRules.Check(list, new KeyOrder("A", ["F"], [], BillingType.Purchase), Lease).IsDone.ShouldBeTrue();
    }

    private static string Refused(Error expected, string keyType, string[] features)
    {
        var error = Check(keyType, features).Error.ShouldNotBeNull();
        error.Code.ShouldBe(expected.Code);
        return error.Detail;
    }

    private static Result<CheckedOrder> Check(string keyType, string[] features, string[]? additional = null, BillingType? billing = null) =>
        OrderRules.Check(List, new KeyOrder(keyType, features, additional ?? [], billing), Lease);

    private static PriceList Of(byte[] json)
    {
        var file = PriceListFile.Read(json).Value;
        return new PriceList(PriceListId.Of(1), file.Name, 1, file.Items, new HashSet<(string, string)>());
    }
}
