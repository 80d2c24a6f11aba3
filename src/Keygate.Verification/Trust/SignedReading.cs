using System.Diagnostics.CodeAnalysis;

namespace Keygate.Verification;

/// <summary>A signed document of the issuer's that was read, or why it is refused.</summary>
/// <typeparam name="T">What the document holds.</typeparam>
public sealed class SignedReading<T>
    where T : class
{
    internal SignedReading(T value) => Value = value;

    internal SignedReading(LicenseRefusal refusal) => Refusal = refusal;

    /// <summary>Whether it was accepted.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Refusal is null;

    /// <summary>What it holds; absent when refused.</summary>
    public T? Value { get; }

    /// <summary>Why it was refused; absent when it was accepted.</summary>
    public LicenseRefusal? Refusal { get; }
}
