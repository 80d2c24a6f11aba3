namespace Keygate.Api.Billing;

/// <summary>Methods that the reference names and that are not built: callers are told so, and not that the method is unknown.</summary>
internal static class NotBuilt
{
    private static readonly Dictionary<string, string[]> Names = new(StringComparer.Ordinal)
    {
        ["BM"] =
        [
            "AccountAdd_API", "AccountWithIDAdd_API", "AccountUpdate_API", "AccountDetailsGet_API", "AccountDetailsGetEx_API", "AccountExtendedDetailsGet_API", "AccountBalanceAdjust_API",
            "GetAccountListByCustomAttribute_API", "AccountGetMyCustomersList", "UserAdd_API", "UserWithIDAdd_API", "UserUpdate_API", "UserRemove_API", "UserDetailsGet_API",
            "GetUsersListForAccount_API", "UserValidate_API", "UserForVendorValidate_API", "UserRoleAdd_API", "PlanListAvailableGet_API", "PlanListGet_API", "PlanDetailsGet_API",
            "PlanCategoryListGet_API", "PlanCategoryDetailsGet_API", "SalesCategoryListGet_API", "PlanPeriodListGet_API", "PlanPeriodDetailsGet_API", "PlanRateListFullGet_API",
            "PlanParamsGetAndValidate_API", "PlaceOrderAndAuthorize_API", "CreateAccountAndPlaceOrder_API", "PlaceOrderForAccount_API", "GetOrder_API", "OrderByStatusListGet_API",
            "OrderFinDetailsListGetExt_API", "GetOrderLogList", "GetSubscriptionsListByOrder_API", "SalesOrderGetSalesOrderBySubscList", "AppliedDocsListGet_API", "OrderStatusChange_API",
            "PlaceSubscriptionCancellationOrder_API", "PlaceResourceUpgradeOrder_API", "SubscriptionDetailsGet_API", "SubscriptionDetailsGetEx_API", "GetCustomerSubscriptionList_API",
            "GetSharedHostingSubscriptionList_API", "SubscriptionListByResourceRateGet_API", "SubscriptionPlan_GetSubscriptionList", "SubscriptionResourcesListGet_API",
            "SubscriptionWithIDAdd_API", "SubscriptionStatusUpdate_API", "SubscriptionStop_API", "SubscriptionTakeFromCreditHold_API", "GetServStatusHist",
            "GetLastToServStatusTransitionDate_API", "SubscrParamValueGet_API", "UpdateObjAttrList_API", "GetObjAttrList_API", "PayToolListForAccountGet_API", "PaymentInfoGet_API",
        ],
        ["PEMGATE"] = ["AddPEMSubscription_API", "AddPEMDomainForSubscription_API"],
        ["DUMMYGATE"] = ["IncrementResourceUsage_API", "SetResourceUsage_API"],
        ["DOMAINGATE"] = ["DomainSubscrAdd_API", "DomainInfoGet_API"],
        ["TASKMAN"] = ["PostEvent"],
        ["MESSAGE"] = ["SendSubscriptionNotificationForUser_API"],
        ["BLOBDOC"] = ["TempBlobDocAdd_API"],
    };

    /// <summary>The containers of the reference.</summary>
    public static IEnumerable<string> Servers => Names.Keys;

    /// <summary>Container and name of each, also of those that are built meanwhile.</summary>
    public static IEnumerable<(string Server, string Name)> Known => Names.SelectMany(s => s.Value.Select(name => (s.Key, name)));

    /// <summary>True where the reference names the method.</summary>
    public static bool Has(string server, string name) => Names.TryGetValue(server, out var names) && names.Contains(name, StringComparer.Ordinal);
}
