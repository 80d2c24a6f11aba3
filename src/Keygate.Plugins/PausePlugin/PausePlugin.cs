using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

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
    private readonly PluginStore _store;
    private readonly PluginReader _reader;
    private readonly Audit _audit;

    internal PausePlugin(PluginStore store, PluginReader reader, Audit audit) => (_store, _reader, _audit) = (store, reader, audit);

    /// <summary>Refused only where there is no such plug-in.</summary>
    public async Task<Result<Plugin>> HandleAsync(Tx tx, PluginId id, PausePluginRequest request, Actor actor, CancellationToken cancellation)
    {
        var reason = request.Reason?.Trim();
        var words = string.IsNullOrEmpty(reason) ? $"Paused by {actor.Name}." : $"{reason} (paused by {actor.Name})";
        if (await _store.PauseAsync(tx, id, words, cancellation) == 1)
        {
            await _audit.AddAsync(tx, actor, "plugin.paused", id.Subject, words, cancellation);
        }

        return await _reader.FindAsync(tx, id, cancellation) is { } plugin ? plugin : PluginHost.NotFound(id);
    }
}

/// <summary>Lets a paused plug-in work again. Resuming one that is not paused changes nothing.</summary>
public sealed class ResumePlugin
{
    private readonly PluginStore _store;
    private readonly PluginReader _reader;
    private readonly Audit _audit;

    internal ResumePlugin(PluginStore store, PluginReader reader, Audit audit) => (_store, _reader, _audit) = (store, reader, audit);

    /// <summary>Refused only where there is no such plug-in.</summary>
    public async Task<Result<Plugin>> HandleAsync(Tx tx, PluginId id, Actor actor, CancellationToken cancellation)
    {
        if (await _store.ResumeAsync(tx, id, cancellation) == 1)
        {
            await _audit.AddAsync(tx, actor, "plugin.resumed", id.Subject, null, cancellation);
        }

        return await _reader.FindAsync(tx, id, cancellation) is { } plugin ? plugin : PluginHost.NotFound(id);
    }
}
