using Keygate.Kernel;

namespace Keygate.Api;

/// <summary>Refusals of the REST door itself.</summary>
public static class ApiErrors
{
    public static readonly Error RouteUnknown = new("api.route-unknown", ErrorKind.NotFound,
        "There is nothing at this address", "See /openapi/v1.json for the addresses of the API.");

    public static readonly Error MethodUnknown = new("api.method-unknown", ErrorKind.Invalid,
        "The address does not know this method", "See /openapi/v1.json for the methods of the address.");

    public static readonly Error BodyNotJson = new("api.body-not-json", ErrorKind.Invalid,
        "The request's body is not JSON", "Send JSON with the header 'Content-Type: application/json'.");

    public static readonly Error ConditionUnknown = new("api.condition-unknown", ErrorKind.Invalid,
        "Writes take no If-Match", "Leave the header out; what no longer fits the state of a thing is refused anyway.");

    public static readonly Error BodyTooLarge = new("api.body-too-large", ErrorKind.Invalid,
        "The request's body is too large", "Send less than 30 MB in one request.");

    public static readonly Error BodyTooSlow = new("api.body-too-slow", ErrorKind.Invalid,
        "The request's body came too slowly", "Send the whole request at once; after some seconds without 240 bytes a second the connection is closed.");

    // The Billing API.

    public static readonly Error BillingCredentialsMissing = new("api.billing-credentials-missing", ErrorKind.Unauthenticated,
        "The call carries no login", "Send HTTP Basic, or the members Username and Password, with the login of a member of the staff; or add the caller's address to KEYGATE_BILLING_API_ALLOW.");

    public static readonly Error BillingValueUnfit = new("api.billing-value-unfit", ErrorKind.Invalid,
        "A parameter's value does not fit", "Correct the value that is named; nothing was changed.");

    public static readonly Error BillingTransactionMissing = new("api.billing-transaction-missing", ErrorKind.Invalid,
        "No transaction is named", "Send the TransactionID that the first call with AutoCommit=No was answered with.");

    public static readonly Error BillingTransactionOver = new("api.billing-transaction-over", ErrorKind.Conflict,
        "The transaction is not open", "Begin a new one with AutoCommit=No, and repeat all calls of the old one unless it was committed.");

    public static readonly Error BillingTransactionForeign = new("api.billing-transaction-foreign", ErrorKind.Conflict,
        "The transaction belongs to another node", "Send all calls of a transaction to the node that began it, or begin a new one here.");

    public static readonly Error BillingTransactionNotYours = new("api.billing-transaction-not-yours", ErrorKind.Forbidden,
        "The transaction is somebody else's", "Use the login that began it.");

    public static readonly Error BillingTransactionsTooMany = new("api.billing-transactions-too-many", ErrorKind.Limit,
        "Too many transactions are open", "Commit or roll back the ones that are done with; each ends by itself after 30 seconds.");
}
