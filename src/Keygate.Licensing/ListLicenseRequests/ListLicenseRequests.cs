using System.Text;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>A license request that waits for its key, with the text to pass on to an issuer.</summary>
/// <param name="LicenseId">The license.</param>
/// <param name="Issuer">The issuer plug-in.</param>
/// <param name="RequestedAt">When it was written.</param>
/// <param name="Request">The request as it was submitted.</param>
/// <param name="Text">The request as plain text.</param>
public sealed record LicenseRequestView(LicenseId LicenseId, PluginId Issuer, DateTimeOffset RequestedAt, RequestLicenseRequest Request, string Text);

/// <summary>License requests without a key, newest first, and as one plain text to be copied out.</summary>
public sealed class ListLicenseRequests
{
    private readonly LicenseStore _store;

    internal ListLicenseRequests(LicenseStore store) => _store = store;

    /// <summary>One page; refuses a cursor of another filter.</summary>
    public async Task<Result<Page<LicenseRequestView>>> HandleAsync(Session session, int? issuer, int[]? ids, PageRequest page, CancellationToken cancellation)
    {
        // The additional licenses are read with the rows, since their names stand in the text.
        var texts = new Dictionary<LicenseId, string>();
        return await page.NewestFirstAsync(
            Json.Write(new { issuer, ids }),
            async (before, rows) =>
            {
                var found = await _store.RequestsAsync(session, issuer, ids is { Length: > 0 } ? ids : null, before, rows, cancellation);
                foreach (var license in found)
                {
                    texts[license.Id] = TextOf(license, await _store.AddOnsAsync(session, license.Id, cancellation));
                }

                return found;
            },
            l => l.Id.Value,
            l => new LicenseRequestView(l.Id, l.IssuerId, l.RequestedAt, Json.Read<RequestLicenseRequest>(l.Request), texts[l.Id]));
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
            "/license-requests",
            (int? issuer, int[]? id, int? limit, string? cursor, HttpContext http, Database database, ListLicenseRequests handler) =>
                database.ReadAsync(s => handler.HandleAsync(s, issuer, id, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithName("ListLicenseRequests").WithTags("Licenses").WithSummary("License requests that wait for a key, newest first.");
        routes.MapGet(
            "/license-requests/text",
            async (int? issuer, int[]? id, int? limit, string? cursor, HttpContext http, Database database, ListLicenseRequests handler) =>
            {
                var page = await database.ReadAsync(s => handler.HandleAsync(s, issuer, id, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted);
                return page.TryGet(out var found, out _) ? (object)Results.Text(string.Join("\n", found.Items.Select(i => i.Text)), "text/plain", Encoding.UTF8) : page;
            })
            .WithName("ShowLicenseRequestsText").WithTags("Licenses").WithSummary("The same license requests in one plain text, to be passed on to an issuer.")
            .Produces(StatusCodes.Status200OK, contentType: "text/plain");
    }

    private static string TextOf(License license, List<License> addOns)
    {
        var request = Json.Read<RequestLicenseRequest>(license.Request);
        var text = new StringBuilder();
        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                // Names come from customers: a line end in one must not look like a line of ours.
                text.Append(name).Append(": ").Append(string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c))).Append('\n');
            }
        }

        Line("License request", license.Id.ToString());
        Line("License class", $"{license.ClassName} ({license.KeyType})");
        Line("Bill type", license.BillType == Catalog.BillType.Lease ? "Monthly" : "Purchase");
        Line("Features", string.Join(", ", request.Features));
        Line("Additional licenses", string.Join(", ", addOns.Where(a => a.Ordered).Select(a => $"{a.ClassName} ({a.KeyType})")));
        Line("Customer", license.CustomerName);
        Line("Subscription", license.SubscriptionName);
        Line("IP addresses", string.Join(", ", request.IpAddresses));
        Line("Hardware ID", license.HardwareId);
        Line("Instance", license.Instance);
        Line("Requested", $"{license.RequestedAt:u}");
        return text.ToString();
    }
}
