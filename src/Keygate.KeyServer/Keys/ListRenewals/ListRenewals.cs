using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A sweep over due leases.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Due">How many keys were due when it began.</param>
/// <param name="Renewed">How many it has renewed.</param>
/// <param name="Failed">How many failed; each is tried again the next day.</param>
/// <param name="StartedBy">Who began it.</param>
/// <param name="StartedAt">When.</param>
/// <param name="ChangedAt">When its last batch was committed.</param>
/// <param name="EndedAt">When nothing was left; null while it runs.</param>
public sealed record RenewalSweepView(int Id, int Due, int Renewed, int Failed, string StartedBy, DateTimeOffset StartedAt, DateTimeOffset ChangedAt, DateTimeOffset? EndedAt)
{
    internal static RenewalSweepView Of(SweepRow row) => new(row.Id, row.Due, row.Renewed, row.Failed, row.StartedBy, row.StartedAt, row.ChangedAt, row.EndedAt);
}

/// <summary>Whether a sweep was begun.</summary>
/// <param name="Sweep">The sweep under way; null where nothing is due.</param>
public sealed record RenewalsBegun(int? Sweep);

/// <summary>A lease that the key server renews by itself.</summary>
/// <param name="Number">Its number with the revision.</param>
/// <param name="ClientId">Who owns it.</param>
/// <param name="KeyType">Key type identifier.</param>
/// <param name="UpdateDate">The day on which it is renewed.</param>
/// <param name="ExpirationDate">From this day on it is not renewed any more.</param>
/// <param name="Standing">Whether and why it waits.</param>
/// <param name="Code">The error of the last try; null where none failed.</param>
/// <param name="Detail">What was wrong.</param>
/// <param name="Tries">How often it was tried in vain.</param>
public sealed record DueKeyView(
    string Number, ClientId ClientId, string KeyType, DateOnly UpdateDate, DateOnly ExpirationDate, RenewalStanding Standing, string? Code, string? Detail, int Tries)
{
    internal static DueKeyView Of(DueKeyRow row, DateOnly today) => new(
        new KeyNumber(row.Prefix, row.Id, row.Revision).ToString(), row.ClientId, row.KeyType, row.UpdateDate, row.ExpirationDate,
        row.ClientProblem || !row.ClientConfirmed ? RenewalStanding.ClientHeld
        : row.Problem ? RenewalStanding.KeyHeld
        : row.UpdateDate > today ? RenewalStanding.Ahead
        : row.TriedOn >= today ? RenewalStanding.Failed
        : RenewalStanding.Due,
        row.Code, row.Detail, row.Tries ?? 0);
}

/// <summary>Where a key stands before its renewal.</summary>
public enum RenewalStanding
{
    /// <summary>Its day has not come. Ended by that day.</summary>
    Ahead,

    /// <summary>The next sweep renews it.</summary>
    Due,

    /// <summary>Today's try failed. Tried again tomorrow, until it expires.</summary>
    Failed,

    /// <summary>Its client is marked as problem or unconfirmed. Ended by a change of the client's standing.</summary>
    ClientHeld,

    /// <summary>The key is marked as problem. Ended when it is resumed.</summary>
    KeyHeld,
}

internal static class ListRenewalsEndpoints
{
    private const int DaysMax = 366;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/renewals", (int? limit, string? cursor, HttpContext http, RenewalStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            database.ReadAsync(
                s => PageRequest.Of(limit, cursor).NewestFirstAsync(
                    "renewals", (before, rows) => store.SweepsAsync(s, before, rows, http.RequestAborted), row => row.Id, RenewalSweepView.Of), http.RequestAborted))
            .WithSummary("List sweeps over due leases")
            .WithDescription("With the progress of the one under way: renewed and failed rise with each batch.");

        routes.MapPost("/renewals", (HttpContext http, WriteDoor door, BeginRenewals begin, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync<RenewalsBegun>(database, http, null, async (tx, actor) => new RenewalsBegun(await begin.BeginAsync(tx, actor.Name, http.RequestAborted))))
            .WithSummary("Renew what is due now")
            .WithDescription("Begins a sweep without waiting for the next one; where one runs already, that one is answered.");

        routes.MapGet("/renewals/due", (
            int? days, bool? failed, int? limit, string? cursor, HttpContext http, KeyDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            database.ReadAsync(s => desk.DueAsync(s, Math.Clamp(days ?? 0, 0, DaysMax), failed == true, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithSummary("List leases that the key server renews by itself")
            .WithDescription("Those whose update date has come, or comes within so many days; with failed=true only those whose last try failed. Standing says what holds each.");
    }
}
