namespace Keygate.Catalog;

/// <summary>How a license is paid.</summary>
public enum BillType
{
    /// <summary>Month by month: it has one month, and one month of upgrades. Ends when it is not renewed.</summary>
    Lease,

    /// <summary>Once: it has no end, and one year of upgrades.</summary>
    Purchase,
}

/// <summary>What a license of a class must be activated for before its file can be fetched.</summary>
public enum Activation
{
    /// <summary>Nothing: the file can be fetched at once.</summary>
    None,

    /// <summary>The identifier of one machine.</summary>
    HardwareId,

    /// <summary>The address of one instance of an application.</summary>
    Instance,
}

/// <summary>A class of licenses: what can be ordered as one thing, under one key type of the issuer.</summary>
public sealed record LicenseClass : CatalogEntry
{
    /// <summary>The issuer's key type identifier, such as <c>PLESK_10_AND_LATER</c>. Unique, never changes.</summary>
    public required string KeyType { get; init; }

    /// <summary>Name for people; names the product's version too.</summary>
    public required string Name { get; init; }

    /// <summary>The product alone.</summary>
    public required string Product { get; init; }

    /// <summary>The product's version; empty where the license does not depend on it.</summary>
    public string Version { get; init; } = "";

    /// <summary>What it is, for people; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>How it is paid; the issuer must offer the key type so.</summary>
    public required BillType BillType { get; init; }

    /// <summary>True for a license that goes with another one and cannot be ordered alone.</summary>
    public bool IsAdditional { get; init; }

    /// <summary>True where the renewal job renews it while its subscription is in good standing.</summary>
    public bool RenewedAutomatically { get; init; }

    /// <summary>The license type that an APS package asks for, such as <c>urn:pla:pinnacle-cart:1</c>; null for other products.</summary>
    public string? ApsLicenseType { get; init; }

    /// <summary>What it must be activated for.</summary>
    public Activation Activation { get; init; }

    internal override CatalogKind Kind => CatalogKind.LicenseClass;

    internal override string Key => KeyType;

    /// <summary>Code and name, for messages.</summary>
    public override string ToString() => $"{KeyType} ({Name})";
}
