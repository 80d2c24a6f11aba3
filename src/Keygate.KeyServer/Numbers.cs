using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>A client of the key server: who owns keys.</summary>
public readonly record struct ClientId(int Value) : INumber<ClientId>
{
    /// <inheritdoc/>
    public static ClientId Of(int value) => new(value);
}

/// <summary>A login of the Partner APIs.</summary>
public readonly record struct LoginId(int Value) : INumber<LoginId>
{
    /// <inheritdoc/>
    public static LoginId Of(int value) => new(value);
}

/// <summary>The eight-digit number of a key, without prefix and revision: one sequence over all prefixes.</summary>
public readonly record struct KeyId(int Value) : INumber<KeyId>
{
    /// <inheritdoc/>
    public static KeyId Of(int value) => new(value);
}

/// <summary>A price list.</summary>
public readonly record struct PriceListId(int Value) : INumber<PriceListId>
{
    /// <inheritdoc/>
    public static PriceListId Of(int value) => new(value);
}

/// <summary>A product configuration of a client.</summary>
public readonly record struct ProductConfigurationId(int Value) : INumber<ProductConfigurationId>
{
    /// <inheritdoc/>
    public static ProductConfigurationId Of(int value) => new(value);
}

/// <summary>A vendor of third-party products.</summary>
public readonly record struct VendorId(int Value) : INumber<VendorId>
{
    /// <inheritdoc/>
    public static VendorId Of(int value) => new(value);
}

/// <summary>What a foreign Key Administrator has bought of us as its vendor.</summary>
public readonly record struct PurchaseId(int Value) : INumber<PurchaseId>
{
    /// <inheritdoc/>
    public static PurchaseId Of(int value) => new(value);
}

/// <summary>Something that a vendor is asked.</summary>
public readonly record struct VendorActId(int Value) : INumber<VendorActId>
{
    /// <inheritdoc/>
    public static VendorActId Of(int value) => new(value);
}
