using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Sync License: compares one license with its key at the issuer, now. Changes neither of the two.</summary>
public sealed class SyncLicense
{
    private readonly LicenseStore _licenses;
    private readonly SyncComparing _comparing;
    private readonly PluginHost _plugins;
    private readonly Database _database;

    internal SyncLicense(LicenseStore licenses, SyncComparing comparing, PluginHost plugins, Database database) =>
        (_licenses, _comparing, _plugins, _database) = (licenses, comparing, plugins, database);

    /// <summary>Asks the issuer and writes down what differs. Refused where the license has no key, or the issuer cannot show it or does not answer. Outside transactions.</summary>
    public async Task<Result<LicenseSync>> HandleAsync(LicenseId id, CancellationToken cancellation)
    {
        if (await _database.ReadAsync(s => _licenses.FindAsync(s, id, cancellation), cancellation) is not { } license)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        if (license.KeyNumber is not { } number)
        {
            return LicensingErrors.NothingToCompare.Because($"License {id} has no key yet.");
        }

        if (!(await _plugins.IssuerAsync(license.IssuerId, cancellation)).TryGet(out var issuer, out var error))
        {
            return error;
        }

        if (!issuer.CanShow || issuer.IsByHand)
        {
            return LicensingErrors.CannotCompare.Because($"'{issuer.Name}' shows no keys.");
        }

        var answer = await issuer.ShowAsync(number, cancellation);
        if (answer.Outcome is not (Work.Outcome.Done or Work.Outcome.Refused))
        {
            return answer.Error ?? PluginsErrors.Unknown;
        }

        var shown = answer.Outcome == Work.Outcome.Done ? answer.Read<ShownKey>() : null;
        await _database.WriteAsync(async tx =>
        {
            // One that changed meanwhile is compared as it is now.
            var rows = await _comparing.Store.NextAsync(tx, license.IssuerId, id.Value - 1, [id.Value], 1, cancellation);
            await _comparing.CompareAsync(tx, license.IssuerId, [.. rows.Select(row => (row, shown, answer.Error?.Detail))], every: true, cancellation);
            return Done.It;
        }, cancellation);
        return await _database.ReadAsync(s => ShowAsync(s, id, cancellation), cancellation);
    }

    /// <summary>How a license stands, as it was last seen.</summary>
    public async Task<Result<LicenseSync>> ShowAsync(Session session, LicenseId id, CancellationToken cancellation)
    {
        if (await _licenses.FindAsync(session, id, cancellation) is not { } license)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var row = await _comparing.Store.FindAsync(session, id, cancellation);
        var pass = await _comparing.Store.PassAsync(session, license.IssuerId, cancellation);
        return row is not null ? new LicenseSync(id, license.KeyNumber, row.InSync ? SyncStatus.InSync : SyncStatus.NotInSync, row.InSync && pass > row.At ? pass : row.At, Json.Read<List<SyncDifference>>(row.Differences))
            : license.KeyNumber is not null && license.TerminatedAt is null && pass >= license.IssuedAt ? new LicenseSync(id, license.KeyNumber, SyncStatus.InSync, pass, [])
            : new LicenseSync(id, license.KeyNumber, SyncStatus.NeverCompared, null, []);
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        // Not through the door that writes: it calls outside, where no transaction may be open.
        routes.MapPost("/licenses/{id}/sync", (LicenseId id, HttpContext http, SyncLicense handler) => handler.HandleAsync(id, http.RequestAborted))
            .WithName("SyncLicense").WithTags("Sync").WithSummary("Sync License: compare it with its key at the issuer, now.");
        routes.MapGet("/licenses/{id}/sync", (LicenseId id, HttpContext http, Database database, SyncLicense handler) =>
                database.ReadAsync(s => handler.ShowAsync(s, id, http.RequestAborted), http.RequestAborted))
            .WithName("ShowLicenseSync").WithTags("Sync").WithSummary("What differs between a license and its key at the issuer, as last seen.");
    }
}
