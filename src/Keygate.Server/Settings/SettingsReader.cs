using System.Globalization;
using System.Net;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Storage;

namespace Keygate.Server;

/// <summary>One setting: its name in each of the three places, and what it means.</summary>
/// <param name="Key">The environment variable.</param>
/// <param name="Default">What holds where nobody sets it, for people.</param>
/// <param name="Meaning">What it does, in one sentence.</param>
public sealed record Setting(string Key, string Default, string Meaning)
{
    /// <summary>The name in keygate.json, such as <c>partnerApi</c>.</summary>
    public string JsonName
    {
        get
        {
            var words = Key["KEYGATE_".Length..].ToLowerInvariant().Split('_');
            return string.Concat(words.Take(1).Concat(words.Skip(1).Select(w => char.ToUpperInvariant(w[0]) + w[1..])));
        }
    }

    /// <summary>The flag, such as <c>--partner-api</c>.</summary>
    public string Flag => "--" + Key["KEYGATE_".Length..].ToLowerInvariant().Replace('_', '-');
}

/// <summary>Reads the settings: keygate.json, then the environment, then flags; the later wins. All faults are found at once.</summary>
public static class SettingsReader
{
    /// <summary>The settings file, in the data folder.</summary>
    public const string FileName = "keygate.json";

    public static readonly Setting Data = new("KEYGATE_DATA", "./data", "Folder of everything that is kept on this machine.");
    public static readonly Setting Db = new("KEYGATE_DB", "SQLite in the data folder", "The provider's database: postgres://user:password@host[,host2]/database.");
    public static readonly Setting KeyServerDb = new("KEYGATE_KEYSERVER_DB", "a second SQLite file, or the schema keyserver beside KEYGATE_DB", "The key server's database.");
    public static readonly Setting Http = new("KEYGATE_HTTP", "http://127.0.0.1:8080", "Where REST, pages and health listen.");
    public static readonly Setting BillingApi = new("KEYGATE_BILLING_API", "http://127.0.0.1:5224", "Where the Billing API listens, or off; plain http beyond loopback only where KEYGATE_BILLING_API_PLAIN says so.");
    public static readonly Setting BillingApiCertificate = new("KEYGATE_BILLING_API_CERTIFICATE", "none", "File of your certificate for the Billing API, needed for https: PEM or PFX, read again when it changes.");
    public static readonly Setting BillingApiCertificateKey = new("KEYGATE_BILLING_API_CERTIFICATE_KEY", "in the certificate's file", "PEM file of the certificate's private key.");
    public static readonly Setting BillingApiCertificatePassword = new("KEYGATE_BILLING_API_CERTIFICATE_PASSWORD", "none", "Password of the PFX file or of the private key.");
    public static readonly Setting BillingApiAllow = new("KEYGATE_BILLING_API_ALLOW", "none: every call needs a login", "Addresses and networks whose callers of the Billing API need no login, separated by commas.");
    public static readonly Setting BillingApiPlain = new("KEYGATE_BILLING_API_PLAIN", "no", "yes to let the Billing API listen without TLS beyond loopback.");
    public static readonly Setting PartnerApi = new("KEYGATE_PARTNER_API", "https://127.0.0.1:7050", "Where the Partner APIs listen; plain http on loopback only.");
    public static readonly Setting PartnerApiCertificate = new("KEYGATE_PARTNER_API_CERTIFICATE", "one that Keygate makes", "File of your own certificate for the Partner APIs: PEM or PFX, read again when it changes.");
    public static readonly Setting PartnerApiCertificateKey = new("KEYGATE_PARTNER_API_CERTIFICATE_KEY", "in the certificate's file", "PEM file of the certificate's private key.");
    public static readonly Setting PartnerApiCertificatePassword = new("KEYGATE_PARTNER_API_CERTIFICATE_PASSWORD", "none", "Password of the PFX file or of the private key.");
    public static readonly Setting PartnerApiPublic = new("KEYGATE_PARTNER_API_PUBLIC", "KEYGATE_PARTNER_API", "Where the Partner APIs are reached from outside.");
    public static readonly Setting ProductCalls = new("KEYGATE_PRODUCT_CALLS", "600", "Calls a minute that one address may make at the key server without a login (products, trust bundle, status lists); 0 for any number.");
    public static readonly Setting Smtp = new("KEYGATE_SMTP", "none: keys are not sent by mail", "The mail server: smtp://user:password@host:587.");
    public static readonly Setting MailFrom = new("KEYGATE_MAIL_FROM", "none", "The address that mails come from.");
    public static readonly Setting Roles = new("KEYGATE_ROLES", "provider,keyserver,worker", "What this process does, separated by commas.");
    public static readonly Setting MasterKeyText = new("KEYGATE_MASTER_KEY", "master.key in the data folder", "32 bytes in base64 that all secrets are encrypted under.");
    public static readonly Setting SigningKey = new("KEYGATE_SIGNING_KEY", "made at first use, sealed in the key server's database", "The key that signs licenses: file:PATH, PEM, or the URL of a remote signer.");
    public static readonly Setting RootKey = new("KEYGATE_ROOT_KEY", "made at first use, sealed in the key server's database", "The root key, which signs trust bundle and status lists: file:PATH, PEM, or the URL of a remote signer.");
    public static readonly Setting SignerToken = new("KEYGATE_SIGNER_TOKEN", "none", "What a remote signer demands as bearer token.");
    public static readonly Setting TimeZone = new("KEYGATE_TIME_ZONE", "UTC", "The zone of local dates, such as Europe/Berlin.");
    public static readonly Setting KeepWork = new("KEYGATE_KEEP_WORK", "90", "Days that finished work is kept, with what was asked of issuers.");
    public static readonly Setting KeepIdempotencyKeys = new("KEYGATE_KEEP_IDEMPOTENCY_KEYS", "30", "Days that an Idempotency-Key keeps its answer.");
    public static readonly Setting TestClock = new("KEYGATE_TEST_CLOCK", "none", "A file that holds the time, for tests only.");
    public static readonly Setting TestPoint = new("KEYGATE_TEST_POINT", "none", "A moment of the work at which the process ends or freezes, for tests only.");

    private const int ProductCallsMax = 1_000_000;

    /// <summary>All settings.</summary>
    public static readonly IReadOnlyList<Setting> All =
        [Data, Db, KeyServerDb, Http, BillingApi, BillingApiCertificate, BillingApiCertificateKey, BillingApiCertificatePassword, BillingApiAllow, BillingApiPlain, PartnerApi, PartnerApiCertificate, PartnerApiCertificateKey, PartnerApiCertificatePassword, PartnerApiPublic, ProductCalls, Smtp, MailFrom, Roles, MasterKeyText, SigningKey, RootKey, SignerToken, TimeZone, KeepWork, KeepIdempotencyKeys, TestClock, TestPoint];

    /// <summary>Reads and checks everything; a refusal carries all faults.</summary>
    /// <param name="fileIn">The text of keygate.json in a data folder; null where there is none.</param>
    /// <param name="environment">The environment's value of a name; null or empty where it is not set.</param>
    /// <param name="flag">The flag's value; null where it is not given.</param>
    /// <param name="names">The names of the environment's variables: one that is nearly a setting's is a fault, since what was meant would be passed over.</param>
    public static Result<KeygateSettings> Read(Func<string, string?> fileIn, Func<string, string?> environment, Func<string, string?> flag, IEnumerable<string>? names = null)
    {
        var faults = new List<Error>();
        faults.AddRange((names ?? []).Order(StringComparer.Ordinal).Select(Misspelt).OfType<Error>());
        var inFile = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        string? Value(Setting setting) =>
            new[] { flag(setting.Flag), environment(setting.Key), inFile.GetValueOrDefault(setting.JsonName) }.FirstOrDefault(v => !string.IsNullOrWhiteSpace(v))?.Trim();

        var data = Path.GetFullPath(Value(Data) ?? "data");
        OfFile(fileIn, data, inFile, faults);
        var provider = Address(Db, Value(Db), faults) ?? DatabaseAddress.SqliteFile(Path.Combine(data, "keygate.db"));
        var keyServer = Address(KeyServerDb, Value(KeyServerDb), faults)
            ?? (provider.Engine == Engine.PostgreSql ? provider.InSchema(provider.Schema == "public" ? "keyserver" : $"{provider.Schema}_keyserver") : DatabaseAddress.SqliteFile(Path.Combine(data, "keyserver.db")));
        if (keyServer == provider)
        {
            faults.Add(Fault(KeyServerDb, "It names the provider's database.", "Name another database, or another schema with ?schema=name."));
        }

        var defaults = KeygateSettings.ForFolder(data);
        var http = Listening(Http, Value(Http), faults) ?? defaults.Http;
        if (http.Scheme != Uri.UriSchemeHttp)
        {
            faults.Add(Fault(Http, $"'{http}' is not http.", "Listen with http on loopback and put a TLS proxy in front."));
        }

        var partner = Listening(PartnerApi, Value(PartnerApi), faults) ?? defaults.PartnerApi;
        if (partner.Scheme == Uri.UriSchemeHttp && !partner.IsLoopback)
        {
            faults.Add(Fault(PartnerApi, $"'{partner}' would send passwords in clear.", "Write https, or listen on 127.0.0.1."));
        }

        if (http.Port == partner.Port && http.Port != 0 && http.Host == partner.Host)
        {
            faults.Add(Fault(PartnerApi, $"KEYGATE_HTTP and KEYGATE_PARTNER_API both listen on port {http.Port}.", "Give them different ports."));
        }

        var certificate = Certificate(PartnerApi, partner, (PartnerApiCertificate, PartnerApiCertificateKey, PartnerApiCertificatePassword), Value, faults);
        var billing = string.Equals(Value(BillingApi), "off", StringComparison.OrdinalIgnoreCase) ? null : Listening(BillingApi, Value(BillingApi), faults) ?? defaults.BillingApi;
        var billingCertificate = billing is null ? null : Certificate(BillingApi, billing, (BillingApiCertificate, BillingApiCertificateKey, BillingApiCertificatePassword), Value, faults);
        var plain = Flag(BillingApiPlain, Value(BillingApiPlain), faults);
        if (billing is not null)
        {
            if (billing.Scheme == Uri.UriSchemeHttp && !billing.IsLoopback && !plain)
            {
                faults.Add(Fault(BillingApi, $"'{billing}' would send passwords in clear.", $"Write https, or listen on 127.0.0.1, or set {BillingApiPlain.Key}=yes where the network itself is safe."));
            }

            if (billing.Scheme == Uri.UriSchemeHttps && billingCertificate is null)
            {
                faults.Add(Fault(BillingApiCertificate, $"'{billing}' is https and has no certificate.", "Set it to the certificate's file."));
            }

            foreach (var (other, url) in new[] { (Http, http), (PartnerApi, partner) })
            {
                if (billing.Port == url.Port && billing.Port != 0 && billing.Host == url.Host)
                {
                    faults.Add(Fault(BillingApi, $"{other.Key} and KEYGATE_BILLING_API both listen on port {url.Port}.", "Give them different ports."));
                }
            }
        }

        var allowed = Networks(BillingApiAllow, Value(BillingApiAllow), faults);

        Uri? partnerPublic = null;
        if (Value(PartnerApiPublic) is { } publicText && (!Uri.TryCreate(publicText, UriKind.Absolute, out partnerPublic) || partnerPublic.Scheme is not ("http" or "https")))
        {
            faults.Add(Fault(PartnerApiPublic, $"'{publicText}' is no URL.", "Write it as https://host:port/."));
        }

        var productCalls = defaults.ProductCalls;
        if (Value(ProductCalls) is { } callsText && !(int.TryParse(callsText, NumberStyles.None, CultureInfo.InvariantCulture, out productCalls) && productCalls <= ProductCallsMax))
        {
            faults.Add(Fault(ProductCalls, $"'{callsText}' is no number of calls.", $"Write a number from 0 (no limit) to {ProductCallsMax}."));
        }

        Uri? smtp = null;
        if (Value(Smtp) is { } smtpText && (!Uri.TryCreate(smtpText, UriKind.Absolute, out smtp) || smtp.Scheme != "smtp" || smtp.Host.Length == 0))
        {
            faults.Add(Fault(Smtp, "It is no address of a mail server.", "Write it as smtp://user:password@host:587."));
        }

        var mailFrom = Value(MailFrom);
        if (mailFrom is not null && !System.Net.Mail.MailAddress.TryCreate(mailFrom, out _))
        {
            faults.Add(Fault(MailFrom, $"'{mailFrom}' is no address.", "Write it as keys@example.org."));
        }

        if (smtp is not null && mailFrom is null)
        {
            faults.Add(Fault(MailFrom, "KEYGATE_SMTP is set, and nobody is named that mails come from.", "Set it to an address that the mail server accepts."));
        }

        var roles = RolesOf(Value(Roles), faults) ?? defaults.Roles;
        MasterKey? masterKey = null;
        if (Value(MasterKeyText) is { } keyText && !MasterKey.Parse(keyText).TryGet(out masterKey, out _))
        {
            faults.Add(Fault(MasterKeyText, "It is not 32 bytes in base64.", "Set the key that the databases were made with, or make one with 'openssl rand -base64 32'."));
        }

        Secret? signerToken = Value(SignerToken) is { } bearer ? new Secret(bearer) : null;
        var signingKey = KeyOf(SigningKey, Value(SigningKey), signerToken, faults);
        var rootKey = KeyOf(RootKey, Value(RootKey), signerToken, faults);
        var zone = defaults.TimeZone;
        if (Value(TimeZone) is { } zoneText && !TimeZoneInfo.TryFindSystemTimeZoneById(zoneText, out zone!))
        {
            faults.Add(Fault(TimeZone, $"'{zoneText}' is no time zone known here.", "Use a name such as UTC or Europe/Berlin."));
        }

        var keepWork = Days(KeepWork, Value(KeepWork), faults) ?? defaults.KeepWork;
        var keepKeys = Days(KeepIdempotencyKeys, Value(KeepIdempotencyKeys), faults) ?? defaults.KeepIdempotencyKeys;
        var clock = Value(TestClock);
        if (clock is not null && !ClockReads(clock))
        {
            faults.Add(Fault(TestClock, $"'{clock}' does not hold a time.", "Write a time such as 2026-01-31T08:00:00Z into the file, or unset the variable."));
        }

        var pointText = Value(TestPoint);
        var point = pointText is null ? null : Server.TestPoint.Parse(pointText);
        if (pointText is not null && point is null)
        {
            faults.Add(Fault(TestPoint, $"'{pointText}' is none of record:FILE, kill:MOMENT:STEP, freeze:MOMENT:STEP.", "Correct it, or unset the variable."));
        }

        return Error.Of(faults) is { } error
            ? error
            : new KeygateSettings
            {
                Data = data, Database = provider, KeyServerDatabase = keyServer, Http = http, BillingApi = billing, BillingApiCertificate = billingCertificate, BillingApiAllow = allowed,
                PartnerApi = partner, PartnerApiCertificate = certificate, PartnerApiPublic = partnerPublic, ProductCalls = productCalls,
                Smtp = smtp is null ? null : new Secret(smtp.ToString()), MailFrom = mailFrom,
                Roles = roles, MasterKey = masterKey, SigningKey = signingKey, RootKey = rootKey, TimeZone = zone, KeepWork = keepWork, KeepIdempotencyKeys = keepKeys, TestClock = clock, TestPoint = point,
            };
    }

    /// <summary>The settings as they hold, without secrets.</summary>
    public static IReadOnlyList<(Setting Setting, string Value)> Shown(KeygateSettings settings) =>
    [
        (Data, settings.Data),
        (Db, settings.Database.ToString()),
        (KeyServerDb, settings.KeyServerDatabase.ToString()),
        (Http, settings.Http.ToString()),
        (BillingApi, settings.BillingApi?.ToString() ?? "off"),
        (BillingApiCertificate, settings.BillingApiCertificate?.Certificate ?? ""),
        (BillingApiCertificateKey, settings.BillingApiCertificate?.Key ?? ""),
        (BillingApiCertificatePassword, settings.BillingApiCertificate?.Password is null ? "" : "***"),
        (BillingApiAllow, string.Join(',', settings.BillingApiAllow)),
        (BillingApiPlain, settings.BillingApi is { IsLoopback: false, Scheme: "http" } ? "yes" : ""),
        (PartnerApi, settings.PartnerApi.ToString()),
        (PartnerApiCertificate, settings.PartnerApiCertificate?.Certificate ?? ""),
        (PartnerApiCertificateKey, settings.PartnerApiCertificate?.Key ?? ""),
        (PartnerApiCertificatePassword, settings.PartnerApiCertificate?.Password is null ? "" : "***"),
        (PartnerApiPublic, (settings.PartnerApiPublic ?? settings.PartnerApi).ToString()),
        (ProductCalls, settings.ProductCalls.ToString(CultureInfo.InvariantCulture)),
        (Smtp, settings.Smtp is null ? "" : "***"),
        (MailFrom, settings.MailFrom ?? ""),
        (Roles, string.Join(',', settings.Roles.Order().Select(r => r.ToString().ToLowerInvariant()))),
        (MasterKeyText, settings.MasterKey is null ? "" : "***"),
        (SigningKey, settings.SigningKey?.ToString() ?? ""),
        (RootKey, settings.RootKey?.ToString() ?? ""),
        (TimeZone, settings.TimeZone.Id),
        (KeepWork, settings.KeepWork.TotalDays.ToString(CultureInfo.InvariantCulture)),
        (KeepIdempotencyKeys, settings.KeepIdempotencyKeys.TotalDays.ToString(CultureInfo.InvariantCulture)),
        (TestClock, settings.TestClock ?? ""),
        (TestPoint, settings.TestPoint is { } point ? $"{point.Act}: {point.Moment} {point.Where}" : ""),
    ];

    private static CertificateFiles? Certificate(
        Setting door, Uri url, (Setting File, Setting Key, Setting Password) of, Func<Setting, string?> value, List<Error> faults)
    {
        var certificate = value(of.File) is { } file
            ? new CertificateFiles(Path.GetFullPath(file), value(of.Key) is { } key ? Path.GetFullPath(key) : null, value(of.Password))
            : null;
        if (certificate is null && (value(of.Key) ?? value(of.Password)) is not null)
        {
            faults.Add(Fault(of.File, "It is not set, but its key or password is.", "Set it to the certificate's file, or unset the others."));
        }

        if (certificate is not null && url.Scheme != Uri.UriSchemeHttps)
        {
            faults.Add(Fault(of.File, $"'{url}' is not https and shows no certificate.", $"Write {door.Key} as https, or unset it."));
        }

        return certificate;
    }

    private static bool Flag(Setting setting, string? text, List<Error> faults)
    {
        if (text is null or "no" or "yes")
        {
            return text == "yes";
        }

        faults.Add(Fault(setting, $"'{text}' is neither yes nor no.", "Write yes or no."));
        return false;
    }

    private static List<IPNetwork> Networks(Setting setting, string? text, List<Error> faults)
    {
        var networks = new List<IPNetwork>();
        foreach (var word in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(word, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(word, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else
            {
                faults.Add(Fault(setting, $"'{word}' is no address and no network.", "Write 192.0.2.7 or 192.0.2.0/24, its host bits zero."));
            }
        }

        return networks;
    }

    private static GivenKey? KeyOf(Setting setting, string? text, Secret? token, List<Error> faults)
    {
        if (text is null)
        {
            return null;
        }

        if (GivenKey.Read(text, token).TryGet(out var key, out var error))
        {
            return key;
        }

        faults.Add(Fault(setting, error.Detail, error.Remedy));
        return null;
    }

    private static Error Fault(Setting setting, string detail, string remedy) =>
        ServerErrors.SettingInvalid.Because($"{setting.Key}: {detail}").Mend(remedy).At(setting.Key);

    // Only what is near a setting's name: others give variables such names, too, such as a cluster for a service that is called keygate.
    private static Error? Misspelt(string name) =>
        name.StartsWith("KEYGATE_", StringComparison.OrdinalIgnoreCase) && All.All(s => s.Key != name) && All.MinBy(s => Spelling.Distance(s.Key, name)) is { } near
            && Spelling.Distance(near.Key, name) <= (name.Length - "KEYGATE_".Length < 5 ? 1 : 2)
            ? ServerErrors.SettingUnknown.Because($"There is no setting {name}.").Mend($"Write {near.Key} if that is meant, or unset it.").At(name)
            : null;

    private static void OfFile(Func<string, string?> fileIn, string data, Dictionary<string, string?> values, List<Error> faults)
    {
        try
        {
            if (fileIn(data) is not { } file)
            {
                return;
            }

            using var json = JsonDocument.Parse(file, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                faults.Add(ServerErrors.SettingsFileUnreadable.Because($"{FileName} is not a JSON object."));
                return;
            }

            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (All.Any(s => s != Data && string.Equals(s.JsonName, property.Name, StringComparison.OrdinalIgnoreCase)))
                {
                    values[property.Name] = property.Value.ValueKind == JsonValueKind.Array
                        ? string.Join(',', property.Value.EnumerateArray().Select(v => v.ToString()))
                        : property.Value.ToString();
                }
                else
                {
                    var unknown = ServerErrors.SettingUnknown.Because($"{FileName}: there is no setting '{property.Name}'.").At(property.Name);
                    faults.Add(All.FirstOrDefault(s => s != Data && s.Key.Equals(property.Name, StringComparison.OrdinalIgnoreCase)) is { } meant ? unknown.Mend($"In {FileName} it is called '{meant.JsonName}'.") : unknown);
                }
            }
        }
        catch (JsonException e)
        {
            faults.Add(ServerErrors.SettingsFileUnreadable.Because($"{FileName} is not well-formed JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(ServerErrors.SettingsFileUnreadable.Because($"{FileName}: {e.Message}"));
        }
    }

    private static DatabaseAddress? Address(Setting setting, string? text, List<Error> faults)
    {
        if (text is null)
        {
            return null;
        }

        if (DatabaseAddress.Parse(text).TryGet(out var address, out var error))
        {
            return address;
        }

        faults.Add(Fault(setting, error.Detail, $"Write it as postgres://user:password@host[,host2]/database, or leave {setting.Key} empty."));
        return null;
    }

    private static Uri? Listening(Setting setting, string? text, List<Error> faults)
    {
        if (text is null)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { PathAndQuery: "/", UserInfo: "" }
            && (url.Host == "localhost" || IPAddress.TryParse(url.DnsSafeHost, out _)))
        {
            return url;
        }

        faults.Add(Fault(setting, $"'{text}' is no address to listen on.", "Write it as http://127.0.0.1:8080: http or https, an IP address of this machine, a port, no path."));
        return null;
    }

    // Two days at least: what was ever unknown is looked at again after one.
    private static TimeSpan? Days(Setting setting, string? text, List<Error> faults)
    {
        if (text is null)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 2 and <= 3650)
        {
            return TimeSpan.FromDays(days);
        }

        faults.Add(Fault(setting, $"'{text}' is no number of days.", "Write whole days, 2 to 3650."));
        return null;
    }

    private static HashSet<Role>? RolesOf(string? text, List<Error> faults)
    {
        if (text is null)
        {
            return null;
        }

        var roles = new HashSet<Role>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word.ToLowerInvariant())
            {
                case "provider":
                    roles.Add(Role.Provider);
                    break;
                case "keyserver":
                    roles.Add(Role.KeyServer);
                    break;
                case "worker":
                    roles.Add(Role.Worker);
                    break;
                default:
                    faults.Add(Fault(Roles, $"'{word}' is no role.", "Name one or more of provider, keyserver, worker."));
                    break;
            }
        }

        return roles;
    }

    private static bool ClockReads(string file)
    {
        try
        {
            new FileClock(file).GetUtcNow();
            return true;
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
