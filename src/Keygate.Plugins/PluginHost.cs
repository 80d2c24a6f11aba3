using System.Collections.Concurrent;
using System.Data.Common;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.Extensions.Logging;
using Answer = Keygate.Work.Answer;

namespace Keygate.Plugins;

/// <summary>
/// Keeps the plug-ins alive and guards every call to them. Instances are made when first asked for and replaced when their settings change.
/// Must be called outside transactions. Thread-safe.
/// </summary>
public sealed class PluginHost : IAsyncDisposable
{
    internal static readonly TimeSpan PausedLook = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<PluginId, PluginInstance> _instances = new();
    private readonly Database _database;
    private readonly PluginStore _store;
    private readonly PluginKinds _kinds;
    private readonly PluginSecrets _secrets;
    private readonly PluginPauses _pauses;
    private readonly Lanes _lanes;
    private readonly TimeProvider _time;
    private readonly TimeProvider _realTime;
    private readonly ILoggerFactory _loggers;

    internal PluginHost(
        Database database, PluginStore store, PluginKinds kinds, PluginSecrets secrets, PluginPauses pauses, Lanes lanes, TimeProvider time, TimeProvider realTime, ILoggerFactory loggers) =>
        (_database, _store, _kinds, _secrets, _pauses, _lanes, _time, _realTime, _loggers) = (database, store, kinds, secrets, pauses, lanes, time, realTime, loggers);

    /// <summary>The issuer of a number. Refused where there is none, it is no issuer, or its kind cannot be loaded; paused ones are given, and say so.</summary>
    public async Task<Result<Issuer>> IssuerAsync(PluginId id, CancellationToken cancellation)
    {
        if (!(await LoadAsync(id, cancellation)).TryGet(out var loaded, out var error))
        {
            return error;
        }

        return loaded.Instance.Plugin is IIssuer
            ? new Issuer(this, loaded)
            : PluginsErrors.NotAnIssuer.Because($"'{loaded.Row.Name}' is of the kind {loaded.Row.Kind}.");
    }

    /// <summary>The installer of a number. Refused where there is none, it is no installer, or its kind cannot be loaded; paused ones are given, and say so.</summary>
    public async Task<Result<Installer>> InstallerAsync(PluginId id, CancellationToken cancellation)
    {
        if (!(await LoadAsync(id, cancellation)).TryGet(out var loaded, out var error))
        {
            return error;
        }

        return loaded.Instance.Plugin is IInstaller
            ? new Installer(this, loaded)
            : PluginsErrors.NotAnInstaller.Because($"'{loaded.Row.Name}' is of the kind {loaded.Row.Kind}.");
    }

    /// <summary>
    /// Tries the connection, also of a paused plug-in, and keeps what came out with the plug-in. A test that goes well lets work through
    /// again that an open breaker held; a pause stays until somebody resumes.
    /// </summary>
    public async Task<Result<PluginCheck>> TestAsync(PluginId id, CancellationToken cancellation)
    {
        var loaded = await LoadAsync(id, cancellation);
        PluginCheck check;
        if (loaded.TryGet(out var plugin, out var error))
        {
            var answer = (await GuardAsync(plugin, "check", forced: true, plugin.Instance.Plugin.CheckAsync, cancellation)).Answer;
            check = answer.Outcome == Work.Outcome.Done
                ? new PluginCheck(true, answer.Read<Checked>().Facts, null, _time.GetUtcNow())
                : new PluginCheck(false, answer.Error?.Detail ?? "The other side has not finished answering.", answer.Error?.Remedy ?? "Test again.", _time.GetUtcNow());
        }
        else if (error.Code == PluginsErrors.NotFound.Code)
        {
            return error;
        }
        else
        {
            check = new PluginCheck(false, error.Detail, error.Remedy, _time.GetUtcNow());
        }

        return await _database.WriteAsync<Result<PluginCheck>>(async tx =>
            await _store.RecordCheckAsync(tx, id, check, cancellation) == 1 ? check : NotFound(id), cancellation);
    }

    /// <summary>Stops all plug-ins.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var id in _instances.Keys)
        {
            if (_instances.TryRemove(id, out var instance))
            {
                await instance.DisposeAsync();
            }
        }
    }

    internal static Error NotFound(PluginId id) => PluginsErrors.NotFound.Because($"There is no plug-in {id}.");

    /// <summary>
    /// Calls a verb under guard; a refusal that condemns every further call pauses the plug-in for good. Not where nobody's order depends on the call: it is for an
    /// order to stop, and for a person to hear of it.
    /// </summary>
    internal async Task<GuardedAnswer> CallAsync<T>(
        LoadedPlugin loaded, string verb, Func<CancellationToken, Task<Answer<T>>> call, CancellationToken cancellation, bool mayPause = true)
    {
        Tx.AssertNone();
        if (loaded.Row.PausedAt is not null && (loaded.Row.RestoredAt is null || verb is not (Issuer.ShowVerb or Issuer.ListVerb)))
        {
            return new(Answer.NotAsked(PluginsErrors.Paused.Because($"'{loaded.Row.Name}' is paused: {loaded.Row.PausedReason}"), PausedLook));
        }

        var answer = await GuardAsync(loaded, verb, forced: false, call, cancellation);
        if (answer.PausesPlugin && mayPause)
        {
            var cause = answer.Reason!.Cause;
            loaded.Instance.Logger.LogError("{Plugin} is paused: {Cause}", loaded.Row.Name, cause);
            await RecordAsync(loaded, tx => _pauses.PauseAsync(tx, Actor.Keygate, loaded.Row.Id, cause, CancellationToken.None));
        }

        return answer;
    }

    /// <summary>
    /// Says, in the transaction that ends it, that all keys of an issuer were compared: after a restore it may be resumed then. Nothing where the comparison began before the restore, or there was none.
    /// </summary>
    public Task ComparedAsync(Tx tx, PluginId id, DateTimeOffset began, int strays, CancellationToken cancellation) => _store.RecordComparedAsync(
        tx, id, began, strays == 0
            ? "It was compared after a restore, and has no key that is unknown here: it can be resumed."
            : FormattableString.Invariant($"It was compared after a restore, and has {strays} keys that are unknown here: deal with those first ('keygate license stray-keys'), then resume it."), cancellation);

    /// <summary>Writes down whether a key of the plug-in's own was found by its trace; null where the try told nothing.</summary>
    internal Task ProveTraceAsync(LoadedPlugin loaded, bool? found) =>
        RecordAsync(loaded, tx => found is { } known
            ? _store.RecordProofAsync(tx, loaded.Row.Id, loaded.Row.Version, known, CancellationToken.None)
            : _store.RecordTryAsync(tx, loaded.Row.Id, CancellationToken.None));

    internal TimeProvider Time => _time;

    private async Task<GuardedAnswer> GuardAsync<T>(LoadedPlugin loaded, string verb, bool forced, Func<CancellationToken, Task<Answer<T>>> call, CancellationToken cancellation)
    {
        if (!loaded.Instance.TryUse())
        {
            return new(Answer.NotAsked(PluginsErrors.Unusable.Because($"The settings of '{loaded.Row.Name}' were changed just now."), TimeSpan.Zero));
        }

        try
        {
            var answer = await loaded.Instance.CallAsync(verb, forced, call, cancellation);
            await RecordAwayAsync(loaded, answer);
            return answer;
        }
        finally
        {
            await loaded.Instance.LeaveAsync();
        }
    }

    // Another process, or one that is gone, may have found it away: whoever hears of its return says so.
    private async Task RecordAwayAsync(LoadedPlugin loaded, GuardedAnswer answer)
    {
        var row = loaded.Row;
        if (answer.ClosedBreaker || (answer.Left == LeftAlone.No && row.AwaySince is not null))
        {
            await RecordAsync(loaded, async tx =>
            {
                await _store.RecordBackAsync(tx, row.Id, CancellationToken.None);
                await _lanes.WakeAsync(tx, row.Id.Lane, CancellationToken.None);
                return Done.It;
            });
        }
        else if (answer is { Left: LeftAlone.Yes, Reason.Cause: { } cause } && (row.AwaySince is null || row.AwayCause != cause))
        {
            await RecordAsync(loaded, tx => _store.RecordAwayAsync(tx, row.Id, cause, CancellationToken.None));
        }
    }

    // What is written down beside an answer must not cost the answer itself: the other side has acted, and who called must hear it. So this
    // is neither called off with the call, nor does it throw; what could not be written is written after the next such answer.
    private async Task RecordAsync<T>(LoadedPlugin loaded, Func<Tx, Task<T>> write)
    {
        try
        {
            await _database.WriteAsync(write, CancellationToken.None);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            loaded.Instance.Logger.LogError(e, "{Plugin}: what its answer means for the plug-in could not be written down", loaded.Row.Name);
        }
    }

    private async Task<Result<LoadedPlugin>> LoadAsync(PluginId id, CancellationToken cancellation)
    {
        var row = await _database.ReadAsync(s => _store.FindAsync(s, id, cancellation), cancellation);
        if (row is null)
        {
            return NotFound(id);
        }

        if (_instances.TryGetValue(id, out var present) && present.Version == row.Version)
        {
            return new LoadedPlugin(row, present);
        }

        if (!_kinds.Find(row.Kind).TryGet(out var kind, out var error))
        {
            return PluginsErrors.Unusable.Because($"'{row.Name}' cannot be loaded: {error.Detail}").Mend(error.Remedy);
        }

        PluginInstance made;
        try
        {
            var settings = kind.Complete(new PluginSettings(Json.Read<SortedDictionary<string, string>>(row.Settings), _secrets.Open(row)));
            var logger = _loggers.CreateLogger($"Keygate.Plugins.{row.Kind}");
            made = new PluginInstance(kind.Create(new PluginContext(settings, logger, _time)), row, logger, _realTime) { IsByHand = kind.Manifest.ByHand };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return PluginsErrors.Unusable.Because($"'{row.Name}' cannot be loaded: {e.Message}");
        }

        return new LoadedPlugin(row, await KeepAsync(id, made));
    }

    // Several calls may load one plug-in at once: the newest version wins, the others go.
    private async Task<PluginInstance> KeepAsync(PluginId id, PluginInstance made)
    {
        while (true)
        {
            if (_instances.TryGetValue(id, out var present))
            {
                if (present.Version >= made.Version)
                {
                    await made.DisposeAsync();
                    return present;
                }

                if (_instances.TryUpdate(id, made, present))
                {
                    await present.DisposeAsync();
                    return made;
                }
            }
            else if (_instances.TryAdd(id, made))
            {
                return made;
            }
        }
    }
}

/// <summary>A plug-in as it stood in the database when it was asked for, with its living instance.</summary>
internal sealed record LoadedPlugin(PluginRow Row, PluginInstance Instance)
{
    public bool IsByHand => Instance.IsByHand;
}
