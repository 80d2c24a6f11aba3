using Keygate.Catalog;
using Keygate.Plugins;

namespace Keygate.Licensing;

/// <summary>A step of the first fetch and installation that is open: the only state of a license that is stored as one.</summary>
internal enum OpenStep
{
    /// <summary>No step is open.</summary>
    None,

    /// <summary>The file is being fetched. Ended by its arrival or by the step's end.</summary>
    Retrieving,

    /// <summary>The file is being installed. Ended by the installer's answer or by the step's end.</summary>
    Installing,
}

/// <summary>A license as facts and dates. One row, from the request to the termination; an additional license has a row of its own under its parent.</summary>
internal sealed record License
{
    public LicenseId Id { get; init; }
    public LicenseId? ParentId { get; init; }

    /// <summary>False for an additional key that the issuer sent along unasked: stored, shown as not ordered, never installed by itself.</summary>
    public bool Ordered { get; init; }

    /// <summary>The license whose process does this one's work: an ordered additional license travels with its base, one that came unasked goes alone.</summary>
    public LicenseId Leader => Ordered ? ParentId ?? Id : Id;

    /// <summary>True for an ordered additional license that has no key although the base's key has come: the issuer has left it out.</summary>
    public bool IsLeftOutOf(License leader) => Leader != Id && KeyNumber is null && leader.IssuedAt is not null;

    public string KeyType { get; init; } = "";
    public string ClassName { get; init; } = "";
    public string BillTypeName { get; init; } = "";
    public string ActivationName { get; init; } = "";
    public PluginId IssuerId { get; init; }
    public PluginId? InstallerId { get; init; }
    public int? CustomerId { get; init; }
    public string? CustomerName { get; init; }
    public int? SubscriptionId { get; init; }
    public string? SubscriptionName { get; init; }
    public string Target { get; init; } = "";

    /// <summary>The license request as it was submitted, JSON. Never changes.</summary>
    public string Request { get; init; } = "";

    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>Its features after a change, JSON; null where those of the request hold.</summary>
    public string? Features { get; init; }

    /// <summary>Its features now.</summary>
    public IReadOnlyList<string> FeatureList =>
        Features is { } changed ? Kernel.Json.Read<List<string>>(changed) : Ordered ? Kernel.Json.Read<RequestLicenseRequest>(Request).Features : [];

    public string? KeyNumber { get; init; }
    public DateTimeOffset? IssuedAt { get; init; }
    public string? ActivationCode { get; init; }
    public DateOnly? ExpirationDate { get; init; }
    public DateOnly? UpdateDate { get; init; }
    public DateOnly? SusDate { get; init; }
    public string? HardwareId { get; init; }
    public string? Instance { get; init; }
    public DateTimeOffset? ActivatedAt { get; init; }
    public DateTimeOffset? RetrievedAt { get; init; }
    public DateTimeOffset? UploadedAt { get; init; }
    public DateTimeOffset? InstalledAt { get; init; }
    public string? InstalledPlaces { get; init; }
    public DateTimeOffset? TerminatedAt { get; init; }

    /// <summary>Since when the key is suspended at the issuer; null while it is not.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>When the installed copy was removed for the time of a hold, after which it is installed again; null otherwise.</summary>
    public DateTimeOffset? HoldRemovedAt { get; init; }

    /// <summary>When the installed copy was removed; null where there was none, and while one is there.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>Who said that it was installed or handed over; null where an installer put it there and read it back.</summary>
    public string? InstalledByHand { get; init; }

    /// <summary>Since when nothing is to be done about the request any more: its order was cancelled. The state stays Pending.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>Since when it waits for the dedicated server that its subscription is to get; null where it doesn't.</summary>
    public DateTimeOffset? NotAssignedAt { get; init; }

    /// <summary>Addresses of the dedicated server that was assigned after the request was written, JSON; null where those of the request hold.</summary>
    public string? IpAddresses { get; init; }

    /// <summary>The trace that was laid when the key was asked for; null before, and for additional keys.</summary>
    public string? Trace { get; init; }

    public string OpenStepName { get; init; } = nameof(OpenStep.None);

    /// <summary>A copy of the derived state, written with each fact, for filter and sort alone.</summary>
    public string Status { get; init; } = "";

    public DateTimeOffset ChangedAt { get; init; }
    public int Version { get; init; }

    public BillType BillType => Enum.Parse<BillType>(BillTypeName);

    public Catalog.Activation Activation => Enum.Parse<Catalog.Activation>(ActivationName);

    /// <summary>Whose it is.</summary>
    public AssignmentState Assignment =>
        NotAssignedAt is not null ? AssignmentState.NotAssigned : SubscriptionId is not null ? AssignmentState.Subscription : AssignmentState.Stock;

    public OpenStep OpenStep => Enum.Parse<OpenStep>(OpenStepName);

    /// <summary>True when what the class demands for an activation is known.</summary>
    public bool HasActivationData => Activation switch
    {
        Catalog.Activation.HardwareId => HardwareId is not null,
        Catalog.Activation.Instance => Instance is not null,
        _ => true,
    };

    /// <summary>True when the class demands an activation that has not happened: a file cannot be fetched before. A file that was uploaded is there.</summary>
    public bool NeedsActivation => Activation != Catalog.Activation.None && ActivatedAt is null && UploadedAt is null;

    /// <summary>
    /// The state by one ordered rule, the first that fits. Dates of the issuer have no zone and are compared as dates; only a Lease expires, even
    /// where the file of a Purchase carries a technical date.
    /// </summary>
    public LicenseState StateAt(DateTimeOffset now) => this switch
    {
        { TerminatedAt: not null } => LicenseState.Terminated,
        { BillType: BillType.Lease, ExpirationDate: { } end } when DateOnly.FromDateTime(now.UtcDateTime) >= end => LicenseState.Expired,
        { OpenStep: OpenStep.Installing } => LicenseState.Installing,
        { OpenStep: OpenStep.Retrieving } => LicenseState.Retrieving,
        { InstalledAt: not null } => LicenseState.Installed,
        { RetrievedAt: not null } => LicenseState.Retrieved,
        { UploadedAt: not null } => LicenseState.Uploaded,
        { ActivatedAt: not null } => LicenseState.Activated,
        { IssuedAt: not null } => LicenseState.Issued,
        _ => LicenseState.Pending,
    };
}
