using System.Text.Json;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Notices;

/// <summary>Writes the mails that events ask for, in the transaction that makes the events: each once.</summary>
internal sealed class WriteMails(MailStore mails, CustomerStore customers, WorkQueue queue)
{
    private static readonly HashSet<string> GermanSpeaking = new(StringComparer.OrdinalIgnoreCase) { "DE", "AT", "CH", "LI" };

    public async Task WriteAsync(Tx tx, IReadOnlyList<EventRow> events, CancellationToken cancellation)
    {
        if (await mails.SettingsAsync(tx, cancellation) is not { } settings)
        {
            return;
        }

        foreach (var about in events)
        {
            if (settings.Topics!.Contains($"customer/{about.Topic}"))
            {
                await WriteAsync(tx, settings, about, toCustomer: true, cancellation);
            }

            if (settings.Operator.Length > 0 && settings.Topics!.Contains($"operator/{about.Topic}"))
            {
                await WriteAsync(tx, settings, about, toCustomer: false, cancellation);
            }
        }
    }

    private async Task WriteAsync(Tx tx, MailSettings settings, EventRow about, bool toCustomer, CancellationToken cancellation)
    {
        var values = Values(about);
        var customer = values.TryGetValue("customerId", out var number) && int.TryParse(number, out var id) ? await customers.FindAsync(tx, new AccountId(id), cancellation) : null;
        var to = toCustomer ? customer?.Email : settings.Operator;
        if (to is null || !MailAddresses.IsOne(to))
        {
            // Nobody to write to: stock has no customer, and an address that is none would be refused each time.
            return;
        }

        values["customer"] = customer?.Name ?? "";
        var language = toCustomer && GermanSpeaking.Contains(customer?.Contact?.Country ?? "") ? "de" : settings.Language;
        var topic = $"{(toCustomer ? "customer" : "operator")}/{about.Topic}";
        var text = await mails.TextAsync(tx, topic, language, cancellation);
        var mail = await mails.AddAsync(tx, about.Number, topic, to, new MailText(MailTemplates.Fill(text.Subject, values), MailTemplates.Fill(text.Body, values)), cancellation);
        await queue.StartAsync(tx, SendMail.Start(mail), cancellation);
    }

    private static Dictionary<string, string> Values(EventRow about)
    {
        using var payload = JsonDocument.Parse(about.Payload);
        var values = payload.RootElement.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.ToString(), StringComparer.Ordinal);
        if (values.TryGetValue("total", out var total) && values.TryGetValue("currency", out var currency) && long.TryParse(total, out var amount))
        {
            values["amount"] = Currency.Shown(amount, currency);
        }

        return values;
    }
}
