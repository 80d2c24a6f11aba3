namespace Keygate.KeyServer;

/// <summary>Why somebody did what cannot be explained otherwise.</summary>
public sealed record KeyReason
{
    /// <summary>Why; it stands in the key's history.</summary>
    public string? Reason { get; init; }
}

internal static class Reason
{
    private const int CharsMax = 500;

    /// <summary>The reason without blanks around it; null where it is missing or too long.</summary>
    public static string? Of(string? text) => text?.Trim() is { Length: > 0 and <= CharsMax } reason ? reason : null;
}
