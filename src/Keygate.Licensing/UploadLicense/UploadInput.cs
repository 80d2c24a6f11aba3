namespace Keygate.Licensing;

/// <summary>A file as it was uploaded: a license file, or a ZIP of several.</summary>
public sealed record UploadFile
{
    /// <summary>Its name. A name such as <c>PLSK.00041207.0000.xml</c> tells the key number.</summary>
    public required string Name { get; init; }

    /// <summary>The bytes, Base64 in JSON; a license file at most 1 MiB, a ZIP at most 8 MiB.</summary>
    public required byte[] Content { get; init; }

    /// <summary>The key number, where neither the file nor its name tells it. Not for a ZIP.</summary>
    public string? KeyNumber { get; init; }
}

/// <summary>What is known of a key besides its file.</summary>
public sealed record UploadKey
{
    /// <summary>The full number, as the file tells it.</summary>
    public required string KeyNumber { get; init; }

    /// <summary>The key type: needed where several files come together and do not tell it themselves, or in another word than the one it is ordered by.</summary>
    public string? KeyType { get; init; }

    /// <summary>The license that the key is for, of those that the upload is for; needed only where the files fit several that differ.</summary>
    public LicenseId? LicenseId { get; init; }

    /// <summary>First day without a valid license; null for what the file tells.</summary>
    public DateOnly? ExpirationDate { get; init; }

    /// <summary>First day on which a renewed file may be asked for; null for what the file tells.</summary>
    public DateOnly? UpdateDate { get; init; }

    /// <summary>End of the right to newer product versions; null for what the file tells.</summary>
    public DateOnly? SusDate { get; init; }

    /// <summary>Activation code; null where there is none.</summary>
    public string? ActivationCode { get; init; }
}

/// <summary>Keys and files for a license request: one file for the base license and one for each additional license that was ordered.</summary>
public record UploadLicenseRequest
{
    /// <summary>Facts of the keys; may be left out where files and names tell enough.</summary>
    public IReadOnlyList<UploadKey> Keys { get; init; } = [];

    /// <summary>The files, or a ZIP of them; 1 to 64.</summary>
    public required IReadOnlyList<UploadFile> Files { get; init; }

    /// <summary>First day without a valid license, for each Lease of which neither the file nor its own entry of the keys tells it. A Lease needs one.</summary>
    public DateOnly? ExpirationDate { get; init; }

    /// <summary>True to put other contents in the place of an earlier upload; what was there stays in the history.</summary>
    public bool Replace { get; init; }
}

/// <summary>Keys and files for several license requests at once: each request gets one for itself and one for each additional license that was ordered with it.</summary>
public sealed record UploadForRequestsRequest : UploadLicenseRequest
{
    /// <summary>The licenses; 1 to 64.</summary>
    public required IReadOnlyList<LicenseId> Licenses { get; init; }
}

/// <summary>Keys and files obtained elsewhere, without a license request before: makes one, and with it stock.</summary>
public sealed record UploadNewLicenseRequest
{
    /// <summary>What the license is, in the terms of a license request.</summary>
    public required RequestLicenseRequest License { get; init; }

    /// <summary>Facts of the keys; may be left out where files and names tell enough.</summary>
    public IReadOnlyList<UploadKey> Keys { get; init; } = [];

    /// <summary>The files, or a ZIP of them; 1 to 64.</summary>
    public required IReadOnlyList<UploadFile> Files { get; init; }

    /// <summary>First day without a valid license, for each Lease of which neither the file nor its own entry of the keys tells it. A Lease needs one.</summary>
    public DateOnly? ExpirationDate { get; init; }
}

/// <summary>What an upload made of a license.</summary>
/// <param name="LicenseId">The base license.</param>
/// <param name="Keys">The key numbers, base license first.</param>
/// <param name="Changed">False where the same contents were there already.</param>
public sealed record LicenseUploaded(LicenseId LicenseId, IReadOnlyList<string> Keys, bool Changed);

/// <summary>What an upload made of several licenses, in the order in which they were named.</summary>
/// <param name="Items">One for each.</param>
public sealed record LicensesUploaded(IReadOnlyList<LicenseUploaded> Items);
