using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>How many licenses there are, for a first look.</summary>
/// <param name="ByStatus">By state; states that no license is in are left out.</param>
/// <param name="ByClass">By license class, the largest first; the terminated are left out.</param>
/// <param name="ExpiringSoon">Leases whose last day is within the next days.</param>
/// <param name="Days">How many days that is.</param>
public sealed record LicenseCounts(IReadOnlyList<StatusCount> ByStatus, IReadOnlyList<ClassCount> ByClass, int ExpiringSoon, int Days);

/// <summary>Licenses in a state.</summary>
/// <param name="Status">The state.</param>
/// <param name="Count">How many.</param>
public sealed record StatusCount(LicenseState Status, int Count);

/// <summary>Licenses of a class.</summary>
/// <param name="KeyType">Key type identifier of the class.</param>
/// <param name="LicenseClass">Its name; where it was renamed, one of those that these licenses carry.</param>
/// <param name="Count">How many.</param>
public sealed record ClassCount(string KeyType, string LicenseClass, int Count);

/// <summary>Counts the licenses by the copied status, which an index answers; the counts by class read them all.</summary>
public sealed class CountLicenses
{
    private const int Days = 14, ClassesMax = 10;

    private readonly TimeProvider _time;

    internal CountLicenses(TimeProvider time) => _time = time;

    /// <summary>The counts.</summary>
    public async Task<Result<LicenseCounts>> HandleAsync(Session session, CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        var states = await session.QueryAsync<StatusRow>("select status, count(*) as count from licenses group by status", null, cancellation);
        var classes = await session.QueryAsync<ClassRow>(
            """
            select key_type, max(class_name) as class_name, count(*) as count from licenses where status <> 'Terminated'
            group by key_type order by count(*) desc, key_type limit @max
            """, new { max = ClassesMax }, cancellation);
        var expiring = await session.GetAsync<long>(
            """
            select count(*) from licenses where bill_type_name = 'Lease' and status not in ('Expired', 'Terminated') and expiration_date <= @until
            """, new { until = today.AddDays(Days) }, cancellation);
        return new LicenseCounts(
            [.. states.Select(r => new StatusCount(Enum.Parse<LicenseState>(r.Status), (int)r.Count)).OrderBy(c => c.Status)],
            [.. classes.Select(r => new ClassCount(r.KeyType, r.ClassName, (int)r.Count))], (int)expiring, Days);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/licenses/counts",
        (HttpContext http, Database database, CountLicenses handler) => database.ReadAsync(s => handler.HandleAsync(s, http.RequestAborted), http.RequestAborted))
        .WithName("CountLicenses").WithTags("Licenses").WithSummary("How many licenses there are by state and class, and how many expire soon.");

    private sealed class StatusRow
    {
        public string Status { get; init; } = "";
        public long Count { get; init; }
    }

    private sealed class ClassRow
    {
        public string KeyType { get; init; } = "";
        public string ClassName { get; init; } = "";
        public long Count { get; init; }
    }
}
