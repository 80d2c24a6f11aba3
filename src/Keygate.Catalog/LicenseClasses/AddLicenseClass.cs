using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>A license class to add.</summary>
public sealed record AddLicenseClassRequest
{
    /// <summary>The issuer's key type identifier.</summary>
    public string KeyType { get; init; } = "";

    /// <summary>Name with the product's version.</summary>
    public string Name { get; init; } = "";

    /// <summary>The product alone.</summary>
    public string Product { get; init; } = "";

    /// <summary>The product's version; may be empty.</summary>
    public string Version { get; init; } = "";

    /// <summary>What it is; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>How it is paid; required.</summary>
    public BillType? BillType { get; init; }

    /// <summary>True where it cannot be ordered alone.</summary>
    public bool IsAdditional { get; init; }

    /// <summary>True where the renewal job shall renew it.</summary>
    public bool RenewedAutomatically { get; init; }

    /// <summary>The license type an APS package asks for; null for other products.</summary>
    public string? ApsLicenseType { get; init; }

    /// <summary>What it must be activated for.</summary>
    public Activation Activation { get; init; }

    /// <summary>Codes of features that belong to it; they must be in the catalog.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>What is wrong with the request by itself.</summary>
    public IReadOnlyList<Error> Faults() =>
    [
        .. BillType is null ? new[] { CatalogErrors.ValueMissing.At("billType").Because("billType is missing").Mend("Say Lease or Purchase, as the issuer offers the key type.") } : [],
        .. CatalogShape.Alone(Entry),
        .. Features.Any(string.IsNullOrEmpty) ? new[] { CatalogErrors.ValueMissing.At("features").Because("features has an empty element") } : [],
        .. Features.GroupBy(f => f, StringComparer.Ordinal).Where(g => g.Count() > 1)
            .Select(g => CatalogErrors.FeatureTwice.At("features").Because($"The feature {g.Key} is named twice")),
    ];

    internal LicenseClass Entry => new()
    {
        KeyType = KeyType, Name = Name, Product = Product, Version = Version, Description = Description, BillType = BillType ?? default,
        IsAdditional = IsAdditional, RenewedAutomatically = RenewedAutomatically, ApsLicenseType = ApsLicenseType, Activation = Activation,
    };
}

/// <summary>Adds a license class, with the features that belong to it.</summary>
public sealed class AddLicenseClass(CatalogEditor editor)
{
    /// <summary>Adds it in the caller's transaction.</summary>
    public async Task<Result<LicenseClassView>> HandleAsync(Tx tx, AddLicenseClassRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } error)
        {
            return error;
        }

        var added = await editor.AddAsync(tx, actor,
            [request.Entry, .. request.Features.Select(f => new ClassFeature { KeyType = request.KeyType, FeatureId = f })], cancellation);
        return added.Map(view => LicenseClassView.Of(view, view.Class(request.KeyType)!));
    }
}
