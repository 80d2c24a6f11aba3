using System.Globalization;
using Keygate.Plugins.Abstractions;
using Keygate.Webhooks;
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
        if (WebhookTarget.UrlFault(settings[Url], settings[PlainHttp] == "true") is { } wrong)
        {
            faults.Add(new(Url, wrong));
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
    public IPlugin Create(PluginContext context) => new WebhookInstaller(
        new WebhookTarget(
            new Uri(context[Url]), [.. new[] { context[Secret], context[SecondSecret] }.Select(WebhookSecret.Read).OfType<WebhookSecret>()],
            XmlRpcPins.Parse(context[Certificate]), TimeSpan.FromSeconds(int.Parse(context[AnswerWithin], CultureInfo.InvariantCulture)), "plug-in"),
        context.Time);
}
