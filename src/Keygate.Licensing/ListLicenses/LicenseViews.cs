using Keygate.Plugins;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>A row of the license list.</summary>
public record LicenseRow
{
    /// <summary>The license's number.</summary>
    public required LicenseId Id { get; init; }

    /// <summary>The derived state.</summary>
    public required LicenseState Status { get; init; }

    /// <summary>Empty: request only.</summary>
    public string? KeyNumber { get; init; }

    /// <summary>Key type identifier of the class.</summary>
    public required string KeyType { get; init; }

    /// <summary>Name and version of the licensed software.</summary>
    public required string LicenseClass { get; init; }

    /// <summary>Monthly or Purchase, in the words of the license list.</summary>
    public required string BillType { get; init; }

    /// <summary>The issuer plug-in.</summary>
    public required PluginId Issuer { get; init; }

    /// <summary>The holder's number.</summary>
    public int? CustomerId { get; init; }

    /// <summary>The holder's name.</summary>
    public string? Customer { get; init; }

    /// <summary>The subscription's number; null for an unused license.</summary>
    public int? SubscriptionId { get; init; }

    /// <summary>The subscription's name; null for an unused license.</summary>
    public string? Subscription { get; init; }

    /// <summary>Whose it is: stock, a subscription's, or not assigned since a dedicated server is awaited.</summary>
    public required AssignmentState Assignment { get; init; }

    /// <summary>First day without a valid license.</summary>
    public DateOnly? ExpirationDate { get; init; }

    /// <summary>First day on which a renewed file may be asked for.</summary>
    public DateOnly? UpdateDate { get; init; }

    /// <summary>The base license of an additional one.</summary>
    public LicenseId? ParentId { get; init; }

    /// <summary>Since when its request is withdrawn and nothing is done about it any more; null where it stands.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>False for an additional key that came unasked.</summary>
    public bool Ordered { get; init; }

    internal static LicenseRow Of(License license, DateTimeOffset now) => new()
    {
        Id = license.Id,
        Status = license.StateAt(now),
        KeyNumber = license.KeyNumber,
        KeyType = license.KeyType,
        LicenseClass = license.ClassName,
        BillType = BillWord(license),
        Issuer = license.IssuerId,
        CustomerId = license.CustomerId,
        Customer = license.CustomerName,
        SubscriptionId = license.SubscriptionId,
        Subscription = license.SubscriptionName,
        Assignment = license.Assignment,
        ExpirationDate = license.ExpirationDate,
        UpdateDate = license.UpdateDate,
        ParentId = license.ParentId,
        WithdrawnAt = license.WithdrawnAt,
        Ordered = license.Ordered,
    };

    private protected static string BillWord(License license) => license.BillType == Catalog.BillType.Lease ? "Monthly" : "Purchase";
}

/// <summary>One license, whole: facts, the request, what is going on, what can be done.</summary>
public sealed record LicenseDetails
{
    /// <summary>The row as in the list.</summary>
    public required LicenseRow License { get; init; }

    /// <summary>The derived state.</summary>
    public LicenseState Status => License.Status;

    /// <summary>The license's number.</summary>
    public LicenseId Id => License.Id;

    /// <summary>The key number; null while there is only the request.</summary>
    public string? KeyNumber => License.KeyNumber;

    /// <summary>The request as it was submitted.</summary>
    public required RequestLicenseRequest? Request { get; init; }

    /// <summary>Its features now, which a change may have made others than those of the request.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>When the request was written.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>End of the right to newer product versions.</summary>
    public DateOnly? SusDate { get; init; }

    /// <summary>Activation code.</summary>
    public string? ActivationCode { get; init; }

    /// <summary>What the class demands before its file can be fetched.</summary>
    public required Catalog.Activation Activation { get; init; }

    /// <summary>What the license is or will be activated for.</summary>
    public ActivationInput? ActivatedFor { get; init; }

    /// <summary>Where the copies are, as the installer read them back.</summary>
    public IReadOnlyList<string> InstalledAt { get; init; } = [];

    /// <summary>When the copies were last seen.</summary>
    public DateTimeOffset? InstalledSeenAt { get; init; }

    /// <summary>Who said that it was installed or handed over: by hand, not verified. Null where an installer read the copies back.</summary>
    public string? InstalledByHand { get; init; }

    /// <summary>Since when the request is withdrawn; null where it is not.</summary>
    public DateTimeOffset? WithdrawnAt => License.WithdrawnAt;

    /// <summary>When the key was terminated at the issuer; it says nothing about the installed copy.</summary>
    public DateTimeOffset? TerminatedAt { get; init; }

    /// <summary>Since when the key is suspended at the issuer; null while it is not.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>When the installed copy was removed; null where there was none, and while one is there.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>The file that is stored here; null where there is none.</summary>
    public LicenseFileInfo? File { get; init; }

    /// <summary>The additional licenses.</summary>
    public IReadOnlyList<LicenseRow> AddOns { get; init; } = [];

    /// <summary>What is going on: step, attempt, next attempt, last error with cause and remedy; null when nothing is open.</summary>
    public WorkView? GoingOn { get; init; }

    /// <summary>How its renewal stands; null for a Purchase, and before there is a key.</summary>
    public LicenseRenewal? Renewal { get; init; }

    /// <summary>What can be done by hand in this state.</summary>
    public required IReadOnlyList<LicenseOperation> Possible { get; init; }
}

/// <summary>How the renewal of a lease stands.</summary>
/// <param name="GoodStanding">True where it is renewed by itself when it is due, if its class is.</param>
/// <param name="BadStanding">Why it is not in good standing; null where it is.</param>
/// <param name="RenewedAt">When it was last renewed; null before the first time.</param>
/// <param name="Tries">Days on which it was tried since.</param>
/// <param name="NextTryAt">When it is tried again after a failure; null where none failed.</param>
/// <param name="Failure">Why the last try failed; null where none did.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record LicenseRenewal(
    bool GoodStanding, string? BadStanding, DateTimeOffset? RenewedAt, int Tries, DateTimeOffset? NextTryAt, string? Failure, string? Remedy);

/// <summary>A stored license file, without its content.</summary>
/// <param name="KeyNumber">The key number with the revision that the file carries.</param>
/// <param name="FileName">The name to store it under.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="RetrievedAt">When it was fetched.</param>
public sealed record LicenseFileInfo(string KeyNumber, string FileName, int Bytes, DateTimeOffset RetrievedAt);

/// <summary>One move of a license.</summary>
/// <param name="LicenseId">The license.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="From">The state before; null for the first.</param>
/// <param name="To">The state after.</param>
/// <param name="What">What happened, in one sentence.</param>
/// <param name="Trace">Trace id, to be found in the log.</param>
public sealed record LicenseEvent(LicenseId LicenseId, DateTimeOffset At, string Actor, LicenseState? From, LicenseState To, string What, string? Trace);
