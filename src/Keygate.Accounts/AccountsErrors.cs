using Keygate.Kernel;

namespace Keygate.Accounts;

/// <summary>Refusals of the accounts room.</summary>
public static class AccountsErrors
{
    public static readonly Error TokenMissing = new("accounts.token-missing", ErrorKind.Unauthenticated,
        "The request carries no API token", "Send the header 'Authorization: Bearer <token>' with a token of yours.");

    public static readonly Error TokenUnknown = new("accounts.token-unknown", ErrorKind.Unauthenticated,
        "The API token is not known", "Check the token for typing errors, or make a new one: it may have been revoked.");

    public static readonly Error PasswordWrong = new("accounts.password-wrong", ErrorKind.Unauthenticated,
        "Login or password is wrong", "Type both again; an administrator can set a new password.");

    public static readonly Error CustomerPasswordWrong = new("accounts.customer-password-wrong", ErrorKind.Unauthenticated,
        "Mail address or password is wrong", "Type both again, or open an account where you have none.");

    public static readonly Error SignInsTooMany = new("accounts.sign-ins-too-many", ErrorKind.Limit,
        "Too many sign-ins failed for this login", "Wait a minute and try again.");

    public static readonly Error RoleInsufficient = new("accounts.role-insufficient", ErrorKind.Forbidden,
        "Your role does not allow this", "Ask an administrator to do it or to change your role.");

    public static readonly Error AuditHeadUnreadable = new("accounts.audit-head-unreadable", ErrorKind.Invalid,
        "The end of the audit trail cannot be read", "Give it as the log or an earlier check wrote it, such as provider/17:0A1B...");

    public static readonly Error SetupLinkInvalid = new("accounts.setup-link-invalid", ErrorKind.Forbidden,
        "The set-up link is not valid", "It works once, until there is an administrator; sign in instead, or restart the server for a new link.");

    public static readonly Error FieldMissing = new("accounts.field-missing", ErrorKind.Invalid,
        "A field that is needed is empty", "Fill in the named field.");

    public static readonly Error EmailInvalid = new("accounts.email-invalid", ErrorKind.Invalid,
        "The mail address is not one", "Write it as name@example.org.");

    public static readonly Error TextTooLong = new("accounts.text-too-long", ErrorKind.Invalid,
        "A text is too long", "Shorten it to the length that is named.");

    public static readonly Error CountryInvalid = new("accounts.country-invalid", ErrorKind.Invalid,
        "The country is not a code of two letters", "Use the two letters of ISO 3166, such as DE.");

    public static readonly Error HostNameInvalid = new("accounts.host-name-invalid", ErrorKind.Invalid,
        "The host name is not one", "Write it without https:// and path, such as licenses.example.com or 127.0.0.1:8080.");

    public static readonly Error CurrencyInvalid = new("accounts.currency-invalid", ErrorKind.Invalid,
        "The currency is not a code of three letters", "Use the three capital letters of ISO 4217, such as EUR.");

    public static readonly Error ProviderUnnamed = new("accounts.provider-unnamed", ErrorKind.NotFound,
        "Nobody has said yet who runs this Keygate", "Say it with PUT /api/v1/provider, or in the panel under Set up Keygate.");

    public static readonly Error LoginInvalid = new("accounts.login-invalid", ErrorKind.Invalid,
        "The login cannot be used", "Use 2 to 100 letters, digits, dots, hyphens, underscores or @, no spaces.");

    public static readonly Error PasswordWeak = new("accounts.password-weak", ErrorKind.Invalid,
        "The password is too short or too long", "Choose 8 to 200 characters.");

    public static readonly Error LoginTaken = new("accounts.login-taken", ErrorKind.Conflict,
        "The login is taken", "Choose another login.");

    public static readonly Error EmailTaken = new("accounts.email-taken", ErrorKind.Conflict,
        "The mail address has an account already", "Sign in with it, or take another address.");

    public static readonly Error CustomerUnknown = new("accounts.customer-unknown", ErrorKind.NotFound,
        "There is no such customer", "List the customers with GET /api/v1/customers.");

    public static readonly Error StaffUnknown = new("accounts.staff-unknown", ErrorKind.NotFound,
        "There is no such member of the staff", "List the staff with GET /api/v1/staff.");

    public static readonly Error LastAdministrator = new("accounts.last-administrator", ErrorKind.Conflict,
        "One administrator who can sign in must stay", "Make somebody else an administrator first.");

    public static readonly Error LinkInvalid = new("accounts.link-invalid", ErrorKind.Forbidden,
        "The link does not work", "It works once and for a day; ask for another one.");

    public static readonly Error TokenNotFound = new("accounts.token-not-found", ErrorKind.NotFound,
        "There is no such token", "List the tokens with GET /api/v1/tokens.");

    public static readonly Error IdempotencyKeyMissing = new("accounts.idempotency-key-missing", ErrorKind.Invalid,
        "The header Idempotency-Key is missing", "Send a new random Idempotency-Key with each order, and the same one when you repeat it.");

    public static readonly Error IdempotencyKeyInvalid = new("accounts.idempotency-key-invalid", ErrorKind.Invalid,
        "The header Idempotency-Key cannot be used", "Send one key of 1 to 200 printable ASCII characters.");

    public static readonly Error IdempotencyKeyInUse = new("accounts.idempotency-key-in-use", ErrorKind.Conflict,
        "A request with this Idempotency-Key is under way", "Wait for its answer and repeat the request with the same key to get it.");

    public static readonly Error IdempotencyKeyReused = new("accounts.idempotency-key-reused", ErrorKind.Invalid,
        "This Idempotency-Key was used for another request", "Use a new key for a new request; a repeat must have the same contents.");
}
