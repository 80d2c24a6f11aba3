namespace Keygate.Verification;

/// <summary>
/// The contents of a license file, version 1: what the issuer says about one key, and what its signature covers.
/// </summary>
/// <remarks>
/// A file that <see cref="LicenseVerifier"/> returned was read from the verified octets and keeps all rules of <see cref="Check"/>. Texts may hold
/// any character that XML 1.0 allows, but never a carriage return, and attributes neither tabs nor line ends: tools in the wild change those silently,
/// which would break the signature. Two files are equal when all their fields are.
/// </remarks>
public sealed record LicenseFile
{
    /// <summary>The key's number without its revision, <c>PREFIX.NUMBER</c>, for instance <c>PLSK.00041207</c>. It never changes in a key's life.</summary>
    public required string KeyNumber { get; init; }

    /// <summary>The revision, 0 to 9999, written with four digits; it rises whenever the key's content changes.</summary>
    public required int KeyVersion { get; init; }

    /// <summary>The key type's identifier.</summary>
    public required string KeyType { get; init; }

    /// <summary>The identifiers of the features, in the issuer's order, none twice.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>The product that the key is for.</summary>
    public required string Product { get; init; }

    /// <summary>The product's version, if the key is for one alone.</summary>
    public string? ProductVersion { get; init; }

    /// <summary>Whom the license was issued to, if the issuer says so.</summary>
    public string? Owner { get; init; }

    /// <summary>The first day on which the license is valid (UTC); <see langword="null"/> is written as <c>instant</c>: from the moment of issue.</summary>
    public LicenseDate? StartDate { get; init; }

    /// <summary>The first day on which the license is no longer valid (UTC, exclusive); <see langword="null"/>: it never ends.</summary>
    public LicenseDate? ExpirationDate { get; init; }

    /// <summary>The day from which the product asks the license server for a newer file; <see langword="null"/>: never.</summary>
    public LicenseDate? UpdateDate { get; init; }

    /// <summary>The day on which the software update service ends (exclusive); <see langword="null"/>: the key has none.</summary>
    public LicenseDate? SusDate { get; init; }

    /// <summary>Where the product asks for updates of this file: an <c>https</c> or <c>http</c> address.</summary>
    public string? LicenseServerUrl { get; init; }

    /// <summary>What the product shows the license server to get the next file: 128 random bits as 32 lower-case hexadecimal digits.</summary>
    public string? UpdateTicket { get; init; }

    /// <summary>What the license is bound to; empty: to nothing. With several of one kind each of them is allowed.</summary>
    public IReadOnlyList<LicenseBinding> Bindings { get; init; } = [];

    /// <summary>The vendor's properties, one element each, names unique.</summary>
    public IReadOnlyList<LicenseProperty> Properties { get; init; } = [];

    /// <summary>A vendor's own key, opaque to Keygate; <see langword="null"/>: none. Treat the array as read-only.</summary>
    public byte[]? KeyBody { get; init; }

    /// <summary>The issuer's name of the key that signed. The signer writes its own; what stands here when a file is issued doesn't matter.</summary>
    public string? SigningKeyId { get; init; }

    /// <summary>Whether the license is valid at a moment by its dates.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="clockDrift">How wrong the clock may be: the license's first day begins, and its last one ends, this much more generously.</param>
    public LicenseValidity ValidityAt(DateTimeOffset now, TimeSpan clockDrift = default)
    {
        if (StartDate is { } start && now < start.Begins - clockDrift)
        {
            return LicenseValidity.NotYetValid;
        }
        return ExpirationDate is { } end && now >= end.Begins + clockDrift ? LicenseValidity.Expired : LicenseValidity.Valid;
    }

    /// <summary>Checks all rules of version 1 and returns every fault, each with its field; an empty list means that the file can be issued.</summary>
    public IReadOnlyList<LicenseFault> Check() => LicenseRules.Check(this);

    /// <inheritdoc/>
    public bool Equals(LicenseFile? other) =>
        other is not null && KeyNumber == other.KeyNumber && KeyVersion == other.KeyVersion && KeyType == other.KeyType
        && Product == other.Product && ProductVersion == other.ProductVersion && Owner == other.Owner
        && StartDate == other.StartDate && ExpirationDate == other.ExpirationDate && UpdateDate == other.UpdateDate && SusDate == other.SusDate
        && LicenseServerUrl == other.LicenseServerUrl && UpdateTicket == other.UpdateTicket && SigningKeyId == other.SigningKeyId
        && Features.SequenceEqual(other.Features) && Bindings.SequenceEqual(other.Bindings) && Properties.SequenceEqual(other.Properties)
        && (KeyBody is null ? other.KeyBody is null : other.KeyBody is not null && KeyBody.SequenceEqual(other.KeyBody));

    /// <inheritdoc/>
    public override int GetHashCode() => (KeyNumber, KeyVersion, KeyType, StartDate, ExpirationDate, SigningKeyId).GetHashCode();
}

/// <summary>One thing that a license is bound to.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Value">The address, hardware id or instance.</param>
public sealed record LicenseBinding(BindingKind Kind, string Value);

/// <summary>What a license can be bound to.</summary>
public enum BindingKind
{
    /// <summary>An IP address of the machine; written <c>ip</c>.</summary>
    Ip = 0,

    /// <summary>A hardware id that the product computes; written <c>hwid</c>.</summary>
    HardwareId = 1,

    /// <summary>An installed instance of an application; written <c>instance</c>.</summary>
    Instance = 2,
}

/// <summary>One property of a license.</summary>
/// <param name="Name">The property's name, unique in its file.</param>
/// <param name="Type">The vendor's word for the value's type, for instance <c>string</c> or <c>integer</c>.</param>
/// <param name="Value">The value; may be empty.</param>
public sealed record LicenseProperty(string Name, string Type, string Value);

/// <summary>Whether an authentic license is good under the conditions given, or the first reason why not.</summary>
public enum LicenseValidity
{
    /// <summary>No clock was given, so that nothing is said about the dates.</summary>
    Unchecked = 0,

    /// <summary>The moment lies between start and expiration.</summary>
    Valid = 1,

    /// <summary>The start date lies ahead; ends when it comes.</summary>
    NotYetValid = 2,

    /// <summary>The expiration date has come; only a newer file ends this.</summary>
    Expired = 3,

    /// <summary>The issuer has revoked the license for good.</summary>
    Revoked = 4,

    /// <summary>The issuer has suspended the license; a newer status list may end this.</summary>
    Suspended = 5,

    /// <summary>A status list is demanded and none was given; ends when one is fetched.</summary>
    StatusMissing = 6,

    /// <summary>The status list's life is over, or has not begun by this clock; ends when a newer one is fetched, or the clock is set.</summary>
    StatusOutdated = 7,

    /// <summary>The status list does not cover this key number.</summary>
    StatusUnfit = 8,

    /// <summary>The status list tells of a revoked signing key that the trust bundle does not know of; ends when a newer bundle is fetched.</summary>
    TrustOutdated = 9,

    /// <summary>The license is bound to another machine or instance.</summary>
    BoundElsewhere = 10,
}

/// <summary>A field that breaks a rule of version 1.</summary>
/// <param name="Field">The field's name in <see cref="LicenseFile"/>, with its position in a list, for instance <c>Features[2]</c>.</param>
/// <param name="Reason">What is wrong and what would be right, in one sentence.</param>
public sealed record LicenseFault(string Field, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Reason}";
}
