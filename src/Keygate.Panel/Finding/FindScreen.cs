using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>Something that was found.</summary>
/// <param name="Kind">The menu's word for it.</param>
/// <param name="Url">Its page.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Detail">What tells it apart.</param>
public sealed record Found(string Kind, string Url, string Title, string Detail);

/// <summary>Finds by number, key number, or the beginning of a customer's name or mail address; from any page by Ctrl-K.</summary>
internal static class FindScreen
{
    private const int RowsMax = 20;

    public static void Map(IEndpointRouteBuilder admin) => admin.MapGet("/find", (string? q, HttpContext http, Database database) =>
        database.ReadAsync(async s =>
        {
            var text = q?.Trim() ?? "";
            var found = text.Length == 0 ? [] : await FindAsync(http, s, text);
            if (text.Length > 0 && Frame.Of(http).Sides.KeyServer)
            {
                found.AddRange(await IssuedAsync(http, text));
            }

            return Screens.Show<FindPage>(http, ("Text", text), ("Model", found));
        }, http.RequestAborted));

    private static async Task<List<Found>> FindAsync(HttpContext http, Session session, string text)
    {
        var (cancellation, words) = (http.RequestAborted, Frame.Of(http).Words);
        var found = new List<Found>();
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            if (await Screens.Get<LicenseReader>(http).FindAsync(session, LicenseId.Of(number), cancellation) is { } license)
            {
                found.Add(Of(license, words));
            }

            if ((await Screens.Get<OrderReader>(http).ShowAsync(session, OrderId.Of(number), cancellation)).TryGet(out var order, out _))
            {
                found.Add(new("menu.orders", $"/admin/orders/{order.Id}", words.Of("order.number", order.Id), $"{words["OrderState." + order.State]}, {order.Customer}"));
            }

            if ((await Screens.Get<ShowSubscription>(http).HandleAsync(session, SubscriptionId.Of(number), cancellation)).TryGet(out var subscription, out _))
            {
                found.Add(new("menu.subscriptions", $"/admin/subscriptions/{subscription.Id}", subscription.Name, words.Of(subscription.Status)));
            }
        }

        // Key numbers are written in capitals everywhere.
        var licenses = await Screens.Get<ListLicenses>(http).HandleAsync(
            session, new LicenseFilter(null, null, null, null, text.ToUpperInvariant()), PageRequest.Of(RowsMax, null), cancellation);
        found.AddRange(licenses.Value.Items.Select(l => Of(l, words)));
        var customers = await Screens.Get<CustomerStore>(http).BeginningWithAsync(session, text, RowsMax, cancellation);
        found.AddRange(customers.Select(c => new Found("menu.customers", $"/admin/customers/{c.Id}", c.Name, $"{c.Id}, {c.Email}")));
        return found;
    }

    // The issuer's side lies in a database of its own.
    private static Task<List<Found>> IssuedAsync(HttpContext http, string text) => Issuer.ReadAsync(http, async s =>
    {
        var (words, page) = (Frame.Of(http).Words, PageRequest.Of(RowsMax, null));
        var keys = await Screens.Get<KeyDesk>(http).FindAsync(s, text, null, page, http.RequestAborted);
        var clients = await Screens.Get<ClientDesk>(http).ListAsync(s, text, page, http.RequestAborted);
        return keys.Value.Items.Select(k => new Found("menu.keys", $"/issuer/keys/{k.Number}", k.Number, k.KeyTypeName))
            .Concat(clients.Value.Items.Select(c => new Found("menu.clients", FormattableString.Invariant($"/issuer/clients/{c.Id.Value}"), c.Login, c.Name))).ToList();
    });

    private static Found Of(LicenseRow license, Words words) => new(
        "menu.licenses", $"/admin/licenses/{license.Id}", license.KeyNumber ?? words.Of("license.number", license.Id), $"{license.LicenseClass}, {words.Of(license.Status)}");
}
