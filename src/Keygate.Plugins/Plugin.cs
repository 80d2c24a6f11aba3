using System.Text.Json.Serialization;
using Keygate.Work;

namespace Keygate.Plugins;

/// <summary>A configured plug-in as people see it: secrets show as <c>***</c>.</summary>
public sealed record Plugin
{
    /// <summary>What a secret that is set looks like; sent back unchanged it keeps the secret.</summary>
    public const string Hidden = "***";

    /// <summary>Its number.</summary>
    public required PluginId Id { get; init; }

    /// <summary>Its name, unique.</summary>
    public required string Name { get; init; }

    /// <summary>Its kind, such as <c>issuer.key-administrator</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>True for one that issues keys.</summary>
    [JsonIgnore]
    public bool IsIssuer => Issues(Kind);

    /// <summary>True for one that puts files where they work.</summary>
    [JsonIgnore]
    public bool IsInstaller => Kind.StartsWith("installer.", StringComparison.Ordinal);

    /// <summary>The settings that were given, by name.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Its limits.</summary>
    public required PluginLimits Limits { get; init; }

    /// <summary>What the other side charges, as far as it is known; null where nobody said it.</summary>
    public PluginCosts? Costs { get; init; }

    /// <summary>What it has spent, counted while a limit of keys or money is set; null in lists.</summary>
    public LaneSpending? Spending { get; init; }

    /// <summary>Since when it is paused; null when it is not.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Why it is paused.</summary>
    public string? PausedReason { get; init; }

    /// <summary>Since when the database is a restored one and this issuer's keys were not compared with it: until then they are only read. Null where they were.</summary>
    public DateTimeOffset? RestoredAt { get; init; }

    /// <summary>Since when the other side does not answer, so that it is only probed; null where it answers.</summary>
    public DateTimeOffset? AwaySince { get; init; }

    /// <summary>The last cause of that.</summary>
    public string? AwayCause { get; init; }

    /// <summary>The last test; null before the first.</summary>
    public PluginCheck? LastCheck { get; init; }

    /// <summary>When a key was last found by its trace; before that an absence at the issuer proves nothing.</summary>
    public DateTimeOffset? TraceProvedAt { get; init; }

    /// <summary>When that was last tried, whatever came of it; null before the first key.</summary>
    public DateTimeOffset? TraceTriedAt { get; init; }

    /// <summary>Why it cannot be used at all, such as a kind that is no longer installed; null when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether it can be sold from: an issuer is configured once it is known what its account offers.</summary>
    public PluginStatus Status { get; init; }

    /// <summary>When it was last known what its account offers; null for an installer and before.</summary>
    public DateTimeOffset? OfferAt { get; init; }

    /// <summary>Why that could not be found out at the last try; null where it could.</summary>
    public string? OfferCause { get; init; }

    /// <summary>True for an issuer without a connection: its licenses wait for an upload of key and file.</summary>
    public bool ByHand { get; init; }

    /// <summary>Rises with each change of name, settings or limits.</summary>
    public required int Version { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    internal static bool Issues(string kind) => kind.StartsWith("issuer.", StringComparison.Ordinal);
}

/// <summary>How a test of a plug-in went.</summary>
/// <param name="Passed">True when the other side can be used.</param>
/// <param name="Text">What was seen, or the cause of the failure.</param>
/// <param name="Remedy">What to do about a failure; null when it passed.</param>
/// <param name="At">When it was tried.</param>
public sealed record PluginCheck(bool Passed, string Text, string? Remedy, DateTimeOffset At);
