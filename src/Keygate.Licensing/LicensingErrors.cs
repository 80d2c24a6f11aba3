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
        "The license has no installer", "Assign the license to a subscription whose plan has an installer, or download the file, install it by hand and record that.");

    public static readonly Error UnderWay = new("licensing.under-way", ErrorKind.Conflict,
        "Work on this license is already under way", "Wait for it to end; the license shows the step, the attempt and the next attempt.");

    public static readonly Error FileMissing = new("licensing.file-missing", ErrorKind.Conflict,
        "There is no license file yet", "Retrieve the license first.");

    public static readonly Error IssuerMissing = new("licensing.issuer-missing", ErrorKind.Invalid,
        "The plug-in named as issuer cannot issue", "Name a plug-in whose kind begins with 'issuer.'.");

    public static readonly Error NothingToCompare = new("licensing.nothing-to-compare", ErrorKind.Conflict,
        "There is nothing to compare", "Name licenses that have a key.");

    public static readonly Error CannotCompare = new("licensing.cannot-compare", ErrorKind.Conflict,
        "The issuer cannot be asked what it has", "Compare with the issuer's own records; a paused plug-in is to be resumed first.");

    public static readonly Error NoSuchDifference = new("licensing.no-such-difference", ErrorKind.Conflict,
        "The license has no such difference, or it cannot be cured so", "Sync the license and choose one of the cures of a difference that it has.");

    public static readonly Error SyncRunNotFound = new("licensing.sync-run-not-found", ErrorKind.NotFound,
        "There is no such comparison", "List the comparisons and use the number of one.");

    public static readonly Error StrayNotFound = new("licensing.stray-not-found", ErrorKind.NotFound,
        "There is no such stray key", "List the stray keys and use the number of one.");

    public static readonly Error NotOffered = new("licensing.not-offered", ErrorKind.Conflict,
        "The issuer's account does not offer what is asked for", "Have it enabled for the account, or ticked where the issuer has no connection.");

    public static readonly Error InstallerUnfit = new("licensing.installer-unfit", ErrorKind.Invalid,
        "The plug-in named as installer cannot install", "Name a plug-in whose kind begins with 'installer.'.");

    public static readonly Error KeyUnfit = new("licensing.key-unfit", ErrorKind.Conflict,
        "The key cannot be the answer to this request", "Look at the issuer again, and give the number of the key that was made for this license.");

    public static readonly Error InstallationIncomplete = new("licensing.installation-incomplete", ErrorKind.Unavailable,
        "The installer did not say where each file is", "Look at the machine, mend the installer plug-in, and install again.");

    public static readonly Error AddOnKeyMissing = new("licensing.add-on-key-missing", ErrorKind.Conflict,
        "The issuer sent no key for an ordered additional license", "Ask the issuer for it. Adopt the key where it is there now, or upload key and file.");

    public static readonly Error UploadUnfit = new("licensing.upload-unfit", ErrorKind.Invalid,
        "The keys and files do not fit the license request", "Send one license file for the base license and one for each additional license that was ordered.");

    public static readonly Error UploadDiffers = new("licensing.upload-differs", ErrorKind.Conflict,
        "The license has other contents from an earlier upload", "Set 'replace' to put these in their place.");

    public static readonly Error UploadNotHere = new("licensing.upload-not-here", ErrorKind.Conflict,
        "The issuer issues this license by itself", "Issue the license, or upload key and file as a new license.");

    public static readonly Error RecordUnfit = new("licensing.record-unfit", ErrorKind.Invalid,
        "What is recorded as installed is not complete", "Say where it is, and a time between the request and now.");

    public static readonly Error Withdrawn = new("licensing.withdrawn", ErrorKind.Conflict,
        "The license request was withdrawn", "Request the license anew.");

    public static readonly Error NotRenewable = new("licensing.not-renewable", ErrorKind.Conflict,
        "The license cannot be renewed", "Only a Lease with a key is renewed; a Purchase never expires.");

    public static readonly Error BadStanding = new("licensing.bad-standing", ErrorKind.Conflict,
        "The license is not in good standing", "Resume its subscription first; then it is renewed by itself.");

    public static readonly Error RenewalFailed = new("licensing.renewal-failed", ErrorKind.Unavailable,
        "The license could not be renewed", "Mend the cause that is named; it is tried again daily until the license expires.");

    public static readonly Error RenewByHand = new("licensing.renew-by-hand", ErrorKind.Conflict,
        "The license must be renewed by hand", "Have the key renewed at the issuer and record the renewal here with its file.");

    public static readonly Error RenewedByHand = new("licensing.renewed-by-hand", ErrorKind.Conflict,
        "A renewed file must be installed by hand", "Put the file in the place of the earlier one, then resubmit: the entry ends.");

    public static readonly Error RenewedTwice = new("licensing.renewed-twice", ErrorKind.Conflict,
        "The key was renewed once more than it was asked for", "Ask the issuer to take a period back, or renew the license here: its next period is taken over as it stands there.");

    public static readonly Error ReasonMissing = new("licensing.reason-missing", ErrorKind.Invalid,
        "A reason is needed", "Say in 1 to 1000 characters why; it stands in the license's history.");

    public static readonly Error PurchaseKept = new("licensing.purchase-kept", ErrorKind.Conflict,
        "A purchased license cannot be terminated", "It is stock already: assign it to a subscription, or leave it there.");

    public static readonly Error TerminateByHand = new("licensing.terminate-by-hand", ErrorKind.Conflict,
        "The key must be terminated by hand", "Have the key terminated at the issuer, then record that here.");

    public static readonly Error NotTerminated = new("licensing.not-terminated", ErrorKind.Unavailable,
        "The key could not be terminated", "Mend the cause that is named and resubmit; a key that is terminated already is not ended twice.");

    public static readonly Error RemoveByHand = new("licensing.remove-by-hand", ErrorKind.Conflict,
        "The installed copy must be removed by hand", "Remove it from where it is, then record that here.");

    public static readonly Error NothingInstalled = new("licensing.nothing-installed", ErrorKind.Conflict,
        "No copy of the license is installed", "There is nothing to remove.");

    public static readonly Error NoChange = new("licensing.no-change", ErrorKind.NotFound,
        "There is no such change", "Preview a change first, then execute it with its token.");

    public static readonly Error ChangeBegun = new("licensing.change-begun", ErrorKind.Conflict,
        "The change has begun and cannot be undone", "Wait for its end, then change the license back where that is possible.");

    public static readonly Error ChangeStale = new("licensing.change-stale", ErrorKind.Conflict,
        "The change is no longer what was previewed", "Give this change up and preview it anew.");

    public static readonly Error Terminated = new("licensing.terminated", ErrorKind.Conflict,
        "The license was terminated", "Cancel the order, or order anew.");

    public static readonly Error NotStock = new("licensing.not-stock", ErrorKind.Conflict,
        "The license is not stock", "Take a license that is Retrieved or Uploaded and belongs to no subscription.");

    public static readonly Error NotAssigned = new("licensing.not-assigned", ErrorKind.Conflict,
        "The license cannot be taken from its subscription", "Only a license that is Retrieved or Uploaded, and not installed, can be taken back to stock.");

    public static readonly Error ServerNotAssigned = new("licensing.server-not-assigned", ErrorKind.Conflict,
        "The license is Not Assigned: its dedicated server is not known yet", "Assign a server to the subscription; the license goes on by itself then.");

    public static readonly Error StateUnknown = new("licensing.state-unknown", ErrorKind.Invalid,
        "There is no such license state", "Use one of Pending, Issued, Activated, Retrieving, Retrieved, Uploaded, Installing, Installed, Expired, Terminated.");

    public static readonly Error CouldNotCreate = new("licensing.could-not-create", ErrorKind.Unavailable,
        "Could not create License into Subscription", "Mend the cause that is named and resubmit the order; it goes on where it stopped.");
}
