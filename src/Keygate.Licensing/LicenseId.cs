using Keygate.Kernel;

namespace Keygate.Licensing;

/// <summary>The number of a license, given when its request is written; what people call its ID.</summary>
public readonly record struct LicenseId(int Value) : INumber<LicenseId>
{
    /// <inheritdoc/>
    public static LicenseId Of(int value) => new(value);

    /// <summary>The subject under which work about this license runs.</summary>
    public string Subject => FormattableString.Invariant($"license/{Value}");

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
