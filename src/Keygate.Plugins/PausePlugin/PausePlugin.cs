using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Plugins;

/// <summary>Why a plug-in is paused.</summary>
public sealed record PausePluginRequest
{
    /// <summary>The reason that others will read; may be left out.</summary>
    public string? Reason { get; init; }
}

/// <summary>Pauses a plug-in: what needs it waits, and uses up no attempts. Pausing a paused one changes nothing.</summary>
public sealed class PausePlugin
{
    private readonly PluginPauses _pauses;
    private readonly PluginReader _reader;

    internal PausePlugin(PluginPauses pauses, PluginReader reader) => (_pauses, _reader) = (pauses, reader);

    /// <summary>Refused only where there is no such plug-in.</summary>
    public async Task<Result<Plugin>> HandleAsync(Tx tx, PluginId id, PausePluginRequest request, Actor actor, CancellationToken cancellation)
    {
        var reason = request.Reason?.Trim();
        await _pauses.PauseAsync(tx, actor, id, string.IsNullOrEmpty(reason) ? $"Paused by {actor.Name}." : $"{reason} (paused by {actor.Name})", cancellation);
        return await _reader.FindAsync(tx, id, cancellation) is { } plugin ? plugin : PluginHost.NotFound(id);
    }
}

/// <summary>Lets a paused plug-in work again; what waited for it goes on. Resuming one that is not paused changes nothing.</summary>
public sealed class ResumePlugin
{
    private readonly PluginPauses _pauses;
    private readonly PluginReader _reader;

    internal ResumePlugin(PluginPauses pauses, PluginReader reader) => (_pauses, _reader) = (pauses, reader);

    /// <summary>Refused where there is no such plug-in, and for an issuer that was not compared since a restore, unless a person has compared it.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="id">Which.</param>
    /// <param name="actor">Who resumes it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="isCompared">True where a person says that nothing was asked of the issuer between backup and restore, or that it was dealt with.</param>
    public async Task<Result<Plugin>> HandleAsync(Tx tx, PluginId id, Actor actor, CancellationToken cancellation, bool isCompared = false)
    {
        if (!isCompared && await _reader.FindAsync(tx, id, cancellation) is { RestoredAt: { } restored, Name: var name })
        {
            return PluginsErrors.NotCompared.Because($"The database was restored at {restored:u}, and the keys of '{name}' were not compared with it since.");
        }

        await _pauses.ResumeAsync(tx, actor, id, cancellation);
        return await _reader.FindAsync(tx, id, cancellation) is { } plugin ? plugin : PluginHost.NotFound(id);
    }
}

/// <summary>A pause in its three places at once: the plug-in's row, its lane in Work, the audit trail.</summary>
internal sealed class PluginPauses(PluginStore store, Lanes lanes, Audit audit)
{
    public async Task<bool> PauseAsync(Tx tx, Actor actor, PluginId id, string reason, CancellationToken cancellation)
    {
        if (await store.PauseAsync(tx, id, reason, cancellation) == 0)
        {
            return false;
        }

        await lanes.PauseAsync(tx, id.Lane, reason, cancellation);
        await audit.AddAsync(tx, actor, "plugin.paused", id.Subject, reason, cancellation);
        return true;
    }

    public async Task<bool> ResumeAsync(Tx tx, Actor actor, PluginId id, CancellationToken cancellation)
    {
        if (await store.ResumeAsync(tx, id, cancellation) == 0)
        {
            return false;
        }

        // A lane without a row was never paused, so there is nothing to resume.
        _ = await lanes.ResumeAsync(tx, id.Lane, cancellation);
        await audit.AddAsync(tx, actor, "plugin.resumed", id.Subject, null, cancellation);
        return true;
    }
}
