namespace Keygate.Verification;

/// <summary>What a trust bundle says.</summary>
public sealed record TrustContents
{
    /// <summary>Its number: one more than the last one's.</summary>
    public required long Number { get; init; }

    /// <summary>When it is issued.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The trusted keys with their names; at least one.</summary>
    public required IReadOnlyList<(string Id, TrustedCertificate Certificate)> Keys { get; init; }

    /// <summary>The revoked keys.</summary>
    public IReadOnlyList<RevokedKey> Revoked { get; init; } = [];
}

/// <summary>What a root key says of the one that follows it.</summary>
public sealed record RootContents
{
    /// <summary>When it says so.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The issuer's name of the next root; may be absent.</summary>
    public string? Id { get; init; }

    /// <summary>The next root.</summary>
    public required TrustedCertificate Next { get; init; }
}

/// <summary>What a status list says.</summary>
public sealed record StatusContents
{
    /// <summary>The shard.</summary>
    public required int Shard { get; init; }

    /// <summary>Its number: higher than the last one's of this shard.</summary>
    public required long Number { get; init; }

    /// <summary>When it is issued.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>When its life ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The number of the trust bundle that a signing key was last revoked with; 0 if none ever was.</summary>
    public long TrustNumberMin { get; init; }

    /// <summary>The keys that are not good: their places in the shard, 0 to 131,071. All others are.</summary>
    public required IReadOnlyCollection<(int Place, KeyStatus Status)> Keys { get; init; }
}
