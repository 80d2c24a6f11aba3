using Microsoft.AspNetCore.Components;

namespace Keygate.Panel;

/// <summary>A whole screen; it is given its frame and hands it down to its pieces.</summary>
public abstract class Page : ComponentBase
{
    /// <summary>What every screen knows.</summary>
    [Parameter, EditorRequired]
    public Frame Frame { get; set; } = null!;

    /// <summary>The texts.</summary>
    protected Words T => Frame.Words;

    /// <summary>The address of a screen.</summary>
    protected string Url(FormattableString path) => Frame.Url(FormattableString.Invariant(path));
}

/// <summary>A part of a screen.</summary>
public abstract class Piece : ComponentBase
{
    /// <summary>What every screen knows.</summary>
    [CascadingParameter]
    public Frame Frame { get; set; } = null!;

    /// <summary>The texts.</summary>
    protected Words T => Frame.Words;

    /// <summary>The address of a screen.</summary>
    protected string Url(FormattableString path) => Frame.Url(FormattableString.Invariant(path));
}
