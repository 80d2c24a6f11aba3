using Keygate.Kernel;

namespace Keygate.Notices;

/// <summary>Refusals of the notices room.</summary>
public static class NoticesErrors
{
    public static readonly Error WebhookNotFound = new("notices.webhook-not-found", ErrorKind.NotFound,
        "There is no such webhook", "List the webhooks and use the number of one.");

    public static readonly Error WebhookNameInvalid = new("notices.webhook-name-invalid", ErrorKind.Invalid,
        "The webhook's name cannot be used", "Give a name of 1 to 100 characters without line breaks.");

    public static readonly Error WebhookNameTaken = new("notices.webhook-name-taken", ErrorKind.Conflict,
        "Another webhook has this name", "Choose another name, or change the webhook that has it.");

    public static readonly Error WebhookUrlInvalid = new("notices.webhook-url-invalid", ErrorKind.Invalid,
        "The webhook's URL cannot be used", "Correct the URL as the detail says.");

    public static readonly Error WebhookSecretInvalid = new("notices.webhook-secret-invalid", ErrorKind.Invalid,
        "The webhook's secret cannot be used", "A secret is whsec_ and 24 to 64 bytes in base64; leave it out and Keygate makes one.");

    public static readonly Error WebhookCertificateInvalid = new("notices.webhook-certificate-invalid", ErrorKind.Invalid,
        "The webhook's certificate cannot be used", "Give it in PEM form, or its SHA-256 fingerprint.");

    public static readonly Error WebhookTimeInvalid = new("notices.webhook-time-invalid", ErrorKind.Invalid,
        "The time for an answer is out of its bounds", "Give 1 to 100 seconds.");

    public static readonly Error TopicInvalid = new("notices.topic-invalid", ErrorKind.Invalid,
        "A topic cannot be used", "Name topics such as license.installed, license.* for all of a kind, or * for all.");

    public static readonly Error ReplayInvalid = new("notices.replay-invalid", ErrorKind.Invalid,
        "It is not clear from where to send again", "Give either the number of the last event that is not to be sent again, or a time.");

    public static readonly Error EventsGone = new("notices.events-gone", ErrorKind.Conflict,
        "Some of these events are no longer kept", "Send again from the first one that is kept; fetch what is before that by the lists of licenses and orders.");

    public static readonly Error WebhookFailing = new("notices.webhook-failing", ErrorKind.Unavailable,
        "A webhook's receiver does not take what it is sent", "Mend the receiver or the webhook's settings, test it, then resubmit: nothing is lost, it goes on where it stopped.");

    public static readonly Error MailOff = new("notices.mail-off", ErrorKind.NotFound,
        "Mail is not set up", "Set the mail server with 'keygate mail set'.");

    public static readonly Error MailSettingInvalid = new("notices.mail-setting-invalid", ErrorKind.Invalid,
        "A setting of mail cannot be used", "Correct what is named.");

    public static readonly Error MailTemplateUnknown = new("notices.mail-template-unknown", ErrorKind.NotFound,
        "There is no such text", "List the texts and use topic and language of one.");

    public static readonly Error MailTextInvalid = new("notices.mail-text-invalid", ErrorKind.Invalid,
        "The text cannot be used", "Keep to the bounds that are named.");

    public static readonly Error MailNotTaken = new("notices.mail-not-taken", ErrorKind.Unavailable,
        "The mail server does not take a mail", "Mend what it names (the customer's address, the mail settings), then resubmit; give it up where nobody misses it.");
}
