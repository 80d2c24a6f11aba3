using Keygate.Kernel;

namespace Keygate.Server;

/// <summary>Refusals of the host: settings, start, command line.</summary>
public static class ServerErrors
{
    public static readonly Error SettingInvalid = new("server.setting-invalid", ErrorKind.Invalid,
        "A setting cannot be used", "Correct the setting that is named and start again.");

    public static readonly Error SettingsFileUnreadable = new("server.settings-file-unreadable", ErrorKind.Invalid,
        "keygate.json cannot be read", "Correct the file at the place that is named, or remove it.");

    public static readonly Error SettingUnknown = new("server.setting-unknown", ErrorKind.Invalid,
        "A setting is not known", "Remove it, or correct its name; docs/operate/settings.md lists all.");

    public static readonly Error DataFolderUnusable = new("server.data-folder-unusable", ErrorKind.Conflict,
        "The data folder cannot be used", "Make the folder writable for this user, or set KEYGATE_DATA to another one.");

    public static readonly Error PortInUse = new("server.port-in-use", ErrorKind.Conflict,
        "Another program listens on the port", "Stop that program, or set KEYGATE_HTTP, KEYGATE_BILLING_API or KEYGATE_PARTNER_API to another port.");

    public static readonly Error AddressUnusable = new("server.address-unusable", ErrorKind.Invalid,
        "The address cannot be listened on", "Set KEYGATE_HTTP, KEYGATE_BILLING_API and KEYGATE_PARTNER_API to addresses of this machine and to ports this user may open.");

    public static readonly Error CertificateUnusable = new("server.certificate-unusable", ErrorKind.Invalid,
        "The certificate cannot be used", "Set the setting that is named to a PEM file with certificate and key, or to a PFX file with its password, that this user may read.");

    public static readonly Error NotReached = new("server.not-reached", ErrorKind.Unavailable,
        "The server does not answer", "Start it with 'keygate serve', or set KEYGATE_URL to where it runs.");

    public static readonly Error NoServerKnown = new("server.no-server-known", ErrorKind.Invalid,
        "It is not known which server to ask", "Set KEYGATE_URL and KEYGATE_TOKEN, or name the server's data folder with --data.");

    public static readonly Error FileUnreadable = new("server.file-unreadable", ErrorKind.Invalid,
        "The file cannot be read", "Check the path and that this user may read the file.");

    public static readonly Error AnswerStrange = new("server.answer-strange", ErrorKind.Unavailable,
        "The answer is not Keygate's", "Check that KEYGATE_URL names a Keygate server and no proxy of somebody else.");

    public static readonly Error LicenseFileRefused = new("server.license-file-refused", ErrorKind.Invalid,
        "The license file is refused", "Fetch the file anew from where it was issued.");

    public static readonly Error TrustBundleUnreadable = new("server.trust-bundle-unreadable", ErrorKind.Invalid,
        "The trust bundle cannot be read", "Fetch it with 'keygate keyserver trust'.");

    public static readonly Error FileUnwritable = new("server.file-unwritable", ErrorKind.Conflict,
        "The file cannot be written", "Choose another path with --out, or make room and rights for this one.");

    public static readonly Error PluginTestFailed = new("server.plugin-test-failed", ErrorKind.Unavailable,
        "The plug-in's other side cannot be used", "Correct the plug-in's settings and test again.");

    public static readonly Error MailTestFailed = new("server.mail-test-failed", ErrorKind.Unavailable,
        "The mail server does not take mails", "Correct the mail settings, and test again.");

    public static readonly Error WebhookTestFailed = new("server.webhook-test-failed", ErrorKind.Unavailable,
        "The webhook's receiver cannot be used", "Correct the webhook's settings or the receiver, and test again.");

    public static readonly Error PassphraseMissing = new("server.passphrase-missing", ErrorKind.Invalid,
        "No passphrase is given", "Put it into a file for --passphrase-file, or into KEYGATE_BACKUP_PASSPHRASE.");

    public static readonly Error AuditTrailBroken = new("server.audit-trail-broken", ErrorKind.Conflict,
        "The audit trail is not as it was written", "Somebody changed the database beside Keygate: keep a copy of it, compare with a backup, and change the database's passwords.");

    public static readonly Error PlanWouldFail = new("server.plan-would-fail", ErrorKind.Conflict,
        "Orders of a plan would fail at the issuer", "Mend what is named, and check again.");
}
