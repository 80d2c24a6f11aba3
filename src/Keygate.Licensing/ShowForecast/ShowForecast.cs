using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>What will become of a lease at the end of its period.</summary>
public enum Forecast
{
    /// <summary>It is renewed by itself, from its update date on.</summary>
    Renewal,

    /// <summary>It expires: its class is not renewed automatically.</summary>
    ExpiresByClass,

    /// <summary>It expires: its subscription is not in good standing.</summary>
    ExpiresByStanding,

    /// <summary>It expires: it is stock, or not installed yet.</summary>
    ExpiresUnused,
}

/// <summary>Leases of one class that meet the same end on the same day.</summary>
/// <param name="Date">The day: of the first try for a renewal, of the end for what expires.</param>
/// <param name="What">What becomes of them.</param>
/// <param name="KeyType">Their class.</param>
/// <param name="Licenses">How many they are.</param>
public sealed record ForecastRow(DateOnly Date, Forecast What, string KeyType, int Licenses);

/// <summary>A forecast.</summary>
/// <param name="From">The first day, today.</param>
/// <param name="To">The last day.</param>
/// <param name="Renewals">Licenses that are renewed by themselves.</param>
/// <param name="Expirations">Licenses that expire.</param>
/// <param name="Items">Day by day.</param>
public sealed record LicenseForecast(DateOnly From, DateOnly To, int Renewals, int Expirations, IReadOnlyList<ForecastRow> Items);

/// <summary>What falls due in the next days: renewals and expirations, counted by day and class.</summary>
public sealed class ShowForecast
{
    /// <summary>Days that a forecast looks ahead at the most.</summary>
    public const int DaysMax = 366;

    private const int DaysDefault = 30;

    private readonly CatalogReader _catalog;
    private readonly TimeProvider _time;

    internal ShowForecast(CatalogReader catalog, TimeProvider time) => (_catalog, _time) = (catalog, time);

    /// <summary>Counts; one statement.</summary>
    public async Task<LicenseForecast> HandleAsync(Session session, int? days, CancellationToken cancellation)
    {
        var from = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        var to = from.AddDays(Math.Clamp(days ?? DaysDefault, 1, DaysMax));
        var automatic = (await _catalog.GetAsync(session, cancellation)).Contents.Classes.Where(c => c.RenewedAutomatically).Select(c => c.KeyType).ToHashSet(StringComparer.Ordinal);

        // What is due for renewal by then ends a while later.
        var rows = await session.QueryAsync<Row>(
            $"""
            select l.key_type, l.expiration_date, l.update_date, case when {RenewalStore.Renewable} then 1 else 0 end as used,
              case when s.license_id is null then 0 else 1 end as bad, count(*) as licenses
            from licenses l left join license_standings s on s.license_id = l.id
            where l.bill_type_name = 'Lease' and l.status not in ('Expired', 'Terminated') and l.expiration_date > @from and l.expiration_date <= @horizon
            group by l.key_type, l.expiration_date, l.update_date, 4, 5
            """, new { from, horizon = to.AddDays(RenewalStore.WindowDaysMax) }, cancellation);
        var items = rows
            .Select(r => r.Of(from, automatic.Contains(r.KeyType)))
            .Where(r => r.Date <= to)
            .GroupBy(r => (r.Date, r.What, r.KeyType), (key, group) => new ForecastRow(key.Date, key.What, key.KeyType, group.Sum(r => r.Licenses)))
            .OrderBy(r => r.Date).ThenBy(r => r.What).ThenBy(r => r.KeyType, StringComparer.Ordinal)
            .ToList();
        return new LicenseForecast(from, to, items.Where(r => r.What == Forecast.Renewal).Sum(r => r.Licenses), items.Where(r => r.What != Forecast.Renewal).Sum(r => r.Licenses), items);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/licenses/forecast",
        async (int? days, HttpContext http, Database database, ShowForecast handler) =>
            (Result<LicenseForecast>)await database.ReadAsync(s => handler.HandleAsync(s, days, http.RequestAborted), http.RequestAborted))
        .WithName("ShowForecast").WithTags("Licenses").WithSummary("What is renewed and what expires in the next days, counted by day and class.");

    private sealed class Row
    {
        public string KeyType { get; init; } = "";
        public DateOnly ExpirationDate { get; init; }
        public DateOnly? UpdateDate { get; init; }
        public int Used { get; init; }
        public int Bad { get; init; }
        public int Licenses { get; init; }

        public ForecastRow Of(DateOnly today, bool automatic)
        {
            var what = !automatic ? Forecast.ExpiresByClass : Bad == 1 ? Forecast.ExpiresByStanding : Used == 0 ? Forecast.ExpiresUnused : Forecast.Renewal;
            var update = UpdateDate ?? ExpirationDate.AddDays(-RenewalStore.DueDaysBefore);
            return new ForecastRow(what != Forecast.Renewal ? ExpirationDate : update > today ? update : today, what, KeyType, Licenses);
        }
    }
}
