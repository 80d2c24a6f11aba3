namespace Keygate.Licensing;

/// <summary>
/// The states of a license, named as the source document names them. They are never stored as the truth: <see cref="License.StateAt"/>
/// derives them from facts and dates.
/// </summary>
public enum LicenseState
{
    /// <summary>Only the license request is stored. Ended by Issue License, or by an upload.</summary>
    Pending,

    /// <summary>A key is issued and stored, there is no file yet. Ended by Activate where the class demands it, else by Retrieve.</summary>
    Issued,

    /// <summary>The key is activated for a hardware id or an instance. Ended by Retrieve.</summary>
    Activated,

    /// <summary>The file is being fetched. Ended by the issuer's answer or by the step's deadline, which falls back and says why.</summary>
    Retrieving,

    /// <summary>Key and file are here. Ended by Install; without an order it is stock.</summary>
    Retrieved,

    /// <summary>Key and file were uploaded by hand. Ended by Install.</summary>
    Uploaded,

    /// <summary>The file is being put into the subscription. Ended by the installer's answer or by the step's deadline, which falls back and says why.</summary>
    Installing,

    /// <summary>The license works in the customer's subscription. Ended by expiry or termination; a renewal un-installs nothing.</summary>
    Installed,

    /// <summary>A Lease whose period is over. Ended by nothing but a renewal at the issuer.</summary>
    Expired,

    /// <summary>Cancelled at the issuer; says nothing about the installed copy. Final.</summary>
    Terminated,
}
