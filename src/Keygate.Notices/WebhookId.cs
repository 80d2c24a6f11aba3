using System.Globalization;
using Keygate.Kernel;

namespace Keygate.Notices;

/// <summary>The number of a webhook.</summary>
public readonly record struct WebhookId(int Value) : INumber<WebhookId>
{
    /// <summary>Its name in audit trail, work and lanes, such as <c>webhook/3</c>.</summary>
    public string Subject => string.Create(CultureInfo.InvariantCulture, $"webhook/{Value}");

    /// <inheritdoc/>
    public static WebhookId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
