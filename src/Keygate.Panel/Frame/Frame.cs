using Keygate.Accounts;
using Keygate.Kernel;
using Microsoft.AspNetCore.Http;

namespace Keygate.Panel;

/// <summary>What every screen knows: who looks, in which language, what the last act said.</summary>
public sealed record Frame
{
    /// <summary>Who is signed in; null at the sign-in form.</summary>
    public SignedIn? Who { get; init; }

    /// <summary>The customer who is signed in at store or portal; null for a visitor.</summary>
    public Actor? Customer { get; init; }

    /// <summary>Who runs this Keygate; known at store and portal, where somebody has said it.</summary>
    public ProviderProfile? Profile { get; init; }

    /// <summary>True at the pages that customers see.</summary>
    public bool IsStore { get; init; }

    /// <summary>What every form carries.</summary>
    public string FormToken { get; init; } = "";

    /// <summary>The texts.</summary>
    public required Words Words { get; init; }

    /// <summary>Which sides this process has.</summary>
    public required PanelOptions Sides { get; init; }

    /// <summary>Where Keygate begins behind a proxy; empty at the root.</summary>
    public string Base { get; init; } = "";

    /// <summary>The host name, with a port where there is one, by which the browser came here.</summary>
    public string Host { get; init; } = "";

    /// <summary>What the last act did, shown once.</summary>
    public string? Said { get; init; }

    /// <summary>Why the act that led to this page was refused.</summary>
    public Error? Refusal { get; init; }

    /// <summary>Things that need attention, for the mark in the menu; counted up to a bound.</summary>
    public int Attention { get; init; }

    /// <summary>The moment by which ages and days are shown.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>True where the clock is a test's: dates are not real.</summary>
    public bool TestClock { get; init; }

    /// <summary>True where this person may change something: staff that does not only look, and at store and portal customers with what is theirs.</summary>
    public bool MayWrite => IsStore ? Customer is not null : Who is { Role: not StaffRole.Auditor };

    private static readonly object Key = new();

    /// <summary>The address of a screen.</summary>
    public string Url(string path) => Base + path;

    /// <summary>The frame that the door has made for this request.</summary>
    public static Frame Of(HttpContext http) => (Frame)http.Items[Key]!;

    /// <summary>Set once, by the door.</summary>
    internal void Set(HttpContext http) => http.Items[Key] = this;
}
