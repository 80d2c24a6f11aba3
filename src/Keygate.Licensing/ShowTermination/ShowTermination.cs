using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>Says what a termination would do, and once it was asked for, what became of each key and each installed copy.</summary>
public sealed class ShowTermination
{
    private readonly Database _database;
    private readonly LicenseStore _store;
    private readonly TerminationStore _terminations;
    private readonly WorkQueue _queue;
    private readonly PluginReader _reader;
    private readonly PluginHost _plugins;
    private readonly TimeProvider _time;

    internal ShowTermination(Database database, LicenseStore store, TerminationStore terminations, WorkQueue queue, PluginReader reader, PluginHost plugins, TimeProvider time) =>
        (_database, _store, _terminations, _queue, _reader, _plugins, _time) = (database, store, terminations, queue, reader, plugins, time);

    /// <summary>Reads; asks nobody outside. Call it outside transactions.</summary>
    public async Task<Result<LicenseTermination>> HandleAsync(LicenseId id, CancellationToken cancellation)
    {
        var read = await _database.ReadAsync(
            async s =>
            {
                if (await _store.FindAsync(s, id, cancellation) is null)
                {
                    return null;
                }

                var all = await _store.WithAddOnsAsync(s, id, cancellation);
                return new Read(
                    all, await _terminations.FindAsync(s, [.. all.Select(m => m.Id)], cancellation),
                    [.. (await _queue.ViewAsync(s, [.. all.Select(m => m.Id.Subject)], cancellation)).Where(v => v.IsOpen)],
                    (await _reader.FindAsync(s, all[0].IssuerId, cancellation))?.ByHand ?? false);
            }, cancellation);
        if (read is null)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        var canEnd = !read.ByHand && (!(await _plugins.IssuerAsync(read.All[0].IssuerId, cancellation)).TryGet(out var issuer, out _) || issuer.CanTerminate);
        var keys = new List<KeyTermination>();
        foreach (var member in read.All.Skip(1).Append(read.All[0]))
        {
            var canRemove = member.InstallerId is { } installing && (!(await _plugins.InstallerAsync(installing, cancellation)).TryGet(out var installer, out _) || installer.CanRemove);
            keys.Add(Of(member, read, canEnd, canRemove));
        }

        var asked = read.Asked.GetValueOrDefault(id);
        var ended = keys.TrueForAll(k => k.Key is KeyEnd.Terminated or KeyEnd.Withdrawn or KeyEnd.Stock && k.Copy is CopyEnd.None or CopyEnd.Removed);
        return new LicenseTermination(id, asked?.AskedAt, asked?.Actor, asked?.Why, ended, keys);
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/licenses/{id}/termination",
        (LicenseId id, HttpContext http, ShowTermination handler) => handler.HandleAsync(id, http.RequestAborted))
        .WithName("ShowTermination").WithTags("Licenses").WithSummary("What a termination would do to each key and each installed copy, or what became of them.");

    private KeyTermination Of(License license, Read read, bool canEnd, bool canRemove)
    {
        var ending = read.Open.FirstOrDefault(v => v.Kind == TerminationProcess.KindName && v.Subject == license.Id.Subject);
        var removing = read.Open.FirstOrDefault(v => v.Kind == RemovalProcess.KindName && (v.Subject == license.Id.Subject || v.Subject == read.All[0].Id.Subject));
        var error = read.Asked.GetValueOrDefault(license.Id)?.LastError;
        var key = license switch
        {
            { WithdrawnAt: not null } => KeyEnd.Withdrawn,
            { KeyNumber: null } => KeyEnd.Withdraw,
            { TerminatedAt: not null } => KeyEnd.Terminated,
            { BillType: Catalog.BillType.Purchase } => license.SubscriptionId is null && license.InstalledAt is null ? KeyEnd.Stock : KeyEnd.ToStock,
            _ when error is not null && ending is null or { IsStopped: true } => KeyEnd.Failed,
            _ when ending is not null => KeyEnd.UnderWay,
            _ => canEnd ? KeyEnd.Terminate : KeyEnd.ByHand,
        };
        var copy = license switch
        {
            { InstalledAt: null } => license.RemovedAt is null ? CopyEnd.None : CopyEnd.Removed,
            _ when removing is { IsStopped: true } => CopyEnd.Failed,
            _ when removing is not null => CopyEnd.UnderWay,
            { InstalledByHand: null } when canRemove => CopyEnd.Remove,
            _ => CopyEnd.ByHand,
        };
        var hindered = key == KeyEnd.Failed ? error : copy == CopyEnd.Failed ? removing!.LastError
            : key == KeyEnd.ByHand ? EndByHandStep.ByHand(license, "Keygate cannot end keys of this issuer")
            : copy == CopyEnd.ByHand ? LicensingErrors.RemoveByHand.Because($"Keygate cannot remove {license.KeyNumber} from where it is.").Mend($"Remove it, then say so: 'keygate license record-removed {license.Id}'.")
            : null;
        return new KeyTermination
        {
            License = license.Id, LicenseClass = license.ClassName, KeyNumber = license.KeyNumber, BillType = LicenseRow.Of(license, _time.GetUtcNow()).BillType,
            Key = key, Copy = copy, Places = license.InstalledPlaces is null ? [] : Json.Read<string[]>(license.InstalledPlaces), Cause = hindered?.Detail, Remedy = hindered?.Remedy,
        };
    }

    private sealed record Read(IReadOnlyList<License> All, Dictionary<LicenseId, Termination> Asked, IReadOnlyList<WorkView> Open, bool ByHand);
}
