using System.Globalization;
using Keygate.Plugins.Abstractions;
using Keygate.XmlRpc;

namespace Keygate.Installers;

/// <summary>
/// The kind <c>installer.webhook</c>: hands license files to a program of the operator's by a signed HTTP POST, as Standard Webhooks describe it.
/// </summary>
public sealed class WebhookFactory : IPluginFactory
{
    internal const string Url = "url", Secret = "secret", SecondSecret = "secondSecret", Certificate = "certificate", AnswerWithin = "answerWithinSeconds", PlainHttp = "plainHttp";

    /// <inheritdoc/>
    public PluginManifest Manifest { get; } = new(
        "installer.webhook", "Webhook", "Hands license files to a program of yours by a signed HTTP POST (Standard Webhooks); its 2xx means installed.",
        [
            new(Url, SettingType.Text, "URL", "Where to post, such as https://panel.example.net/keygate. Addresses of private networks are allowed. Redirects are not followed.") { Required = true },
            new(Secret, SettingType.Secret, "Secret", "What signs: whsec_ and 24 to 64 random bytes in base64. The receiver has the same.") { Required = true },
            new(SecondSecret, SettingType.Secret, "Second secret", "Signs too, while the receiver is given a new secret."),
            new(Certificate, SettingType.LongText, "Certificate",
                "The receiver's certificate in PEM form, that of the authority which signed it, or its SHA-256 fingerprint. Left out, the authorities that this system trusts decide."),
            new(AnswerWithin, SettingType.Number, "Answer within", "Seconds for the whole call; the plug-in's time-out bounds it too.") { Default = "30", Minimum = 1, Maximum = 3600 },
            new(PlainHttp, SettingType.Flag, "Plain HTTP", "Allows http to another machine: license files then cross the network unencrypted.") { Default = "false" },
        ]);

    /// <inheritdoc/>
    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings)
    {
        var faults = new List<SettingFault>();
        if (!Uri.TryCreate(settings[Url], UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            faults.Add(new(Url, $"The URL must be like https://panel.example.net/keygate, not '{settings[Url]}'."));
        }
        else if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            faults.Add(new(Url, "The URL must have no login, password or #: the signature shows the receiver who calls."));
        }
        else if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && settings[PlainHttp] != "true")
        {
            faults.Add(new(Url, $"{url.Host} is another machine: use https, or allow plain HTTP."));
        }

        faults.AddRange(new[] { Secret, SecondSecret }
            .Where(name => settings.GetValueOrDefault(name) is { Length: > 0 } secret && WebhookSecret.Read(secret) is null)
            .Select(name => new SettingFault(name, "A secret is whsec_ and 24 to 64 bytes in base64, as 'echo whsec_$(openssl rand -base64 32)' makes it.")));
        try
        {
            XmlRpcPins.Parse(settings.GetValueOrDefault(Certificate));
        }
        catch (FormatException e)
        {
            faults.Add(new(Certificate, e.Message));
        }

        return faults;
    }

    /// <inheritdoc/>
    public IPlugin Create(PluginContext context) => new WebhookInstaller(WebhookSettings.Of(context), context.Time);
}

/// <summary>The settings, read.</summary>
internal sealed record WebhookSettings(Uri Url, IReadOnlyList<WebhookSecret> Secrets, XmlRpcPins Pins, TimeSpan AnswerWithin)
{
    /// <summary>For causes: without the query, which may hold what is not to be shown.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{Url.Scheme}://{Url.Authority}{Url.AbsolutePath}");

    public static WebhookSettings Of(PluginContext context) => new(
        new Uri(context[WebhookFactory.Url]),
        [.. new[] { context[WebhookFactory.Secret], context[WebhookFactory.SecondSecret] }.Select(WebhookSecret.Read).OfType<WebhookSecret>()],
        XmlRpcPins.Parse(context[WebhookFactory.Certificate]),
        TimeSpan.FromSeconds(int.Parse(context[WebhookFactory.AnswerWithin], CultureInfo.InvariantCulture)));
}
