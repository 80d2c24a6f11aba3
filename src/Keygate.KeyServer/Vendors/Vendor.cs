using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>What a vendor's endpoint is asked (ISV protocol, APS_ACTION).</summary>
public enum VendorAction
{
    /// <summary>PURCHASE: the body of a new key.</summary>
    Purchase,

    /// <summary>RENEW: the body for one more term.</summary>
    Renew,

    /// <summary>UPGRADE: the body after a change of what the key gives.</summary>
    Upgrade,

    /// <summary>TERMINATE: the key ends.</summary>
    Terminate,
}

/// <summary>How an act stands.</summary>
public enum VendorActState
{
    /// <summary>Asked, or about to be. Ended by the vendor's answer, or by a person.</summary>
    Open,

    /// <summary>The vendor has done it, and so have we. Final.</summary>
    Done,

    /// <summary>The vendor has refused it; nothing was changed. Final.</summary>
    Refused,
}

/// <summary>What an act changes here once the vendor has done it, or undoes where he refuses.</summary>
internal sealed record VendorChange
{
    /// <summary>PURCHASE: all keys of the order, which live or end together.</summary>
    public IReadOnlyList<int> Order { get; init; } = [];

    /// <summary>UPGRADE: the key type afterwards.</summary>
    public string KeyType { get; init; } = "";

    /// <summary>UPGRADE: the features afterwards.</summary>
    public IReadOnlyList<KeyFeatureRow> Features { get; init; } = [];

    /// <summary>UPGRADE: the end of updates afterwards.</summary>
    public DateOnly? Sus { get; init; }

    /// <summary>UPGRADE: additional key types that come with it.</summary>
    public IReadOnlyList<string> Brought { get; init; } = [];

    /// <summary>What the history calls it.</summary>
    public string Act { get; init; } = "";

    /// <summary>More about it for the history.</summary>
    public string Detail { get; init; } = "";

    /// <summary>TERMINATE: the day that the vendor is told.</summary>
    public DateOnly? On { get; init; }

    /// <summary>True for a renewal that the key server began by itself: where it is refused it is tried again the next day.</summary>
    public bool Automatic { get; init; }
}

/// <summary>A vendor as it stands in the database.</summary>
internal sealed record VendorRow
{
    public VendorId Id { get; init; }
    public string Name { get; init; } = "";
    public string Url { get; init; } = "";
    public string? Credentials { get; init; }
    public bool Repeats { get; init; }
    public bool ReportsUsage { get; init; }
    public bool TestMode { get; init; }
    public bool Enabled { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    public string Lane => FormattableString.Invariant($"vendor/{Id.Value}");
}

/// <summary>An act as it stands in the database.</summary>
internal sealed record VendorActRow
{
    public VendorActId Id { get; init; }
    public KeyId KeyId { get; init; }
    public VendorId VendorId { get; init; }
    public VendorAction Action { get; init; }
    public string Change { get; init; } = "{}";
    public VendorActState State { get; init; }
    public string Detail { get; init; } = "";
    public long? WorkId { get; init; }
    public string Actor { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ChangedAt { get; init; }

    public VendorChange Read() => Json.Read<VendorChange>(Change);
}
