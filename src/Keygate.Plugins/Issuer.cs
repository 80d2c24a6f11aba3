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
    /// <summary>How long a proof of the trace is good, and a try in vain stays one.</summary>
    internal static readonly TimeSpan ProofLasts = TimeSpan.FromDays(1);

    internal const string ShowVerb = "show", ListVerb = "list";

    private readonly PluginHost _host;
    private readonly LoadedPlugin _loaded;
    private readonly IIssuer _issuer;

    internal Issuer(PluginHost host, LoadedPlugin loaded) => (_host, _loaded, _issuer) = (host, loaded, (IIssuer)loaded.Instance.Plugin);

    /// <summary>Its number.</summary>
    public PluginId Id => _loaded.Row.Id;

    /// <summary>Its name.</summary>
    public string Name => _loaded.Row.Name;

    /// <summary>The version of its settings.</summary>
    internal int Version => _loaded.Row.Version;

    /// <summary>True where a person stands for it.</summary>
    public bool IsByHand => _loaded.IsByHand;

    /// <summary>True where it tells what its account offers.</summary>
    internal bool ListsOffer => _issuer is IListsOffer;

    /// <summary>Since when it asks the same account at the same issuer: earlier keys prove nothing there. Null for always.</summary>
    public DateTimeOffset? TraceSince => _loaded.Row.TraceSince;

    /// <summary>True when keys can be activated from here.</summary>
    public bool CanActivate => _issuer is IActivatesKeys;

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
            ? AskAsync(ShowVerb, token => shows.ShowAsync(keyNumber, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot show a key by its number.")));

    /// <summary>True when all keys of the account can be listed here, as full records.</summary>
    public bool ListsKeys => _issuer is IListsKeys;

    /// <summary>The keys of the account after a number; the value is a <see cref="KeyPage"/>. A read.</summary>
    public Task<Answer> ListKeysAsync(string? after, CancellationToken cancellation) =>
        _issuer is IListsKeys lists
            ? AskAsync(ListVerb, token => lists.ListAsync(after, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot list its keys.")));

    /// <summary>True when keys can be renewed from here.</summary>
    public bool CanRenew => _issuer is IRenewsKeys;

    /// <summary>Renews one key by one period; the value is a <see cref="RenewedKey"/>. Not repeatable: compare before asking again.</summary>
    public Task<Answer> RenewAsync(string keyNumber, CancellationToken cancellation) =>
        _issuer is IRenewsKeys renews
            ? AskAsync("renew", token => renews.RenewAsync(keyNumber, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot renew keys.")));

    /// <summary>
    /// Looks whether a renewal that got no answer happened: the key has other dates than it had before. The value found is a <see cref="RenewedKey"/>.
    /// Found at once; that nothing changed counts only after the time that the issuer may still take.
    /// </summary>
    public async Task<Look> LookRenewedAsync(ShownKey before, CancellationToken cancellation)
    {
        var answer = await ShowAsync(before.Issued.KeyNumber, cancellation);
        return answer.Outcome != Work.Outcome.Done ? Look.NotAsked(answer.Error ?? PluginsErrors.Unknown)
            : answer.Read<ShownKey>().Issued is var now && IsLater(before.Issued, now) ? Look.Found(new RenewedKey(now.KeyNumber, now.ExpirationDate, now.UpdateDate))
            : Look.Absent(_issuer is IRenewsKeys renews ? renews.MayStillTake : TimeSpan.Zero);
    }

    /// <summary>True when keys can be changed from here.</summary>
    public bool CanChange => _issuer is IChangesKeys;

    /// <summary>How long after sending a change the issuer may still make it.</summary>
    public TimeSpan ChangeMayStillTake => _issuer is IChangesKeys changes ? changes.MayStillTake : TimeSpan.Zero;

    /// <summary>Changes one key by plans; the value is a <see cref="ChangedKey"/>. Not repeatable: compare before asking again.</summary>
    public Task<Answer> ChangeAsync(KeyChange change, CancellationToken cancellation) =>
        _issuer is IChangesKeys changes
            ? AskAsync("change", token => changes.ChangeAsync(change, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot change keys.")));

    /// <summary>True when a key was renewed since: a period was added.</summary>
    public static bool IsLater(IssuedKey before, IssuedKey now) => now.ExpirationDate > before.ExpirationDate || now.UpdateDate > before.UpdateDate;

    /// <summary>True when keys can be terminated from here.</summary>
    public bool CanTerminate => _issuer is ITerminatesKeys;

    /// <summary>True when keys can be suspended and resumed from here.</summary>
    public bool CanSuspend => _issuer is ISuspendsKeys;

    /// <summary>Suspends one key, or resumes it; the value is a <see cref="SuspendedKey"/>. Repeatable.</summary>
    public Task<Answer> SuspendAsync(string keyNumber, bool suspended, CancellationToken cancellation) =>
        _issuer is ISuspendsKeys suspends
            ? AskAsync(suspended ? "suspend" : "resume", token => suspended ? suspends.SuspendAsync(keyNumber, token) : suspends.ResumeAsync(keyNumber, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot suspend keys.")));

    /// <summary>Terminates one key; the value is a <see cref="TerminatedKey"/>. Repeatable.</summary>
    public Task<Answer> TerminateAsync(string keyNumber, CancellationToken cancellation) =>
        _issuer is ITerminatesKeys terminates
            ? AskAsync("terminate", token => terminates.TerminateAsync(keyNumber, token), cancellation)
            : Task.FromResult(Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot terminate keys.")));

    /// <summary>What the account may order now; the value is an <see cref="IssuerOffer"/>. A read.</summary>
    public async Task<Answer> GetOfferAsync(CancellationToken cancellation) =>
        _issuer is IListsOffer lists
            ? (await _host.CallAsync(_loaded, "offer", lists.GetOfferAsync, cancellation, mayPause: false)).Answer
            : Answer.Refused(PluginsErrors.CannotDo.Because($"'{Name}' cannot tell what may be ordered."));

    /// <summary>
    /// Finds the keys that carry the trace of a request, oldest first, terminated ones included; the value is a list of
    /// <see cref="IssuedKey"/>. A read. Finding one proves that this issuer can be searched so.
    /// </summary>
    public async Task<Answer> FindAsync(IssueRequest asked, CancellationToken cancellation) => (await SearchAsync(asked, cancellation)).Answer;

    /// <summary>
    /// Finds the keys of several requests, each by its trace; the value is a list of lists, in the order of the requests. A read. Refused where the
    /// issuer cannot be searched, and where it finds keys by a trace that was never laid: whoever ended those would end other people's.
    /// </summary>
    /// <param name="asked">The requests, with their traces.</param>
    /// <param name="neverLaid">A trace that no request carries.</param>
    /// <param name="cancellation">Calls the search off.</param>
    public async Task<Answer> FindAsync(IReadOnlyList<IssueRequest> asked, string neverLaid, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(asked.Count);
        var control = (await SearchAsync(asked[0] with { Trace = neverLaid }, cancellation)).Answer;
        if (control.Outcome != Work.Outcome.Done)
        {
            return control;
        }

        if (Keys(control).Count > 0)
        {
            await _host.ProveTraceAsync(_loaded, found: false);
            return Answer.Refused(PluginsErrors.CannotLook.Because($"'{Name}' finds keys by a trace that was never laid, so it does not heed traces."));
        }

        var found = new List<IReadOnlyList<IssuedKey>>();
        foreach (var request in asked)
        {
            var answer = (await SearchAsync(request, cancellation)).Answer;
            if (answer.Outcome is not (Work.Outcome.Done or Work.Outcome.Refused))
            {
                return answer;
            }

            // The issuer can be searched, so a refusal is about this request alone.
            found.Add(answer.Outcome == Work.Outcome.Done ? Keys(answer) : []);
        }

        return Answer.Done(found);
    }

    /// <summary>
    /// Looks whether a request that got no answer made a key. What is found are the <see cref="IssuedKey"/>s that
    /// <paramref name="choose"/> picks out of those that carry the trace and belong to no license here, the likeliest answer first.
    /// An absence counts only where the issuer shows, at this very look, that it can be searched: it finds the known key.
    /// </summary>
    /// <param name="intent">The act that got no answer.</param>
    /// <param name="asked">What was asked, with the trace.</param>
    /// <param name="choose">Picks, and puts them in order.</param>
    /// <param name="known">Says a key that this plug-in issued, or null where there is none, asked for since the time given where one is.</param>
    /// <param name="cancellation">Calls the look off.</param>
    public async Task<Look> LookAsync(
        Intent intent, IssueRequest asked, Func<IReadOnlyList<IssuedKey>, CancellationToken, Task<IReadOnlyList<IssuedKey>>> choose,
        Func<DateTimeOffset?, CancellationToken, Task<KnownKey?>> known, CancellationToken cancellation)
    {
        var guarded = await SearchAsync(asked, cancellation);
        if (guarded.Answer.Outcome != Work.Outcome.Done)
        {
            return NoLook(guarded);
        }

        var keys = Keys(guarded.Answer);
        if (await choose(keys, cancellation) is { Count: > 0 } ofNobody)
        {
            return Look.FoundAll(ofNobody);
        }

        var mayStillTake = ((IFindsKeys)_issuer).MayStillTake;
        if (keys.Count > 0 || _host.Time.GetUtcNow() - intent.OpenedAt < mayStillTake)
        {
            return Look.Absent(mayStillTake);
        }

        if (intent.OpenedAt < _loaded.Row.TraceSince)
        {
            return Look.CannotLook(PluginsErrors.TraceUnproved.Because(
                $"No key with the trace {asked.Trace} was found, but the settings of '{Name}' were changed since it was asked for: it may be elsewhere."));
        }

        if (await known(_loaded.Row.TraceSince, cancellation) is not { } proof)
        {
            return Look.CannotLook(PluginsErrors.TraceUnproved.Because($"'{Name}' has no key with the trace {asked.Trace}, but it never yet found one of its keys by its trace."));
        }

        var proved = await TryTraceAsync(proof, cancellation);
        return proved.Found switch
        {
            true => Look.Absent(mayStillTake),
            false => Look.CannotLook(PluginsErrors.TraceUnproved.Because(
                $"'{Name}' has no key with the trace {asked.Trace}, but it does not find its own key {proof.KeyNumber} by its trace either.")),
            null => NoLook(proved.Guarded),
        };
    }

    /// <summary>
    /// Tries whether a key that this plug-in issued is found by its trace; the value is a <see cref="TriedTrace"/>. Not finding it takes the proof back,
    /// so that people see that absences are not believed. A read; what comes of it is remembered with the plug-in.
    /// </summary>
    public async Task<Answer> ProveTraceAsync(KnownKey known, CancellationToken cancellation)
    {
        var tried = await TryTraceAsync(known, cancellation);
        if (tried.Guarded.Answer.Outcome == Work.Outcome.Refused)
        {
            await _host.ProveTraceAsync(_loaded, found: null);
        }

        return tried.Found is { } found ? Answer.Done(new TriedTrace(found)) : tried.Guarded.Answer;
    }

    private async Task<(bool? Found, GuardedAnswer Guarded)> TryTraceAsync(KnownKey known, CancellationToken cancellation)
    {
        // A key may have been changed since: it is known by its number.
        var guarded = await AskToFindAsync(known.Asked with { Features = [] }, cancellation);
        if (guarded.Answer.Outcome != Work.Outcome.Done)
        {
            return (null, guarded);
        }

        var found = Keys(guarded.Answer).Any(k => KnownKey.IsSame(k.KeyNumber, known.KeyNumber));
        if (!found)
        {
            _loaded.Instance.Logger.LogWarning("{Plugin} did not find its own key {Key} by its trace", Name, known.KeyNumber);
        }

        await _host.ProveTraceAsync(_loaded, found);
        return (found, guarded);
    }

    // A refusal that a person can lift (wrong password) says nothing about the key; one that stays means that there is no way to look.
    private static Look NoLook(GuardedAnswer guarded) => guarded.Answer.Outcome == Work.Outcome.Refused && !guarded.PausesPlugin
        ? Look.CannotLook(PluginsErrors.CannotLook.Because(guarded.Answer.Error!.Detail))
        : Look.NotAsked(guarded.Answer.Error ?? PluginsErrors.Unknown);

    private static IReadOnlyList<IssuedKey> Keys(Answer answer) => answer.Read<IReadOnlyList<IssuedKey>>();

    private async Task<GuardedAnswer> SearchAsync(IssueRequest asked, CancellationToken cancellation)
    {
        var guarded = await AskToFindAsync(asked, cancellation);
        if (guarded.Answer.Outcome == Work.Outcome.Done && Keys(guarded.Answer).Count > 0)
        {
            await _host.ProveTraceAsync(_loaded, found: true);
        }

        return guarded;
    }

    private async Task<GuardedAnswer> AskToFindAsync(IssueRequest asked, CancellationToken cancellation)
    {
        if (_issuer is not IFindsKeys finds)
        {
            return new(Answer.Refused(PluginsErrors.CannotLook.Because($"'{Name}' cannot find keys by their trace.")));
        }

        return await _host.CallAsync(_loaded, "find", token => finds.FindAsync(asked, token), cancellation);
    }

    private async Task<Answer> AskAsync<T>(string verb, Func<CancellationToken, Task<Answer<T>>> call, CancellationToken cancellation) =>
        (await _host.CallAsync(_loaded, verb, call, cancellation)).Answer;
}

/// <summary>A key that a plug-in issued, by which it can show that it finds keys by their trace.</summary>
/// <param name="KeyNumber">Its number, with or without revision.</param>
/// <param name="Asked">What was asked for it, with the trace.</param>
public sealed record KnownKey(string KeyNumber, IssueRequest Asked)
{
    // PREFIX.NUMBER.REVISION: the revision rises, the rest identifies the key.
    internal static bool IsSame(string one, string other) => Bare(one) == Bare(other);

    private static string Bare(string number) => number.Split('.') is [var prefix, var serial, ..] ? $"{prefix}.{serial}" : number;
}

/// <summary>What came of looking for a known key by its trace.</summary>
/// <param name="Found">True when it was found.</param>
public sealed record TriedTrace(bool Found);
