using Keygate.Plugins.Abstractions;
using Keygate.Work;
using Microsoft.Extensions.Logging;
using Answer = Keygate.Work.Answer;

namespace Keygate.Plugins;

/// <summary>
/// An issuer plug-in under guard. Ask <see cref="PluginHost"/> for it before each act and don't keep it. Every verb answers in Work's words;
/// it throws only when its cancellation calls it off, or when a transaction is open.
/// </summary>
public sealed class Issuer
{
    // A proof of the trace is good for a day; then the next order proves it anew.
    private static readonly TimeSpan ProofLasts = TimeSpan.FromDays(1);

    private readonly PluginHost _host;
    private readonly LoadedPlugin _loaded;
    private readonly IIssuer _issuer;

    internal Issuer(PluginHost host, LoadedPlugin loaded) => (_host, _loaded, _issuer) = (host, loaded, (IIssuer)loaded.Instance.Plugin);

    /// <summary>Its number.</summary>
    public PluginId Id => _loaded.Row.Id;

    /// <summary>Its name.</summary>
    public string Name => _loaded.Row.Name;

    /// <summary>True when keys can be activated from here.</summary>
    public bool CanActivate => _issuer is IActivatesKeys;

    /// <summary>
    /// True when a key of this issuer should be looked for by its trace now (<see cref="ProveTraceAsync"/>): none ever was found
    /// so, or not for a day.
    /// </summary>
    public bool IsProofDue => _issuer is IFindsKeys && !(_host.Time.GetUtcNow() - _loaded.Row.TraceProvedAt < ProofLasts);

    /// <summary>Asks for a new key; the value is an <see cref="IssuedKey"/>. Not repeatable: look before asking again.</summary>
    public Task<Answer> IssueAsync(IssueRequest request, CancellationToken cancellation) =>
        AskAsync("issue", token => _issuer.IssueAsync(request, token), cancellation);

    /// <summary>Fetches the present license file; the value is a <see cref="RetrievedFile"/>. A read.</summary>
    public Task<Answer> RetrieveAsync(string keyNumber, CancellationToken cancellation) =>
        AskAsync("retrieve", token => _issuer.RetrieveAsync(keyNumber, token), cancellation);

    /// <summary>Activates a key; the value is an <see cref="ActivatedKey"/>.</summary>
    public Task<Answer> ActivateAsync(string keyNumber, ActivationData data, CancellationToken cancellation) =>
        _issuer is IActivatesKeys activates
            ? AskAsync("activate", token => activates.ActivateAsync(keyNumber, data, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot activate keys.")));

    /// <summary>True when a key can be looked up here by its number.</summary>
    public bool CanShow => _issuer is IShowsKeys;

    /// <summary>What the issuer has under a number; the value is a <see cref="ShownKey"/>. A read.</summary>
    public Task<Answer> ShowAsync(string keyNumber, CancellationToken cancellation) =>
        _issuer is IShowsKeys shows
            ? AskAsync("show", token => shows.ShowAsync(keyNumber, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot show a key by its number.")));

    /// <summary>Terminates one key; the value is a <see cref="TerminatedKey"/>. Repeatable.</summary>
    public Task<Answer> TerminateAsync(string keyNumber, CancellationToken cancellation) =>
        _issuer is ITerminatesKeys terminates
            ? AskAsync("terminate", token => terminates.TerminateAsync(keyNumber, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot terminate keys.")));

    /// <summary>What the account may order now; the value is an <see cref="IssuerOffer"/>. A read.</summary>
    public Task<Answer> GetOfferAsync(CancellationToken cancellation) =>
        _issuer is IListsOffer lists
            ? AskAsync("offer", lists.GetOfferAsync, cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot tell what may be ordered.")));

    /// <summary>
    /// Finds the keys that carry the trace of a request, oldest first, terminated ones included; the value is a list of
    /// <see cref="IssuedKey"/>. A read. Finding one proves that this issuer can be searched so.
    /// </summary>
    public async Task<Answer> FindAsync(IssueRequest asked, CancellationToken cancellation) => (await SearchAsync(asked, cancellation)).Answer;

    /// <summary>
    /// Looks whether a request that got no answer made a key. The value found is the <see cref="IssuedKey"/> that
    /// <paramref name="choose"/> picks out of those that carry the trace: the oldest that belongs to no license here; null for none of them.
    /// An absence counts only where the issuer has shown that it can be searched.
    /// </summary>
    /// <param name="intent">The act that got no answer.</param>
    /// <param name="asked">What was asked, with the trace.</param>
    /// <param name="choose">Picks; sees all of them, so that surplus keys can be dealt with.</param>
    /// <param name="cancellation">Calls the look off.</param>
    public async Task<Look> LookAsync(
        Intent intent, IssueRequest asked, Func<IReadOnlyList<IssuedKey>, CancellationToken, Task<IssuedKey?>> choose, CancellationToken cancellation)
    {
        var guarded = await SearchAsync(asked, cancellation);
        var answer = guarded.Answer;
        if (answer.Outcome != Work.Outcome.Done)
        {
            // A refusal that a person can lift (wrong password) says nothing about the key; one that stays means that there is no way to look.
            return answer.Outcome == Work.Outcome.Refused && !guarded.PausesPlugin
                ? Look.CannotLook(PluginsErrors.CannotLook.Because(answer.Error!.Detail))
                : Look.NotAsked(answer.Error ?? PluginsErrors.Unknown);
        }

        if (await choose(Keys(answer), cancellation) is { } key)
        {
            return Look.Found(key);
        }

        var mayStillTake = ((IFindsKeys)_issuer).MayStillTake;
        var proved = _loaded.Row.TraceProvedAt is not null || Keys(answer).Count > 0;
        return proved || _host.Time.GetUtcNow() - intent.OpenedAt < mayStillTake
            ? Look.Absent(mayStillTake)
            : Look.CannotLook(PluginsErrors.TraceUnproved.Because($"'{Name}' has no key with the trace {asked.Trace}, but it never yet found one of its keys by its trace."));
    }

    /// <summary>
    /// Tries whether a key that was just issued is found by its trace. Not finding it takes the proof back, so that later absences are not
    /// believed. A read; what comes of it is remembered, and nothing else depends on it.
    /// </summary>
    public async Task<Answer> ProveTraceAsync(IssueRequest asked, CancellationToken cancellation)
    {
        var answer = await FindAsync(asked, cancellation);
        if (answer.Outcome == Work.Outcome.Done && Keys(answer).Count == 0)
        {
            _loaded.Instance.Logger.LogWarning("{Plugin} did not find the key of license {License} by its trace", Name, asked.LicenseId);
            await _host.ProveTraceAsync(_loaded, found: false);
        }

        return answer;
    }

    private static IReadOnlyList<IssuedKey> Keys(Answer answer) => answer.Read<IReadOnlyList<IssuedKey>>();

    private async Task<GuardedAnswer> SearchAsync(IssueRequest asked, CancellationToken cancellation)
    {
        if (_issuer is not IFindsKeys finds)
        {
            return new(Answer.Refused(PluginsErrors.CannotLook.Because($"'{Name}' cannot find keys by their trace.")));
        }

        var guarded = await _host.CallAsync(_loaded, "find", token => finds.FindAsync(asked, token), cancellation);
        if (guarded.Answer.Outcome == Work.Outcome.Done && Keys(guarded.Answer).Count > 0)
        {
            await _host.ProveTraceAsync(_loaded, found: true);
        }

        return guarded;
    }

    private async Task<Answer> AskAsync<T>(string verb, Func<CancellationToken, Task<Answer<T>>> call, CancellationToken cancellation) =>
        (await _host.CallAsync(_loaded, verb, call, cancellation)).Answer;
}
