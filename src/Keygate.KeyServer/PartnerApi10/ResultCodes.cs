using System.Collections.Frozen;
using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>The result codes of Partner API 1.0, reference section 3, and the one place where a refusal becomes one of them.</summary>
public static class ResultCodes
{
    /// <summary>Done.</summary>
    public const int Done = 100;

    /// <summary>Done, with the other outcome of the method: nothing found, or an additional key attached to an existing one.</summary>
    public const int DoneOtherwise = 101;

    /// <summary>It was so already.</summary>
    public const int AlreadySo = 110;

    /// <summary>Internal error, try again later; also for refusals that no method of this API is expected to meet.</summary>
    public const int Internal = 300;

    // The codes of createKey's refused orders, of activateKey and of an unknown billing type are decided in ADR 0008.
    private static readonly FrozenDictionary<string, int> Codes = new Dictionary<Error, int>
    {
        [KeyServerErrors.LoginRejected] = 200,
        [KeyServerErrors.AddressDenied] = 200,
        [KeyServerErrors.MethodDenied] = 201,
        [KeyServerErrors.ObjectDenied] = 202,
        [KeyServerErrors.FeatureKeysDenied] = 203,
        [KeyServerErrors.KeyUnknown] = 220,
        [KeyServerErrors.KeyIsProblem] = 221,
        [KeyServerErrors.KeyIsTerminated] = 222,
        [KeyServerErrors.KeyIsRevoked] = 222,
        [KeyServerErrors.KeyNotActivated] = 223,
        [KeyServerErrors.KeyNotExportable] = 224,
        [KeyServerErrors.HardwareIdTaken] = 226,
        [KeyServerErrors.NoPreviousVersion] = 227,
        [KeyServerErrors.KeyIsExpired] = 228,
        [KeyServerErrors.ProblemUnsupported] = 231,
        [KeyServerErrors.PurchaseNotTerminated] = 232,
        [KeyServerErrors.NoUsage] = 233,
        [KeyServerErrors.FeatureSetConflicting] = 244,
        [KeyServerErrors.AdditionalUnfit] = 245,
        [KeyServerErrors.KeyTypeConflicting] = 246,
        [KeyServerErrors.ClientUnknown] = 250,
        [KeyServerErrors.LoginTaken] = 251,
        [KeyServerErrors.ClientIsProblem] = 252,
        [KeyServerErrors.ClientUnconfirmed] = 253,
        [KeyServerErrors.AdditionalTaken] = 255,
        [KeyServerErrors.NotAdditional] = 256,
        [KeyServerErrors.ParentIsMaster] = 257,
        [KeyServerErrors.AttachedToItself] = 259,
        [KeyServerErrors.KeyTypeUnknown] = 260,
        [KeyServerErrors.BillingTypeUnknown] = 260,
        [KeyServerErrors.PlanNotOffered] = 260,
        [KeyServerErrors.FeatureIsDefault] = 263,
        [KeyServerErrors.ConfigurationInvalid] = 266,
        [KeyServerErrors.ActivatedOtherwise] = 266,
        [KeyServerErrors.ChangeImpossible] = 266,
        [KeyServerErrors.NoSus] = 268,
        [KeyServerErrors.AddressTaken] = 272,
        [KeyServerErrors.KeysConflicting] = 277,
        [KeyServerErrors.AccountUnfit] = 280,
        [KeyServerErrors.NoteTooLong] = 283,
        [KeyServerErrors.ItemUnpriced] = 284,
        [KeyServerErrors.NotRenewable] = 285,
        [KeyServerErrors.RenewalFailed] = 286,
        [KeyServerErrors.VendorFailed] = 287,
        [KeyServerErrors.VendorUnanswered] = 287,
        [KeyServerErrors.VendorUnknown] = 287,
        [KeyServerErrors.BaseNotDowngraded] = 289,
        [KeyServerErrors.ConfigurationUnknown] = 295,
        [KeyServerErrors.ConfigurationUnfit] = 296,
        [KeyServerErrors.TooLate] = Internal,
        [KeyServerErrors.Unavailable] = Internal,
        [KeyServerErrors.VendorBusy] = Internal,
        [KeyServerErrors.SignerUnavailable] = Internal,
        [KeyServerErrors.NumbersUsedUp] = Internal,
        [KeyServerErrors.RateExceeded] = Internal,
        [KeyServerErrors.MailNotSent] = Internal,
        [KeyServerErrors.MailOff] = Internal,
        [KeyServerErrors.AuthMalformed] = 400,
        [KeyServerErrors.AddressesMalformed] = 401,
        [KeyServerErrors.IpMalformed] = 405,
        [KeyServerErrors.MacMalformed] = 406,
        [KeyServerErrors.KeyNumberMalformed] = 410,
        [KeyServerErrors.FeatureUnknown] = 416,
        [KeyServerErrors.PlansMissing] = 416,
        [KeyServerErrors.ClientLoginMalformed] = 431,
        [KeyServerErrors.ClientPasswordMalformed] = 432,
        [KeyServerErrors.ClientFirstNameMalformed] = 433,
        [KeyServerErrors.ClientLastNameMalformed] = 434,
        [KeyServerErrors.ClientCompanyMalformed] = 435,
        [KeyServerErrors.ClientAddressMalformed] = 436,
        [KeyServerErrors.EmailMalformed] = 437,
        [KeyServerErrors.ClientPhoneMalformed] = 438,
        [KeyServerErrors.ClientFaxMalformed] = 439,
        [KeyServerErrors.ClientCityMalformed] = 440,
        [KeyServerErrors.ClientZipMalformed] = 441,
        [KeyServerErrors.ClientStateMalformed] = 442,
        [KeyServerErrors.ClientCountryMalformed] = 443,
        [KeyServerErrors.ClientLanguageMalformed] = 444,
        [KeyServerErrors.FirstNameLong] = 447,
        [KeyServerErrors.LastNameLong] = 448,
        [KeyServerErrors.CompanyNameLong] = 449,
        [KeyServerErrors.EmailLong] = 450,
        [KeyServerErrors.SearchEmpty] = 451,
        [KeyServerErrors.ParametersMalformed] = 452,
        [KeyServerErrors.ActivationDataMissing] = 452,
        [KeyServerErrors.ActivationUnfit] = 452,
        [KeyServerErrors.ObjectUnfit] = 452,
    }.ToFrozenDictionary(pair => pair.Key.Code, pair => pair.Value, StringComparer.Ordinal);

    /// <summary>The code of a refusal.</summary>
    public static int Of(Error error) => Codes.GetValueOrDefault(error.Code, Internal);

    /// <summary>The refusals that have a code of their own.</summary>
    public static IReadOnlyDictionary<string, int> All => Codes;
}
