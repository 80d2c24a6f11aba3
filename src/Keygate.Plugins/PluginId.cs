using System.Globalization;
using Keygate.Kernel;

namespace Keygate.Plugins;

/// <summary>The number of a plug-in: one configured connection to an issuer or an installer.</summary>
public readonly record struct PluginId(int Value) : INumber<PluginId>
{
    /// <summary>The lane of its outside acts in Work.</summary>
    public string Lane => string.Create(CultureInfo.InvariantCulture, $"plugin/{Value}");

    /// <summary>Its name in audit trail and work, such as <c>plugin/3</c>.</summary>
    public string Subject => Lane;

    /// <inheritdoc/>
    public static PluginId Of(int value) => new(value);

    /// <summary>The plug-in whose lane this is. Throws for a lane that is no plug-in's.</summary>
    public static PluginId OfLane(string lane) => new(int.Parse(lane.AsSpan("plugin/".Length), NumberStyles.None, CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
