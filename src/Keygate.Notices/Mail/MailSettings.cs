using Keygate.Kernel;

namespace Keygate.Notices;

/// <summary>How mail is sent.</summary>
public sealed record MailSettings
{
    /// <summary>The mail server.</summary>
    public string Host { get; init; } = "";

    /// <summary>Its port.</summary>
    public int Port { get; init; } = 587;

    /// <summary>Whether the connection must be encrypted with STARTTLS; without it only a server on this machine is allowed.</summary>
    public bool StartTls { get; init; } = true;

    /// <summary>The login; empty for none.</summary>
    public string Login { get; init; } = "";

    /// <summary>The password; never shown. Left out in a change, it stays.</summary>
    public string? Password { get; init; }

    /// <summary>The address that mails come from.</summary>
    public string From { get; init; } = "";

    /// <summary>Where the provider's own mails go to; empty for none.</summary>
    public string Operator { get; init; } = "";

    /// <summary>The language of mails, en or de; customers of a German-speaking country get German.</summary>
    public string Language { get; init; } = "en";

    /// <summary>What is sent, such as customer/license.expired; all that there are where it is left out.</summary>
    public IReadOnlyList<string>? Topics { get; init; }

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<Error> Faults()
    {
        var faults = new List<Error>();
        void Add(string field, string detail) => faults.Add(NoticesErrors.MailSettingInvalid.Because(detail).At(field));
        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown)
        {
            Add("host", $"'{Host}' is no host.");
        }
        else if (!StartTls && Host is not ("localhost" or "127.0.0.1" or "::1"))
        {
            Add("startTls", $"{Host} is another machine: mails and password would cross the network in clear.");
        }

        if (Port is < 1 or > 65535)
        {
            Add("port", $"{Port} is no port.");
        }

        if (!MailAddresses.IsOne(From))
        {
            Add("from", $"'{From}' is no mail address.");
        }

        if (Operator.Length > 0 && !MailAddresses.IsOne(Operator))
        {
            Add("operator", $"'{Operator}' is no mail address.");
        }

        if (!MailTemplates.Languages.Contains(Language))
        {
            Add("language", $"'{Language}' is none of {string.Join(", ", MailTemplates.Languages)}.");
        }

        foreach (var topic in (Topics ?? []).Where(t => !MailTemplates.Topics.Contains(t)))
        {
            Add("topics", $"'{topic}' is none of {string.Join(", ", MailTemplates.Topics)}.");
        }

        return faults;
    }
}

internal static class MailAddresses
{
    public static bool IsOne(string text) =>
        text.Length <= 254 && !text.Any(c => char.IsControl(c) || c is '<' or '>' or ',' or ';') && System.Net.Mail.MailAddress.TryCreate(text, out var parsed) && parsed.Address == text;
}
