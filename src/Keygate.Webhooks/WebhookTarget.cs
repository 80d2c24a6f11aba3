using System.Globalization;
using Keygate.XmlRpc;

namespace Keygate.Webhooks;

/// <summary>Where webhooks are posted, and how.</summary>
/// <param name="Url">The URL; checked by <see cref="UrlFault"/>.</param>
/// <param name="Secrets">What signs; two while the receiver is given a new one.</param>
/// <param name="Pins">Certificates that the receiver may show; none where the system's authorities decide.</param>
/// <param name="AnswerWithin">The time for one call.</param>
/// <param name="Setup">What holds these settings, in the words of causes and remedies: <c>plug-in</c>, <c>webhook</c>.</param>
public sealed record WebhookTarget(Uri Url, IReadOnlyList<WebhookSecret> Secrets, XmlRpcPins Pins, TimeSpan AnswerWithin, string Setup)
{
    /// <summary>For causes: without the query, which may hold what is not to be shown.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{Url.Scheme}://{Url.Authority}{Url.AbsolutePath}");

    /// <summary>What is wrong with a URL; null where nothing is.</summary>
    /// <param name="text">The URL.</param>
    /// <param name="plainHttp">True where http to another machine is allowed.</param>
    public static string? UrlFault(string? text, bool plainHttp) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            ? $"The URL must be like https://panel.example.net/keygate, not '{text}'."
            : url.UserInfo.Length > 0 || url.Fragment.Length > 0
            ? "The URL must have no login, password or #: the signature shows the receiver who calls."
            : url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && !plainHttp
            ? $"{url.Host} is another machine: use https, or allow plain HTTP."
            : null;
}
