using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Webhooks;
using Keygate.XmlRpc;

namespace Keygate.Notices;

/// <summary>What settings of a webhook must be like.</summary>
internal static class WebhookRules
{
    public const int AnswerWithinDefault = 15;

    public static IReadOnlyList<Error> Faults(WebhookSettings settings)
    {
        var faults = new List<Error>();
        if (settings.Name.Length is 0 or > 100 || settings.Name.Any(char.IsControl))
        {
            faults.Add(NoticesErrors.WebhookNameInvalid.Because(settings.Name.Length == 0 ? "The name is missing." : "The name is longer than 100 characters or has line breaks.").At("name"));
        }

        if (WebhookTarget.UrlFault(settings.Url, settings.PlainHttp) is { } wrong)
        {
            faults.Add(NoticesErrors.WebhookUrlInvalid.Because(wrong).At("url"));
        }

        faults.AddRange(Topics.Faults(settings.Topics));
        try
        {
            XmlRpcPins.Parse(settings.Certificate);
        }
        catch (FormatException e)
        {
            faults.Add(NoticesErrors.WebhookCertificateInvalid.Because(e.Message).At("certificate"));
        }

        // Below the bound of all outside calls.
        if (settings.AnswerWithin is < 1 or > 100)
        {
            faults.Add(NoticesErrors.WebhookTimeInvalid.Because($"{settings.AnswerWithin} seconds are not between 1 and 100.").At("answerWithinSeconds"));
        }

        return faults;
    }

    public static IEnumerable<Error> SecretFaults(string? secret, string field) =>
        string.IsNullOrEmpty(secret) || WebhookSecret.Read(secret) is not null ? [] : [NoticesErrors.WebhookSecretInvalid.Because("It is not whsec_ and 24 to 64 bytes in base64.").At(field)];

    public static Error Taken(string name) => NoticesErrors.WebhookNameTaken.Because($"There is a webhook '{name}' already.").At("name");

    public static Error NotFound(WebhookId id) => NoticesErrors.WebhookNotFound.Because($"There is no webhook {id}.");
}
