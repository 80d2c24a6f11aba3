using Keygate.Kernel;

namespace Keygate.Licensing;

/// <summary>Refusals of the licensing room.</summary>
public static class LicensingErrors
{
    public static readonly Error NotFound = new("licensing.not-found", ErrorKind.NotFound,
        "There is no such license", "List the licenses and take an ID from there.");

    public static readonly Error MoveNotAllowed = new("licensing.move-not-allowed", ErrorKind.Conflict,
        "The license's state does not allow this", "See what is possible in its present state.");

    public static readonly Error ActivationMissing = new("licensing.activation-missing", ErrorKind.Conflict,
        "The class must be activated before its file can be fetched", "Activate the license with the data that its class demands.");

    public static readonly Error ActivationNotDemanded = new("licensing.activation-not-demanded", ErrorKind.Invalid,
        "The class demands no activation", "Retrieve the license: it needs no activation.");

    public static readonly Error ActivationDataMissing = new("licensing.activation-data-missing", ErrorKind.Invalid,
        "The activation data do not fit what the class demands", "Give hardwareId for a class activated by hardware, instance for one activated by application.");

    public static readonly Error InstallerMissing = new("licensing.installer-missing", ErrorKind.Conflict,
        "The license has no installer", "Name an installer plug-in when the license is requested, or download the file and install it by hand.");

    public static readonly Error UnderWay = new("licensing.under-way", ErrorKind.Conflict,
        "Work on this license is already under way", "Wait for it to end; the license shows the step, the attempt and the next attempt.");

    public static readonly Error FileMissing = new("licensing.file-missing", ErrorKind.Conflict,
        "There is no license file yet", "Retrieve the license first.");

    public static readonly Error IssuerMissing = new("licensing.issuer-missing", ErrorKind.Invalid,
        "The plug-in named as issuer cannot issue", "Name a plug-in whose kind begins with 'issuer.'.");

    public static readonly Error InstallerUnfit = new("licensing.installer-unfit", ErrorKind.Invalid,
        "The plug-in named as installer cannot install", "Name a plug-in whose kind begins with 'installer.'.");

    public static readonly Error KeyUnfit = new("licensing.key-unfit", ErrorKind.Conflict,
        "The key cannot be the answer to this request", "Look at the issuer again, and give the number of the key that was made for this license.");

    public static readonly Error InstallationIncomplete = new("licensing.installation-incomplete", ErrorKind.Unavailable,
        "The installer did not say where each file is", "Look at the machine, mend the installer plug-in, and install again.");

    public static readonly Error AddOnKeyMissing = new("licensing.add-on-key-missing", ErrorKind.Conflict,
        "The issuer sent no key for an ordered additional license", "Ask the issuer why it is missing, or request the additional license anew.");

    public static readonly Error StateUnknown = new("licensing.state-unknown", ErrorKind.Invalid,
        "There is no such license state", "Use one of Pending, Issued, Activated, Retrieving, Retrieved, Uploaded, Installing, Installed, Expired, Terminated.");

    public static readonly Error CouldNotCreate = new("licensing.could-not-create", ErrorKind.Unavailable,
        "Could not create License into Subscription", "Mend the cause that is named and resubmit the order; it goes on where it stopped.");
}
