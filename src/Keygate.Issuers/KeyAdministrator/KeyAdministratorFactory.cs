using System.Globalization;
using Keygate.Plugins.Abstractions;
using Keygate.XmlRpc;

namespace Keygate.Issuers;

/// <summary>
/// The kind <c>issuer.key-administrator</c>: orders keys at a Key Administrator by its Partner API 1.0, Keygate's own key server or a
/// foreign one. It uses published methods only.
/// </summary>
public sealed class KeyAdministratorFactory : IPluginFactory
{
    internal const string Host = "host", Port = "port", UrlPath = "path", Login = "login", Password = "password", Client = "client",
        Certificate = "certificate", TimeZone = "timeZone", Trace = "trace", MayStillTake = "mayStillTake";

    /// <inheritdoc/>
    public PluginManifest Manifest { get; } = new(
        "issuer.key-administrator", "Key Administrator", "Orders keys at a Key Administrator by its Partner API 1.0 (XML-RPC).",
        [
            new(Host, SettingType.Text, "Host", "Name or address of the Key Administrator, such as ka.example.com.") { Required = true },
            new(Port, SettingType.Number, "Port", "Its port for the Partner API.") { Default = "7050", Minimum = 1, Maximum = 65535 },
            new(UrlPath, SettingType.Text, "Path", "The path calls are posted to; / and /xmlrpc are usual.") { Default = "/" },
            new(Login, SettingType.Text, "Login", "The Partner API login. It is an account of its own, not one for the web interface.") { Required = true },
            new(Password, SettingType.Secret, "Password", "The password of the Partner API login.") { Required = true },
            new(Client, SettingType.Text, "Client", "The client who owns the keys; the login itself where this is left out."),
            new(Certificate, SettingType.LongText, "Certificate",
                "The server's certificate in PEM form, that of the authority which signed it, or its SHA-256 fingerprint. Left out, the authorities that this system trusts decide.")
            {
                KeepsTrace = true,
            },
            new(TimeZone, SettingType.Text, "Time zone", "The zone of the Key Administrator's midnights, such as UTC or America/New_York.") { Default = "UTC", KeepsTrace = true },
            new(Trace, SettingType.Flag, "Trace",
                "Sends a random MAC address with each order, by which a key whose order got no answer is found again. Without it such an order waits for a person.")
            {
                Default = "true",
            },
            new(MayStillTake, SettingType.Number, "May still take",
                "Seconds after an order in which the Key Administrator may still make the key; not finding it counts only afterwards. 1200 for a foreign one, 30 for Keygate's own.")
            {
                Default = "1200", Minimum = 0, Maximum = 86400, KeepsTrace = true,
            },
        ]);

    /// <inheritdoc/>
    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings)
    {
        var faults = new List<SettingFault>();
        if (Uri.CheckHostName(settings[Host].Trim('[', ']')) == UriHostNameType.Unknown)
        {
            faults.Add(new(Host, $"'{settings[Host]}' is no host name or address; leave out https://, port and path."));
        }

        if (!settings[UrlPath].StartsWith('/') || settings[UrlPath].AsSpan().IndexOfAny(" ?#\\") >= 0)
        {
            faults.Add(new(UrlPath, $"The path must begin with / and hold no blanks, ? or #, not '{settings[UrlPath]}'."));
        }

        if (settings[Login].Length > 255)
        {
            faults.Add(new(Login, "A Partner API login has at most 255 characters."));
        }

        if (settings[Password].Length > 63)
        {
            faults.Add(new(Password, "A Partner API password has at most 63 characters."));
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(settings[TimeZone], out _))
        {
            faults.Add(new(TimeZone, $"This system knows no time zone '{settings[TimeZone]}'; UTC and America/New_York are examples."));
        }

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
    public IPlugin Create(PluginContext context) => new KeyAdministrator(KeyAdministratorSettings.Of(context), context.Logger);
}

/// <summary>The settings, read.</summary>
internal sealed record KeyAdministratorSettings
{
    public required Uri Url { get; init; }
    public required string Login { get; init; }
    public required string Password { get; init; }
    public required string Client { get; init; }
    public required XmlRpcPins Pins { get; init; }
    public required TimeZoneInfo TimeZone { get; init; }
    public required bool Trace { get; init; }
    public required TimeSpan MayStillTake { get; init; }

    public string Place => string.Create(CultureInfo.InvariantCulture, $"{Url.Host}:{Url.Port}");

    public static KeyAdministratorSettings Of(PluginContext context) => new()
    {
        Url = new UriBuilder(Uri.UriSchemeHttps, context[KeyAdministratorFactory.Host], int.Parse(context[KeyAdministratorFactory.Port], CultureInfo.InvariantCulture), context[KeyAdministratorFactory.UrlPath]).Uri,
        Login = context[KeyAdministratorFactory.Login],
        Password = context[KeyAdministratorFactory.Password],
        Client = context[KeyAdministratorFactory.Client] is { Length: > 0 } client ? client : context[KeyAdministratorFactory.Login],
        Pins = XmlRpcPins.Parse(context[KeyAdministratorFactory.Certificate]),
        TimeZone = TimeZoneInfo.FindSystemTimeZoneById(context[KeyAdministratorFactory.TimeZone]),
        Trace = context[KeyAdministratorFactory.Trace] == "true",
        MayStillTake = TimeSpan.FromSeconds(int.Parse(context[KeyAdministratorFactory.MayStillTake], CultureInfo.InvariantCulture)),
    };

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Login} at {Place}";
}
