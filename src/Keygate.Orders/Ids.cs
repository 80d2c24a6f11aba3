using System.Globalization;
using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>The number of a sellable resource.</summary>
public readonly record struct ResourceId(int Value) : INumber<ResourceId>
{
    /// <inheritdoc/>
    public static ResourceId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a plan.</summary>
public readonly record struct PlanId(int Value) : INumber<PlanId>
{
    /// <inheritdoc/>
    public static PlanId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a plan's period.</summary>
public readonly record struct PlanPeriodId(int Value) : INumber<PlanPeriodId>
{
    /// <inheritdoc/>
    public static PlanPeriodId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a resource's rate in one plan.</summary>
public readonly record struct RateId(int Value) : INumber<RateId>
{
    /// <inheritdoc/>
    public static RateId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a subscription.</summary>
public readonly record struct SubscriptionId(int Value) : INumber<SubscriptionId>
{
    /// <inheritdoc/>
    public static SubscriptionId Of(int value) => new(value);

    /// <summary>The subject under which work about this subscription runs.</summary>
    public string Subject => FormattableString.Invariant($"subscription/{Value}");

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of an order.</summary>
public readonly record struct OrderId(int Value) : INumber<OrderId>
{
    /// <inheritdoc/>
    public static OrderId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a provisioning item.</summary>
public readonly record struct ItemId(int Value) : INumber<ItemId>
{
    /// <summary>The subject under which work about this item runs.</summary>
    public string Subject => FormattableString.Invariant($"item/{Value}");

    /// <inheritdoc/>
    public static ItemId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
