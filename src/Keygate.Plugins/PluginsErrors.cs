using Keygate.Kernel;

namespace Keygate.Plugins;

/// <summary>Refusals of the plug-ins room, and the words under which the answers of plug-ins reach the other rooms.</summary>
public static class PluginsErrors
{
    public static readonly Error NotFound = new("plugins.not-found", ErrorKind.NotFound,
        "There is no such plug-in", "List the plug-ins and use the number of one.");

    public static readonly Error KindUnknown = new("plugins.kind-unknown", ErrorKind.Invalid,
        "There is no such kind of plug-in", "List the kinds and use one of them; a kind of your own must be installed first.");

    public static readonly Error ContractUnknown = new("plugins.contract-unknown", ErrorKind.Conflict,
        "The kind was built for another version of the plug-in contract", "Install the plug-in's version that fits this Keygate.");

    public static readonly Error NameInvalid = new("plugins.name-invalid", ErrorKind.Invalid,
        "The plug-in's name cannot be used", "Give a name of 1 to 100 characters without line breaks.");

    public static readonly Error NameTaken = new("plugins.name-taken", ErrorKind.Conflict,
        "Another plug-in has this name", "Choose another name, or change the plug-in that has it.");

    public static readonly Error SettingInvalid = new("plugins.setting-invalid", ErrorKind.Invalid,
        "A setting of the plug-in cannot be used", "Correct the named setting; GET /api/v1/plugin-kinds says what each one means.");

    public static readonly Error LimitInvalid = new("plugins.limit-invalid", ErrorKind.Invalid,
        "A limit of the plug-in is out of its bounds", "Keep to the bounds that are named.");

    public static readonly Error CostInvalid = new("plugins.cost-invalid", ErrorKind.Invalid,
        "The costs of the plug-in's keys cannot be used", "Correct the named amount: whole minor units of one currency, as the issuer's contract says.");

    public static readonly Error OfferNotByHand = new("plugins.offer-not-by-hand", ErrorKind.Conflict,
        "The issuer lists itself what its account offers", "Synchronize the plug-in; what is missing there has to be enabled for the account by the issuer.");

    public static readonly Error OfferInvalid = new("plugins.offer-invalid", ErrorKind.Invalid,
        "What is ticked cannot be used", "Name identifiers of 1 to 255 characters, as the issuer's documentation spells them.");

    public static readonly Error ChangedMeanwhile = new("plugins.changed-meanwhile", ErrorKind.Conflict,
        "Somebody else changed the plug-in meanwhile", "Load the plug-in again and repeat your change.");

    public static readonly Error NotAnIssuer = new("plugins.not-an-issuer", ErrorKind.Conflict,
        "The plug-in is no issuer", "Choose a plug-in whose kind begins with issuer.");

    public static readonly Error NotAnInstaller = new("plugins.not-an-installer", ErrorKind.Conflict,
        "The plug-in is no installer", "Choose a plug-in whose kind begins with installer.");

    public static readonly Error Unusable = new("plugins.unusable", ErrorKind.Unavailable,
        "The plug-in cannot be loaded", "See the cause; test the plug-in after it is mended.");

    public static readonly Error Refused = new("plugins.refused", ErrorKind.Conflict,
        "The other side refused", "Mend the cause that is named and resubmit.");

    public static readonly Error NotDone = new("plugins.not-done", ErrorKind.Unavailable,
        "The other side could not be reached; nothing happened there", "Keygate tries again by itself; mend the cause that is named.");

    public static readonly Error Unknown = new("plugins.unknown", ErrorKind.Unavailable,
        "The answer of the other side was lost; it may have acted", "Keygate looks there before it repeats anything.");

    public static readonly Error Paused = new("plugins.paused", ErrorKind.Unavailable,
        "The plug-in is paused", "Mend the cause, test the plug-in and resume it; what waits goes on by itself.");

    public static readonly Error NotCompared = new("plugins.not-compared", ErrorKind.Conflict,
        "The issuer was not compared since the database was restored", "Compare first: 'keygate license sync --all --issuer NUMBER'. For an issuer that shows no keys compare with its own records, then 'keygate plugin resume NUMBER --compared'.");

    public static readonly Error BreakerOpen = new("plugins.breaker-open", ErrorKind.Unavailable,
        "The other side failed several times in a row and is left alone for a while", "Keygate probes it every 30 seconds and goes on by itself; test the plug-in to see the cause.");

    public static readonly Error RateReached = new("plugins.rate-reached", ErrorKind.Limit,
        "The plug-in's calls a minute are used up", "Keygate goes on by itself; raise the limit if the other side allows it.");

    public static readonly Error CannotDo = new("plugins.cannot-do", ErrorKind.Conflict,
        "The plug-in has no such power", "Do it at the other side by hand, or use a plug-in of another kind.");

    public static readonly Error CannotLook = new("plugins.cannot-look", ErrorKind.Unavailable,
        "The plug-in cannot find out whether a key was made", "Look at the issuer yourself, then adopt the key or confirm that there is none.");

    public static readonly Error TraceUnproved = new("plugins.trace-unproved", ErrorKind.Unavailable,
        "No key was found, but this plug-in never yet found one of its keys that way", "Look at the issuer yourself, then adopt the key or confirm that there is none.");
}
