namespace Keygate.Licensing;

/// <summary>What will happen to a key, or what became of it.</summary>
public enum KeyEnd
{
    /// <summary>There is no key: the request is withdrawn, and none is made.</summary>
    Withdraw,

    /// <summary>It will be terminated at the issuer.</summary>
    Terminate,

    /// <summary>Keygate cannot end it there: a person has that done and records it.</summary>
    ByHand,

    /// <summary>A Purchase cannot be terminated: it will go to stock.</summary>
    ToStock,

    /// <summary>It is stock, and stays that.</summary>
    Stock,

    /// <summary>It is being ended. Ended by the issuer's answer.</summary>
    UnderWay,

    /// <summary>It is not ended: cause and remedy say why. Ended by a resubmission, or by a person's word.</summary>
    Failed,

    /// <summary>It is terminated at the issuer. Final.</summary>
    Terminated,

    /// <summary>The request was withdrawn before there was a key. Final.</summary>
    Withdrawn,
}

/// <summary>What will happen to an installed copy, or what became of it.</summary>
public enum CopyEnd
{
    /// <summary>None is installed.</summary>
    None,

    /// <summary>The installer will remove it.</summary>
    Remove,

    /// <summary>Keygate cannot remove it: a person does that and records it.</summary>
    ByHand,

    /// <summary>It is being removed. Ended by the installer's answer.</summary>
    UnderWay,

    /// <summary>It is still there: cause and remedy say why. Ended by a resubmission, or by a person's word.</summary>
    Failed,

    /// <summary>It is gone. Ended by another installation.</summary>
    Removed,
}

/// <summary>The termination of a license: before it is asked for, what would happen; then what became of each key and copy.</summary>
/// <param name="License">The license.</param>
/// <param name="AskedAt">When it was asked for; null where it was not.</param>
/// <param name="AskedBy">By whom.</param>
/// <param name="Why">Why.</param>
/// <param name="Ended">True when nothing is left to do.</param>
/// <param name="Keys">Each key with its copy, additional ones before their base: the order in which they end.</param>
public sealed record LicenseTermination(LicenseId License, DateTimeOffset? AskedAt, string? AskedBy, string? Why, bool Ended, IReadOnlyList<KeyTermination> Keys);

/// <summary>One key and its copy.</summary>
public sealed record KeyTermination
{
    /// <summary>The license.</summary>
    public required LicenseId License { get; init; }

    /// <summary>Name and version of the licensed software.</summary>
    public required string LicenseClass { get; init; }

    /// <summary>The key number; null where there is no key.</summary>
    public string? KeyNumber { get; init; }

    /// <summary>Monthly or Purchase.</summary>
    public required string BillType { get; init; }

    /// <summary>What will happen to the key, or what became of it.</summary>
    public required KeyEnd Key { get; init; }

    /// <summary>What will happen to the installed copy, or what became of it.</summary>
    public required CopyEnd Copy { get; init; }

    /// <summary>Where copies are.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>Why key or copy is not ended, or is for a person; null where nothing hinders.</summary>
    public string? Cause { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; init; }
}
