using System.Globalization;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>What the license list is filtered by, and the address that says so.</summary>
/// <param name="Status">The state; empty for all.</param>
/// <param name="KeyNumber">How the key number begins; empty for all.</param>
/// <param name="Issuer">The plug-in whose tab is open; null for all.</param>
/// <param name="Customer">The customer; null for all.</param>
public sealed record LicensesFilter(string Status, string KeyNumber, int? Issuer, int? Customer)
{
    /// <summary>The address of the list with this filter.</summary>
    public string Url => "/admin/licenses" + QueryString.Create(new (string Name, string? Value)[]
        {
            ("status", Status), ("keyNumber", KeyNumber), ("issuer", Issuer?.ToString(CultureInfo.InvariantCulture)), ("customer", Customer?.ToString(CultureInfo.InvariantCulture)),
        }
        .Where(p => !string.IsNullOrEmpty(p.Value)).Select(p => KeyValuePair.Create(p.Name, p.Value)));

    /// <summary>True where anything is left out.</summary>
    public bool Filters => Status.Length > 0 || KeyNumber.Length > 0 || Issuer is not null || Customer is not null;
}

/// <summary>License Manager &gt; Licenses.</summary>
internal static class LicensesScreen
{
    public static void Map(IEndpointRouteBuilder admin) => admin.MapGet(
        "/licenses",
        (string? status, string? keyNumber, int? issuer, int? customer, string? cursor, HttpContext http, Database database, ListLicenses list) =>
            database.ReadAsync(async s =>
            {
                var state = Enum.TryParse<LicenseState>(status, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) ? parsed : (LicenseState?)null;
                var filter = new LicensesFilter(state?.ToString() ?? "", keyNumber?.Trim() ?? "", issuer, customer);
                var issuers = await PlugInsScreen.IssuersAsync(http, s);
                var page = await list.HandleAsync(
                    s,
                    new LicenseFilter(
                        state, null, customer, null, filter.KeyNumber.Length == 0 ? null : filter.KeyNumber, null, issuer is { } of ? PluginId.Of(of) : null),
                    PageRequest.Of(null, cursor), http.RequestAborted);
                return Screens.Show<LicensesPage, Page<LicenseRow>>(http, page, ("Filter", filter), ("Issuers", issuers), ("Further", cursor is not null));
            }, http.RequestAborted));
}
