using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>Refusals of the orders room.</summary>
public static class OrdersErrors
{
    public static readonly Error NotFound = new("orders.not-found", ErrorKind.NotFound,
        "There is no such order", "List the orders and take a number from there.");

    public static readonly Error ItemNotFound = new("orders.item-not-found", ErrorKind.NotFound,
        "There is no such provisioning item", "Open the order and take the item's number from there.");

    public static readonly Error SubscriptionNotFound = new("orders.subscription-not-found", ErrorKind.NotFound,
        "There is no such subscription", "List the subscriptions and take a number from there.");

    public static readonly Error ResourceLacking = new("orders.resource-lacking", ErrorKind.Conflict,
        "The subscription has no free resource for the license", "Order the resource for the subscription, or assign the license to another one.");

    public static readonly Error PlanNotFound = new("orders.plan-not-found", ErrorKind.NotFound,
        "There is no such plan", "List the plans and take a number from there.");

    public static readonly Error PeriodNotFound = new("orders.period-not-found", ErrorKind.NotFound,
        "There is no such plan period", "Show the plan and take a period's number from there.");

    public static readonly Error StatusUnreachable = new("orders.status-unreachable", ErrorKind.Conflict,
        "The order cannot be brought into that status by hand", "See what is possible in its present state; what follows from provisioning comes by itself.");

    public static readonly Error SignatureStale = new("orders.signature-stale", ErrorKind.Conflict,
        "The order is not as the caller saw it", "Read the order again, and sign what it says now.");

    public static readonly Error AttentionNotFound = new("orders.attention-not-found", ErrorKind.NotFound,
        "Nothing of this number needs attention", "List what needs attention and take a number from there; it may have gone on meanwhile.");

    public static readonly Error CancelTheOrder = new("orders.cancel-the-order", ErrorKind.Conflict,
        "The work belongs to an order", "Cancel the order; that ends its work as well.");

    public static readonly Error StateUnknown = new("orders.state-unknown", ErrorKind.Invalid,
        "There is no such order state", "Use a state code such as WP, PR, PF or CP.");

    public static readonly Error PlanUnknown = new("orders.plan-unknown", ErrorKind.Invalid,
        "The plan is not known", "Name the number of a plan that GET /api/v1/plans lists.");

    public static readonly Error PlanNotPublished = new("orders.plan-not-published", ErrorKind.Conflict,
        "The plan is not for sale", "Publish the plan, or order another one.");

    public static readonly Error PeriodUnknown = new("orders.period-unknown", ErrorKind.Invalid,
        "The plan has no such period", "Name one of the plan's periods, or none for its first.");

    public static readonly Error CustomerUnknown = new("orders.customer-unknown", ErrorKind.Invalid,
        "The customer is not known", "Name the number of a customer that GET /api/v1/customers lists.");

    public static readonly Error ResourceUnknown = new("orders.resource-unknown", ErrorKind.Invalid,
        "There is no such resource", "Use the identifier of a license class or feature of the catalog, or add the resource first.");

    public static readonly Error ResourceNotInPlan = new("orders.resource-not-in-plan", ErrorKind.Invalid,
        "The plan does not offer this resource", "Order what the plan lists, or add a rate for the resource to the plan.");

    public static readonly Error ResourceTwice = new("orders.resource-twice", ErrorKind.Invalid,
        "The resource is named twice", "Name each resource once, with its quantity.");

    public static readonly Error ResourceTaken = new("orders.resource-taken", ErrorKind.Conflict,
        "There is such a resource already", "Use the one that exists, or another command.");

    public static readonly Error QuantityUnfit = new("orders.quantity-unfit", ErrorKind.Invalid,
        "The quantity is outside what the plan allows", "Keep between the minimum and the maximum of the resource's rate.");

    public static readonly Error ClassesConflict = new("orders.classes-conflict", ErrorKind.Invalid,
        "Two main license classes conflict", "Order one main license class; place a second order for the other.");

    public static readonly Error ClassMissing = new("orders.class-missing", ErrorKind.Invalid,
        "A feature or additional class stands without its license class", "Add the license class that it belongs to.");

    public static readonly Error GroupWithoutFeature = new("orders.group-without-feature", ErrorKind.Invalid,
        "A mandatory feature group has no feature in the plan", "Add at least one feature of the group, since no order could be fulfilled without.");

    public static readonly Error PlanWouldFail = new("orders.plan-would-fail", ErrorKind.Conflict,
        "Orders of the plan would fail at the issuer", "Mend what is named; the check of the plan has each order with its cause.");

    public static readonly Error NotOffered = new("orders.not-offered", ErrorKind.Conflict,
        "The issuer no longer offers what is ordered", "Order something else; the provider has to have it enabled for the account, or to take it out of the plan.");

    public static readonly Error GroupTakenTwice = new("orders.group-taken-twice", ErrorKind.Invalid,
        "Two features of one group would be in every order", "Set the minimum of all but one of them to 0.");

    public static readonly Error NameInvalid = new("orders.name-invalid", ErrorKind.Invalid,
        "The name does not fit", "Give a name of 1 to 250 characters.");

    public static readonly Error TextTooLong = new("orders.text-too-long", ErrorKind.Invalid,
        "The text is too long", "Shorten it to the length that is named.");

    public static readonly Error CurrencyInvalid = new("orders.currency-invalid", ErrorKind.Invalid,
        "The currency is not a code of three letters", "Use the three capital letters of ISO 4217, such as EUR.");

    public static readonly Error FeeInvalid = new("orders.fee-invalid", ErrorKind.Invalid,
        "A fee does not fit", "Give fees as whole minor units, 0 or more.");

    public static readonly Error PeriodInvalid = new("orders.period-invalid", ErrorKind.Invalid,
        "A plan needs periods that can be counted", "Give at least one period, its length between 1 and 1000 hours, days, months or years, none twice.");

    public static readonly Error UnitsInvalid = new("orders.units-invalid", ErrorKind.Invalid,
        "The units of a rate do not fit together", "Keep 0 ≤ min ≤ max; -1 means unlimited for max and included; included is -1, 0, or at least min.");

    public static readonly Error PluginUnknown = new("orders.plugin-unknown", ErrorKind.Invalid,
        "There is no such plug-in", "Add the plug-in first, and name its number.");

    public static readonly Error PluginUnfit = new("orders.plugin-unfit", ErrorKind.Invalid,
        "The plug-in is of another sort", "Name an issuer as issuer and an installer as installer.");

    public static readonly Error IssuerMissing = new("orders.issuer-missing", ErrorKind.Invalid,
        "A plan with licenses needs an issuer", "Name the issuer plug-in that the plan's licenses are asked of.");

    public static readonly Error AddressInvalid = new("orders.address-invalid", ErrorKind.Invalid,
        "An IP address cannot be read", "Give IPv4 or IPv6 addresses, 20 at the most.");

    public static readonly Error MoveNotAllowed = new("orders.move-not-allowed", ErrorKind.Conflict,
        "The order's state does not allow this", "See what is possible in its present state.");

    public static readonly Error Unpaid = new("orders.unpaid", ErrorKind.Conflict,
        "The order is not paid", "Record the payment first; provisioning starts by itself then.");

    public static readonly Error NothingOwed = new("orders.nothing-owed", ErrorKind.Conflict,
        "Nothing is owed for this order", "Leave it as it is; it needs no payment.");

    public static readonly Error AmountWrong = new("orders.amount-wrong", ErrorKind.Invalid,
        "The payment is not what is owed", "Pay exactly the amount that is owed, in the order's currency.");

    public static readonly Error ReasonMissing = new("orders.reason-missing", ErrorKind.Invalid,
        "A reason is needed", "Say in up to 1000 characters why; it stands in the order's log.");

    public static readonly Error KeyAlive = new("orders.key-alive", ErrorKind.Conflict,
        "A key was issued for this order", "Mend what stopped it and resubmit the order: a cancellation would leave a key that is paid for and that nobody uses.");

    public static readonly Error SubscriptionMoveNotAllowed = new("orders.subscription-move-not-allowed", ErrorKind.Conflict,
        "The subscription's status does not allow this", "See what is possible in its present status.");

    public static readonly Error NotInGoodStanding = new("orders.not-in-good-standing", ErrorKind.Conflict,
        "The subscription is not in good standing", "Resume the subscription first.");

    public static readonly Error ChangeTokenMissing = new("orders.change-token-missing", ErrorKind.Invalid,
        "The change was not previewed", "Preview it first, then execute it with the token of the preview.");

    public static readonly Error ChangeStale = new("orders.change-stale", ErrorKind.Conflict,
        "Something has changed since the preview", "Preview the change anew, and execute it with the new token.");

    public static readonly Error ChangeUnpaid = new("orders.change-unpaid", ErrorKind.Conflict,
        "The change costs more than was paid for this period", "Let it take effect at the period's end, or ask the provider.");

    public static readonly Error PeriodEndUnknown = new("orders.period-end-unknown", ErrorKind.Invalid,
        "There is no period at whose end the change could take effect", "Let it take effect now.");

    public static readonly Error InvoiceNotFound = new("orders.invoice-not-found", ErrorKind.NotFound,
        "There is no such invoice", "List the invoices and use the number of one.");

    public static readonly Error CreditInvalid = new("orders.credit-invalid", ErrorKind.Conflict,
        "This cannot be given back", "Name an invoice, and at most what is left of it.");

    public static readonly Error ChangeCharged = new("orders.change-charged", ErrorKind.Conflict,
        "The period is paid by what the license is to be", "Let it take effect, then change it back.");

    public static readonly Error CancellationInvalid = new("orders.cancellation-invalid", ErrorKind.Invalid,
        "The cancellation cannot be used", "Give a fee within the bounds that are named.");

    public static readonly Error CancellationStale = new("orders.cancellation-stale", ErrorKind.Conflict,
        "The cancellation would not do what was previewed", "Look at it again, and execute it with the new token.");

    public static readonly Error TaxInvalid = new("orders.tax-invalid", ErrorKind.Invalid,
        "The rate of the tax cannot be used", "Give it in hundredths of a percent: 1900 for 19 %.");

    public static readonly Error TermsInvalid = new("orders.terms-invalid", ErrorKind.Invalid,
        "The plan's terms cannot be used", "Give whole days within the bounds that are named.");

    public static readonly Error RenewalStale = new("orders.renewal-stale", ErrorKind.Conflict,
        "The renewal order belongs to another period", "Cancel it; the next renewal order is placed for the present period.");

    public static readonly Error SubscriptionBusy = new("orders.subscription-busy", ErrorKind.Conflict,
        "The subscription has an open order", "Complete or cancel the open order first.");

    public static readonly Error HostingFailed = new("orders.hosting-failed", ErrorKind.Unavailable,
        "The hosting service could not be created", "Mend the cause at the hosting side and resubmit the order.");

    public static readonly Error RequestRefused = new("orders.request-refused", ErrorKind.Conflict,
        "The license could not be requested", "Correct the catalog or the plan as the cause says, then resubmit the order.");

    public static readonly Error EventUnknown = new("orders.event-unknown", ErrorKind.Invalid,
        "There is no such event type", "Use 'Creation Completed' or 'Server Assigned'.");

    public static readonly Error EventUnreadable = new("orders.event-unreadable", ErrorKind.Invalid,
        "The parameters of the event cannot be read", "Write them as Name=Value; Name=Value: OrderItemID and IssuedSuccessfully (1 or 0) for 'Creation Completed', SubscrID and Server for 'Server Assigned'.");

    public static readonly Error ServerNotAwaited = new("orders.server-not-awaited", ErrorKind.Conflict,
        "The subscription gets no dedicated server", "Take a subscription from the list of those that wait for one.");

    public static readonly Error ServerAssigned = new("orders.server-assigned", ErrorKind.Conflict,
        "The subscription has a dedicated server", "Leave it as it is; licenses are bound to the server that is assigned.");

    public static readonly Error ServerTaken = new("orders.server-taken", ErrorKind.Conflict,
        "The server is another subscription's", "Assign a free server, or end the other subscription first.");

    public static readonly Error SubscriptionForeign = new("orders.subscription-foreign", ErrorKind.Invalid,
        "The item belongs to another subscription", "Check OrderItemID and SubscrID against the order; nothing was changed.");
}
