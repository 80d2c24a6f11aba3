namespace Keygate.Kernel;

/// <summary>Text that must never be printed: passwords, tokens, key files. It shows as <c>***</c> wherever it is formatted.</summary>
public readonly record struct Secret(string Reveal)
{
    /// <inheritdoc/>
    public override string ToString() => "***";
}
