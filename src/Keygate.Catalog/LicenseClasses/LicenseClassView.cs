namespace Keygate.Catalog;

/// <summary>A license class as our REST shows it.</summary>
public sealed record LicenseClassView
{
    /// <summary>The issuer's key type identifier.</summary>
    public required string KeyType { get; init; }

    /// <summary>Name with the product's version.</summary>
    public required string Name { get; init; }

    /// <summary>The product alone.</summary>
    public required string Product { get; init; }

    /// <summary>The product's version; may be empty.</summary>
    public required string Version { get; init; }

    /// <summary>What it is; may be empty.</summary>
    public required string Description { get; init; }

    /// <summary>How it is paid.</summary>
    public required BillType BillType { get; init; }

    /// <summary>True where it cannot be ordered alone.</summary>
    public required bool IsAdditional { get; init; }

    /// <summary>True where the renewal job renews it.</summary>
    public required bool RenewedAutomatically { get; init; }

    /// <summary>The license type an APS package asks for.</summary>
    public string? ApsLicenseType { get; init; }

    /// <summary>What it must be activated for.</summary>
    public required Activation Activation { get; init; }

    /// <summary>The category of its resource.</summary>
    public required string Category { get; init; }

    /// <summary>Codes of its features in use, by group and sort number.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Key types of the additional classes that go with it.</summary>
    public required IReadOnlyList<string> AddOns { get; init; }

    /// <summary>When it was archived; absent while it is in use.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    internal static LicenseClassView Of(CatalogView catalog, LicenseClass c) => new()
    {
        KeyType = c.KeyType, Name = c.Name, Product = c.Product, Version = c.Version, Description = c.Description, BillType = c.BillType,
        IsAdditional = c.IsAdditional, RenewedAutomatically = c.RenewedAutomatically, ApsLicenseType = c.ApsLicenseType, Activation = c.Activation,
        Category = CatalogView.ClassCategory, ArchivedAt = c.ArchivedAt,
        Features = [.. catalog.FeaturesOf(c.KeyType).Select(f => f.Id)],
        AddOns = [.. catalog.AddOnsOf(c.KeyType).Select(a => a.KeyType)],
    };
}
