using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>Refusals of the key server. Partner API 1.0 gives each a result code: <see cref="PartnerApi10.ResultCodes"/>.</summary>
public static class KeyServerErrors
{
    public static readonly Error AuthMalformed = new("keyserver.auth-malformed", ErrorKind.Invalid,
        "The credentials are malformed", "Send a struct with login (under 256 characters) and password (under 64 characters) as the first argument.");

    public static readonly Error LoginRejected = new("keyserver.login-rejected", ErrorKind.Unauthenticated,
        "Login or password is wrong, or the login is disabled", "Check the login; its password is shown once, when the login is made: make a new one if it is lost.");

    public static readonly Error MethodDenied = new("keyserver.method-denied", ErrorKind.Forbidden,
        "The login's role does not include this method", "Use a login with a wider role.");

    public static readonly Error ObjectDenied = new("keyserver.object-denied", ErrorKind.Forbidden,
        "This is not within the login's reach", "Use a login of the client that owns it.");

    public static readonly Error AddressesMalformed = new("keyserver.addresses-malformed", ErrorKind.Invalid,
        "The server address is malformed", "Send a struct with the arrays ips and macs; each may be empty or left out.");

    public static readonly Error IpMalformed = new("keyserver.ip-malformed", ErrorKind.Invalid,
        "An IP address is malformed", "Write IPv4 addresses as four numbers with dots, IPv6 addresses as groups with colons.");

    public static readonly Error MacMalformed = new("keyserver.mac-malformed", ErrorKind.Invalid,
        "A MAC address is malformed", "Write MAC addresses as six groups of two hexadecimal digits with colons.");

    public static readonly Error KeyNumberMalformed = new("keyserver.key-number-malformed", ErrorKind.Invalid,
        "The key number is malformed", "Write PREFIX.NNNNNNNN.RRRR, the same without the revision, or the activation code.");

    public static readonly Error BillingTypeUnknown = new("keyserver.billing-type-unknown", ErrorKind.Invalid,
        "The billing type is unknown", "Send purchase or billing.");

    public static readonly Error ParametersMalformed = new("keyserver.parameters-malformed", ErrorKind.Invalid,
        "The creation parameters are malformed", "Send a struct of texts: guid, hwid and parentKeyNumber, each of at most 255 characters.");

    public static readonly Error ClientUnknown = new("keyserver.client-unknown", ErrorKind.NotFound,
        "There is no such client", "Name the client by its login or its number.");

    public static readonly Error KeyUnknown = new("keyserver.key-unknown", ErrorKind.NotFound,
        "There is no such key", "Check the number; only keys of this key server are found.");

    public static readonly Error KeyIsRevoked = new("keyserver.key-is-revoked", ErrorKind.Conflict,
        "The key is revoked", "Create a new key: to be revoked is for good.");

    public static readonly Error ShardUnknown = new("keyserver.shard-unknown", ErrorKind.NotFound,
        "There is no such status list", "Divide the key's number by 131,072 and round down.");

    public static readonly Error TicketRejected = new("keyserver.ticket-rejected", ErrorKind.Unauthenticated,
        "The key's number or its update ticket is wrong", "Send both as they stand in the license in use.");

    public static readonly Error ProductRequestInvalid = new("keyserver.product-request-invalid", ErrorKind.Invalid,
        "The product's request is malformed", "Send a JSON object with keyNumber and updateTicket, as docs/extend/refresh-licenses.md says.");

    public static readonly Error ReasonMissing = new("keyserver.reason-missing", ErrorKind.Invalid,
        "The reason is missing or too long", "Say why, in at most 500 characters.");

    public static readonly Error RootKeyGiven = new("keyserver.root-key-given", ErrorKind.Conflict,
        "The root key comes from the settings", "Announce the next root with its certificate; then let KEYGATE_ROOT_KEY name it, and restart.");

    public static readonly Error NextRootInvalid = new("keyserver.next-root-invalid", ErrorKind.Invalid,
        "The next root cannot be used", "Give one certificate in PEM form with an ECDSA P-256 or RSA key.");

    public static readonly Error RootChanged = new("keyserver.root-changed", ErrorKind.Conflict,
        "The root was changed meanwhile", "List the signing keys, and ask again if need be.");

    public static readonly Error SigningKeyUnknown = new("keyserver.signing-key-unknown", ErrorKind.NotFound,
        "There is no such signing key", "List the signing keys.");

    public static readonly Error SigningKeyUnusable = new("keyserver.signing-key-unusable", ErrorKind.Invalid,
        "The signing key given by the settings cannot be used",
        "Give file:PATH or the PEM text of a certificate and its private key (PKCS #8, ECDSA P-256 or RSA), or the https address of a remote signer.");

    public static readonly Error SigningKeyGiven = new("keyserver.signing-key-given", ErrorKind.Conflict,
        "The signing key is given by the settings", "Give another one there and start again: that is the rotation.");

    public static readonly Error SigningKeyActive = new("keyserver.signing-key-active", ErrorKind.Conflict,
        "The key still signs", "Rotate first, so that another key signs.");

    public static readonly Error SigningKeyIsRoot = new("keyserver.signing-key-is-root", ErrorKind.Conflict,
        "The root key is not revoked", "Products pin it: ship them with another root, then give that one to the settings.");

    public static readonly Error SigningKeyInUse = new("keyserver.signing-key-in-use", ErrorKind.Conflict,
        "Live licenses are still signed by this key", "Sign them anew first and let them be fetched, or revoke with leaveBehind: then products refuse them until they fetch again.");

    public static readonly Error SigningKeyTypeNotOffered = new("keyserver.signing-key-type-not-offered", ErrorKind.Conflict,
        "This machine cannot make keys of this kind", "Choose EcdsaP256, Rsa2048 or Rsa3072; Ed25519 needs Linux and OpenSSL 1.1.1 or later.");

    public static readonly Error SignerUnavailable = new("keyserver.signer-unavailable", ErrorKind.Unavailable,
        "The signing key cannot sign now", "Check the remote signer and its address in the settings, then try again.");

    public static readonly Error KeyIsProblem = new("keyserver.key-is-problem", ErrorKind.Conflict,
        "The key is marked as problem", "Release the key first.");

    public static readonly Error KeyIsTerminated = new("keyserver.key-is-terminated", ErrorKind.Conflict,
        "The key is terminated", "Create a new key.");

    public static readonly Error KeyNotActivated = new("keyserver.key-not-activated", ErrorKind.Conflict,
        "The key is not activated", "Activate the key first, with the hardware id or instance that its key type asks for.");

    public static readonly Error KeyIsExpired = new("keyserver.key-is-expired", ErrorKind.Conflict,
        "The key is expired", "Renew the key first.");

    public static readonly Error NoPreviousVersion = new("keyserver.no-previous-version", ErrorKind.Conflict,
        "The key cannot be exported for the previous product version", "Retrieve it without asking for the previous version.");

    public static readonly Error HardwareIdTaken = new("keyserver.hardware-id-taken", ErrorKind.Conflict,
        "The hardware id holds another active license", "Terminate the other key, or name the right hardware id.");

    public static readonly Error PurchaseNotTerminated = new("keyserver.purchase-not-terminated", ErrorKind.Conflict,
        "A purchased key cannot be terminated", "Keep it in stock: it was paid once and does not expire.");

    public static readonly Error NotRenewable = new("keyserver.not-renewable", ErrorKind.Conflict,
        "The key cannot be renewed", "Only leases are renewed; a purchased key does not expire.");

    public static readonly Error FeatureSetConflicting = new("keyserver.feature-set-conflicting", ErrorKind.Conflict,
        "conflicting feature set", "Order only features that the key type supports, and one of each group.");

    public static readonly Error ConfigurationInvalid = new("keyserver.configuration-invalid", ErrorKind.Conflict,
        "Invalid Key configuration", "Order one feature of each mandatory group.");

    public static readonly Error KeyTypeUnknown = new("keyserver.key-type-unknown", ErrorKind.Conflict,
        "Unknown base keytype", "Order a key type of the client's price list, in a billing type it is offered in: billing for a lease, purchase for a purchase.");

    public static readonly Error AdditionalUnfit = new("keyserver.additional-unfit", ErrorKind.Conflict,
        "The additional key type does not fit the parent's key type", "Order an additional key type that the price list names for the parent's key type.");

    public static readonly Error AdditionalTaken = new("keyserver.additional-taken", ErrorKind.Conflict,
        "The parent already has a key of that key type", "One key of each additional key type can be attached.");

    public static readonly Error NotAdditional = new("keyserver.not-additional", ErrorKind.Conflict,
        "Only additional keys have a parent", "Leave the parent out for a main key type.");

    public static readonly Error ActivatedOtherwise = new("keyserver.activated-otherwise", ErrorKind.Conflict,
        "The key is activated for something else", "Use the key where it is activated, or create another one.");

    public static readonly Error ActivationDataMissing = new("keyserver.activation-data-missing", ErrorKind.Conflict,
        "The key type is activated for a hardware id, and none was given", "Send the hardware id as third argument.");

    public static readonly Error ActivationUnfit = new("keyserver.activation-unfit", ErrorKind.Conflict,
        "The key type is not activated for anything", "Leave the identifier out.");

    public static readonly Error AddressDenied = new("keyserver.address-denied", ErrorKind.Unauthenticated,
        "The login may not be used from this address", "Call from an address of the login's list, or ask the issuer to widen it.");

    public static readonly Error RateExceeded = new("keyserver.rate-exceeded", ErrorKind.Limit,
        "The login has made more calls than it may", "Try again in a minute, or ask the issuer for more calls.");

    public static readonly Error ProductRateExceeded = new("keyserver.product-rate-exceeded", ErrorKind.Limit,
        "More calls came from this address than may come in a minute", "Come again when Retry-After has passed. The issuer sets the limit by KEYGATE_PRODUCT_CALLS.");

    public static readonly Error FeatureKeysDenied = new("keyserver.feature-keys-denied", ErrorKind.Forbidden,
        "The login has no permission for feature keys", "Use a login with this permission; the issuer grants it.");

    public static readonly Error KeyNotExportable = new("keyserver.key-not-exportable", ErrorKind.Conflict,
        "The key cannot be exported", "Keys of this type have no file of their own: retrieve the key that they are attached to.");

    public static readonly Error ProblemUnsupported = new("keyserver.problem-unsupported", ErrorKind.Conflict,
        "This license does not support the problem flag", "Terminate it instead, or leave it as it is.");

    public static readonly Error NoUsage = new("keyserver.no-usage", ErrorKind.NotFound,
        "There is no usage information for this key", "Ask again once the product has reported.");

    public static readonly Error KeyTypeConflicting = new("keyserver.key-type-conflicting", ErrorKind.Conflict,
        "The key type conflicts with an existing key", "Detach or terminate the key that is in the way, or order another key type.");

    public static readonly Error ClientIsProblem = new("keyserver.client-is-problem", ErrorKind.Conflict,
        "The client's account is marked as problem", "Ask the issuer to release the account.");

    public static readonly Error ClientUnconfirmed = new("keyserver.client-unconfirmed", ErrorKind.Conflict,
        "The client's account is unconfirmed", "Ask the issuer to confirm the account.");

    public static readonly Error ParentIsMaster = new("keyserver.parent-is-master", ErrorKind.Conflict,
        "The parent is a master key", "Attach the key to a main key.");

    public static readonly Error AttachedToItself = new("keyserver.attached-to-itself", ErrorKind.Conflict,
        "A key cannot be attached to itself", "Name the parent first, then the additional key.");

    public static readonly Error PlanNotOffered = new("keyserver.plan-not-offered", ErrorKind.Conflict,
        "The plan is not on the client's price list", "Order one of the plans that getAvailableUpgrades lists.");

    public static readonly Error FeatureIsDefault = new("keyserver.feature-is-default", ErrorKind.Conflict,
        "A default feature cannot be downgraded", "The key type has it from the start: leave it.");

    public static readonly Error ChangeImpossible = new("keyserver.change-impossible", ErrorKind.Conflict,
        "This upgrade or downgrade is not possible", "Order one of the plans that getAvailableUpgrades lists.");

    public static readonly Error NoSus = new("keyserver.no-sus", ErrorKind.Conflict,
        "The key has no software updates, so it is not upgraded automatically", "Order a plan that reinstates the updates first, or an upgrade plan that does not need them.");

    public static readonly Error AddressTaken = new("keyserver.address-taken", ErrorKind.Conflict,
        "Another license is bound to that address", "Unbind the other license first, or bind this one to another address.");

    public static readonly Error KeysConflicting = new("keyserver.keys-conflicting", ErrorKind.Conflict,
        "The two keys conflict", "Attach a key of the same client whose type goes together with the parent and the keys attached to it.");

    public static readonly Error AccountUnfit = new("keyserver.account-unfit", ErrorKind.Conflict,
        "This is not supported for this type of account", "Order for an account of another type.");

    public static readonly Error NoteTooLong = new("keyserver.note-too-long", ErrorKind.Invalid,
        "The note is too long", "Write at most 2000 characters.");

    public static readonly Error ItemUnpriced = new("keyserver.item-unpriced", ErrorKind.Conflict,
        "The item has no price, and this client may not order such items", "Ask the issuer for a price.");

    public static readonly Error RenewalFailed = new("keyserver.renewal-failed", ErrorKind.Limit,
        "The renewal failed", "Create a new key: this one has had all its revisions.");

    public static readonly Error BaseNotDowngraded = new("keyserver.base-not-downgraded", ErrorKind.Conflict,
        "Base key types cannot be downgraded", "Create a key of the smaller type and terminate this one.");

    public static readonly Error ConfigurationUnknown = new("keyserver.product-configuration-unknown", ErrorKind.NotFound,
        "There is no such product configuration", "Name a configuration that getProductConfigurations lists for the key's client.");

    public static readonly Error ConfigurationUnfit = new("keyserver.product-configuration-unfit", ErrorKind.Conflict,
        "The product configuration does not apply to this key", "Assign an enabled configuration of the key's product family.");

    public static readonly Error FeatureUnknown = new("keyserver.feature-unknown", ErrorKind.NotFound,
        "Unknown feature", "Check the name; the names are those of getAvailableKeyTypesAndFeatures.");

    public static readonly Error EmailMalformed = new("keyserver.email-malformed", ErrorKind.Invalid,
        "The email address is malformed", "Write one address, as in name@example.org.");

    public static readonly Error ObjectUnfit = new("keyserver.object-unfit", ErrorKind.Conflict,
        "The key is of the wrong kind for this", "Name a main key.");

    public static readonly Error ClientLoginMalformed = new("keyserver.client-login-malformed", ErrorKind.Invalid,
        "The client's login is missing or malformed", "Use 1 to 32 letters, digits, dots, hyphens, underlines or @, or leave it out: one is made.");

    public static readonly Error ClientPasswordMalformed = new("keyserver.client-password-malformed", ErrorKind.Invalid,
        "The client's password is missing or malformed", "Use at most 32 characters, or leave it out: one is made.");

    public static readonly Error ClientFirstNameMalformed = new("keyserver.client-first-name-malformed", ErrorKind.Invalid,
        "The client's first name is missing or malformed", "Give 1 to 64 characters in one line.");

    public static readonly Error ClientLastNameMalformed = new("keyserver.client-last-name-malformed", ErrorKind.Invalid,
        "The client's last name is missing or malformed", "Give 1 to 64 characters in one line.");

    public static readonly Error ClientCompanyMalformed = new("keyserver.client-company-malformed", ErrorKind.Invalid,
        "The client's company is missing or malformed", "Give 1 to 64 characters in one line.");

    public static readonly Error ClientAddressMalformed = new("keyserver.client-address-malformed", ErrorKind.Invalid,
        "The client's address is missing or malformed", "Give 1 to 256 characters.");

    public static readonly Error ClientPhoneMalformed = new("keyserver.client-phone-malformed", ErrorKind.Invalid,
        "The client's phone is missing or malformed", "Give 1 to 128 characters in one line.");

    public static readonly Error ClientFaxMalformed = new("keyserver.client-fax-malformed", ErrorKind.Invalid,
        "The client's fax is missing or malformed", "Give at most 128 characters in one line.");

    public static readonly Error ClientCityMalformed = new("keyserver.client-city-malformed", ErrorKind.Invalid,
        "The client's city is missing or malformed", "Give 1 to 64 characters in one line.");

    public static readonly Error ClientZipMalformed = new("keyserver.client-zip-malformed", ErrorKind.Invalid,
        "The client's zip code is missing or malformed", "Give 1 to 16 characters; for the USA 5 digits, or 5 digits, a hyphen and 4 digits.");

    public static readonly Error ClientStateMalformed = new("keyserver.client-state-malformed", ErrorKind.Invalid,
        "The client's state is missing or malformed", "Give 1 to 32 characters; for the USA and Canada the two-letter code.");

    public static readonly Error ClientCountryMalformed = new("keyserver.client-country-malformed", ErrorKind.Invalid,
        "The client's country is missing or malformed", "Give the two-letter code of the country.");

    public static readonly Error ClientLanguageMalformed = new("keyserver.client-language-malformed", ErrorKind.Invalid,
        "The client's language is missing or malformed", "Give the two-letter code of the language, or leave it out.");

    public static readonly Error FirstNameLong = new("keyserver.search-first-name-long", ErrorKind.Invalid,
        "The first name to search for is too long", "Search for at most 64 characters.");

    public static readonly Error LastNameLong = new("keyserver.search-last-name-long", ErrorKind.Invalid,
        "The last name to search for is too long", "Search for at most 64 characters.");

    public static readonly Error CompanyNameLong = new("keyserver.search-company-name-long", ErrorKind.Invalid,
        "The company name to search for is too long", "Search for at most 64 characters.");

    public static readonly Error EmailLong = new("keyserver.search-email-long", ErrorKind.Invalid,
        "The email to search for is too long", "Search for at most 256 characters.");

    public static readonly Error SearchEmpty = new("keyserver.search-empty", ErrorKind.Invalid,
        "No search parameter was given", "Give at least one of firstName, lastName, companyName, email, keyNumber.");

    public static readonly Error PlansMissing = new("keyserver.plans-missing", ErrorKind.Invalid,
        "No upgrade plan was named", "Name one plan, or a list with at least one.");

    public static readonly Error MailNotSent = new("keyserver.mail-not-sent", ErrorKind.Unavailable,
        "The mail was not sent", "Try again later, or retrieve the key; the issuer sees the cause in the log.");

    public static readonly Error MailOff = new("keyserver.mail-off", ErrorKind.Unavailable,
        "The key server sends no mail", "Retrieve the key instead; the issuer switches mail on with KEYGATE_SMTP and KEYGATE_MAIL_FROM.");

    public static readonly Error PathUnknown = new("keyserver.path-unknown", ErrorKind.NotFound,
        "There is no such resource", "Take one of the paths under keys that the reference of Partner API 3.0 names.");

    public static readonly Error VerbUnsupported = new("keyserver.verb-unsupported", ErrorKind.Invalid,
        "The method is not supported here", "Use one of the methods that the header Allow names.");

    public static readonly Error AnswerNotAccepted = new("keyserver.answer-not-accepted", ErrorKind.Invalid,
        "The call does not accept JSON", "Send Accept: application/json, or no Accept at all.");

    public static readonly Error MediaUnsupported = new("keyserver.media-unsupported", ErrorKind.Invalid,
        "The body is not sent as JSON", "Send Content-Type: application/json; charset=UTF-8.");

    public static readonly Error BodyTooLarge = new("keyserver.body-too-large", ErrorKind.Limit,
        "The body is too large", "Send the structure of one license key, at most 1 MiB.");

    public static readonly Error BodyMalformed = new("keyserver.body-malformed", ErrorKind.Invalid,
        "The body is malformed", "Send one JSON object in UTF-8 with the structure of a license key.");

    public static readonly Error FieldMalformed = new("keyserver.field-malformed", ErrorKind.Invalid,
        "A field of the body is malformed", "Send the fields that the reference of Partner API 3.0 names, each with its type.");

    public static readonly Error ParameterMalformed = new("keyserver.parameter-malformed", ErrorKind.Invalid,
        "A parameter of the query is malformed", "Write flags as true or false, numbers in digits, and words as the reference of Partner API 3.0 spells them.");

    public static readonly Error ItemUnknown = new("keyserver.item-unknown", ErrorKind.Conflict,
        "Unknown item", "Order items by the constants of the client's price list; send items without a constant back as they were read.");

    public static readonly Error ItemsUnfit = new("keyserver.items-unfit", ErrorKind.Conflict,
        "The items do not make a license key", "Send one base license, and after it its features, each with the number wanted.");

    public static readonly Error OperationsConflicting = new("keyserver.operations-conflicting", ErrorKind.Conflict,
        "The changes exclude each other", "Send them in separate calls: moving a key and changing its state go with no other change.");

    public static readonly Error IdentifiersDiffer = new("keyserver.identifiers-differ", ErrorKind.Conflict,
        "The identifiers are those of another key", "Check the key in the path against keyIdentifiers; nothing was changed.");

    public static readonly Error OperationUnsupported = new("keyserver.operation-unsupported", ErrorKind.Conflict,
        "This change is not offered", "Leave the field out.");

    public static readonly Error SusMissing = new("keyserver.sus-missing", ErrorKind.Conflict,
        "The key has no software updates", "Order a key type that comes with them.");

    public static readonly Error SusEnded = new("keyserver.sus-ended", ErrorKind.Conflict,
        "The key's software updates have ended", "Reinstate them: POST keys/{id}/reinstate-sus.");

    public static readonly Error SusRuns = new("keyserver.sus-runs", ErrorKind.Conflict,
        "The key's software updates still run", "Renew them: POST keys/{id}/renew-sus.");

    public static readonly Error NotDomainBased = new("keyserver.not-domain-based", ErrorKind.Conflict,
        "The key is not domain-based", "Only keys of a domain-based key type are converted; change the items of any other key.");

    public static readonly Error EditionUnknown = new("keyserver.edition-unknown", ErrorKind.Invalid,
        "The edition is unknown", "Name an edition that the key type can be converted to: web-admin, web-pro or web-host.");

    public static readonly Error ActivationsUsedUp = new("keyserver.activations-used-up", ErrorKind.Conflict,
        "The key has no activations left this month", "Wait for the next month, or raise its remaining activations.");

    public static readonly Error VendorFailed = new("keyserver.vendor-failed", ErrorKind.Conflict,
        "The vendor of the product refused", "Correct what the vendor names, or ask the issuer; nothing was changed.");

    public static readonly Error VendorUnanswered = new("keyserver.vendor-unanswered", ErrorKind.Unavailable,
        "The vendor of the product has not answered yet", "Do not repeat the call: the key server goes on asking. Look at the key later.");

    public static readonly Error VendorBusy = new("keyserver.vendor-busy", ErrorKind.Unavailable,
        "The vendor of the product is being asked about this key", "Try again when the vendor has answered.");

    public static readonly Error VendorUnknown = new("keyserver.vendor-unknown", ErrorKind.NotFound,
        "There is no such vendor, or it is disabled", "Add the vendor under the name that the price list uses, or enable it.");

    public static readonly Error VendorQuestionInvalid = new("keyserver.vendor-question-invalid", ErrorKind.Invalid,
        "The question to the vendor is malformed", "Send the form of the ISV protocol, as docs/operate/as-vendor.md says.");

    public static readonly Error PurchaseUnknown = new("keyserver.purchase-unknown", ErrorKind.NotFound,
        "There is no such purchase", "Send the PURCHASE_ID of a PURCHASE that was carried out for this login's client.");

    public static readonly Error PurchaseDiffers = new("keyserver.purchase-differs", ErrorKind.Conflict,
        "The purchase was another one", "Use a PURCHASE_ID once: a change of the product is an UPGRADE.");

    public static readonly Error ProductNotSold = new("keyserver.product-not-sold", ErrorKind.Conflict,
        "The product is not sold to Key Administrators", "Sell a key type of our own that has a license file.");

    public static readonly Error VendorInvalid = new("keyserver.vendor-invalid", ErrorKind.Invalid,
        "The vendor cannot be kept so", "Give a name of 1 to 64 letters, digits, dots, hyphens or underlines, and an http or https address.");

    public static readonly Error VendorTaken = new("keyserver.vendor-taken", ErrorKind.Conflict,
        "The name of the vendor is taken", "Choose another name.");

    public static readonly Error VendorActUnknown = new("keyserver.vendor-act-unknown", ErrorKind.NotFound,
        "There is no such open question to a vendor", "List them: keygate keyserver vendor acts.");

    public static readonly Error VendorUnreachable = new("keyserver.vendor-unreachable", ErrorKind.Unavailable,
        "The vendor's endpoint does not answer as it should", "Check the vendor's address and credentials, and that its endpoint runs; it is asked again.");

    public static readonly Error VendorBodyUnknown = new("keyserver.vendor-body-unknown", ErrorKind.Conflict,
        "Nobody knows whether the vendor has carried it out", "Ask the vendor, then record the license body, or that there is none: keygate keyserver vendor found|none.");

    public static readonly Error TooLate = new("keyserver.too-late", ErrorKind.Unavailable,
        "The key server was too slow to make the key", "No key was made; try again later.");

    public static readonly Error Unavailable = new("keyserver.unavailable", ErrorKind.Unavailable,
        "The key server cannot answer now", "Try again later; if it stays so, the issuer finds the cause in the log.");

    public static readonly Error NumbersUsedUp = new("keyserver.numbers-used-up", ErrorKind.Limit,
        "All key numbers, or all revisions of this key, are used up", "Ask the issuer.");

    public static readonly Error PriceListBroken = new("keyserver.price-list-broken", ErrorKind.Invalid,
        "The price-list file is broken", "Correct the line and import the file again; nothing was changed.");

    public static readonly Error PriceListEntryUnknown = new("keyserver.price-list-entry-unknown", ErrorKind.NotFound,
        "The price list does not offer that", "Show the list for what it offers: keygate keyserver price-list show.");

    public static readonly Error PriceListUnknown = new("keyserver.price-list-unknown", ErrorKind.NotFound,
        "There is no such price list", "Import the price-list file first, or name a list that was imported.");

    public static readonly Error PriceListTooLarge = new("keyserver.price-list-too-large", ErrorKind.Limit,
        "The price-list file is too large", "A price-list file has at most 8 MiB.");

    public static readonly Error ClientLoginInvalid = new("keyserver.client-login-invalid", ErrorKind.Invalid,
        "The login cannot be used", "Use 1 to 255 letters, digits, dots, hyphens, underlines or @.");

    public static readonly Error ClientNameInvalid = new("keyserver.client-name-invalid", ErrorKind.Invalid,
        "The name cannot be used", "Give a name of 1 to 255 characters in one line.");

    public static readonly Error LoginRightsInvalid = new("keyserver.login-rights-invalid", ErrorKind.Invalid,
        "The rights of the login cannot be used", "Name methods as in terminateKey, addresses as 192.0.2.7 or 192.0.2.0/24, and at least one call a minute.");

    public static readonly Error ConfigurationInvalidText = new("keyserver.product-configuration-invalid", ErrorKind.Invalid,
        "The product configuration cannot be used", "Give name, family, and at most 100 properties with name and type, each of 1 to 255 characters in one line.");

    public static readonly Error ConfigurationTaken = new("keyserver.product-configuration-taken", ErrorKind.Conflict,
        "The name of the product configuration is taken", "Choose another name.");

    public static readonly Error LoginTaken = new("keyserver.login-taken", ErrorKind.Conflict,
        "The login is taken", "Choose another login.");

    public static readonly Error LoginUnknown = new("keyserver.login-unknown", ErrorKind.NotFound,
        "There is no such login", "List the client's logins.");
}
