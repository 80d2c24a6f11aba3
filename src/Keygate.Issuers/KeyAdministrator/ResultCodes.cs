using System.Collections.Frozen;
using Keygate.Plugins.Abstractions;

namespace Keygate.Issuers;

/// <summary>Result codes of the Partner API 1.0: what each says about the act, and what a person can do.</summary>
internal static class ResultCodes
{
    public const int LoginRejected = 200, MethodDenied = 201, KeyUnknown = 220, VendorFailed = 287;

    private const string CheckAccount = "Check login and password of the plug-in, test it, resume it, and resubmit what stopped.";

    // Which code a Key Administrator sends with these refusals of an order differs; the words are those that the old system's documentation quotes.
    private static readonly (string Words, string Remedy)[] OfOrders =
    [
        ("Unknown base keytype", "Check the billing type of the license class (Lease or Purchase), and have the key type put onto the client's price list; then resubmit."),
        ("conflicting feature set", "Have the features that are named offered for the class at the issuer, then resubmit; or take them out of the plan, cancel the order and order anew."),
        ("Invalid Key configuration", "Have the group that is named made optional at the issuer, then resubmit; or make it mandatory in the catalog, cancel the order and order anew with one of its features."),
    ];

    private static readonly FrozenDictionary<int, string> Remedies = new Dictionary<int, string>
    {
        [LoginRejected] = CheckAccount,
        [MethodDenied] = "Have the Partner API login given a role that includes this method, then test the plug-in and resume it.",
        [202] = "Use a login that may see the key or client, or have it given access to them.",
        [203] = "Have the Partner API login given the right to feature keys.",
        [KeyUnknown] = "Check the key number; was it issued by another Key Administrator?",
        [221] = "Have the problem flag taken off the key, then try again.",
        [222] = "The key is terminated and cannot be used again; request a new license.",
        [223] = "Activate the license first.",
        [224] = "Ask the issuer why the key cannot be exported.",
        [226] = "Terminate the other license of this hardware id, or give another one.",
        [227] = "Retrieve the key for the present product version.",
        [228] = "Renew the license, then retrieve it again.",
        [232] = "Purchased licenses cannot be terminated; keep it in stock.",
        [244] = "Take the feature that is named out of the order, or choose a license class that supports it.",
        [245] = "Take the add-on out of the order, or choose a base license that supports it.",
        [246] = "Upgrade or terminate the license that it conflicts with.",
        [250] = "Check the client in the plug-in's settings.",
        [252] = "Have the problem flag taken off the client's account.",
        [253] = "Have the client's account confirmed.",
        [255] = "The base license has such an add-on already; change that one.",
        [256] = "Name the number of an additional key.",
        [257] = "Choose a base license that is no master key.",
        [260] = "Have the feature put onto the client's price list, or take it out of the plan.",
        [266] = "Choose another upgrade; the catalog check names those that are possible.",
        [277] = "Take one of the two conflicting add-ons out of the order.",
        [280] = "Use an account of another type, or order it by hand.",
        [284] = "Have a price set for the item on the client's price list.",
        [285] = "The key cannot be renewed; request a new license.",
        [400] = CheckAccount,
        [401] = "Correct the addresses of the license request.",
        [405] = "Correct the IP address of the license request.",
        [406] = "Correct the MAC address of the license request.",
        [410] = "Check the key number.",
        [416] = "Correct the feature's identifier in the catalog.",
    }.ToFrozenDictionary();

    /// <summary>
    /// 1xx it is done; 287 and 3xx the issuer does not know itself; other 2xx and 4xx it refuses and would again. Codes that nobody has
    /// published tell nothing.
    /// </summary>
    public static Outcome OutcomeOf(int code) => code switch
    {
        >= 100 and < 200 => Outcome.Done,
        VendorFailed => Outcome.Unknown,
        >= 200 and < 300 or >= 400 and < 500 => Outcome.Refused,
        _ => Outcome.Unknown,
    };

    /// <summary>What a person can do about an answer; its words say more than its code where they are among those that are known.</summary>
    public static string RemedyOf(int code, string words) =>
        OfOrders.FirstOrDefault(o => words.Contains(o.Words, StringComparison.OrdinalIgnoreCase)).Remedy ?? RemedyOf(code);

    private static string RemedyOf(int code) => Remedies.TryGetValue(code, out var remedy) ? remedy
        : OutcomeOf(code) == Outcome.Refused ? "Mend what the issuer names, then resubmit."
        : "The issuer failed inside; Keygate looks there before it repeats anything. If it stays so, ask the issuer.";
}
