using System.Collections.Concurrent;
using System.Text;
using Keygate.Plugins.Abstractions;

namespace Keygate.Tests.Orders;

/// <summary>
/// An issuer that makes keys in memory and can be told to refuse, to be away, or to lose its answer. What it was asked is kept.
/// </summary>
internal sealed class FakeIssuer : IPluginFactory, IIssuer, IFindsKeys, IActivatesKeys
{
    private readonly ConcurrentQueue<Func<IssueRequest, Task<Answer<IssuedKey>>>> _next = new();
    private readonly ConcurrentDictionary<string, IssuedKey> _keys = new();
    private readonly ConcurrentQueue<IssueRequest> _asked = new();
    private readonly ConcurrentQueue<string> _looked = new();

    /// <summary>Every call that asked for a key, oldest first.</summary>
    public IReadOnlyList<IssueRequest> Asked => [.. _asked];

    /// <summary>Every trace that was looked for, oldest first.</summary>
    public IReadOnlyList<string> Looked => [.. _looked];

    /// <summary>What a look answers instead of what there is; null for that.</summary>
    public Func<IssueRequest, Answer<IReadOnlyList<IssuedKey>>>? Look { get; set; }

    /// <summary>The number of the key for a license.</summary>
    public Func<int, string> NumberOf { get; set; } = license => $"TEST.{license:00000000}.0000";

    /// <summary>Runs before each file is given.</summary>
    public Action BeforeFile { get; set; } = () => { };

    /// <summary>Why no file can be fetched; null where it can.</summary>
    public Reason? NoFile { get; set; }

    /// <summary>Every key that was made.</summary>
    public IReadOnlyCollection<IssuedKey> Keys => [.. _keys.Values];

    public PluginManifest Manifest { get; } = new("issuer.test", "Test issuer", "Makes keys in memory.", []);

    public TimeSpan MayStillTake => TimeSpan.Zero;

    /// <summary>What the next call answers instead of a key.</summary>
    public void Next(Func<IssueRequest, Answer<IssuedKey>> answer) => _next.Enqueue(request => Task.FromResult(answer(request)));

    /// <summary>The next key is made when this has come.</summary>
    public void HoldNext(Task until) => _next.Enqueue(async request =>
    {
        await until;
        return Answer.Done(Make(request));
    });

    public void RefuseNext(string cause) => Next(_ => Answer.Refused<IssuedKey>(new Reason(cause, "Correct the plan.", "244")));

    /// <summary>The key is made and the answer is lost.</summary>
    public void LoseNextAnswer() => Next(request =>
    {
        Make(request);
        return Answer.Unknown<IssuedKey>(new Reason("The answer was cut short.", "It is looked into."));
    });

    public IPlugin Create(PluginContext context) => this;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked("It answers.")));

    public async Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation)
    {
        _asked.Enqueue(request);
        return _next.TryDequeue(out var answer) ? await answer(request) : Answer.Done(Make(request));
    }

    public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation)
    {
        BeforeFile();
        return NoFile is { } why ? Task.FromResult(Answer.NotDone<RetrievedFile>(why)) : Task.FromResult(Answer.Done(new RetrievedFile(keyNumber, Encoding.UTF8.GetBytes($"<key>{keyNumber}</key>"), "xml")));
    }

    public Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation)
    {
        _looked.Enqueue(asked.Trace);
        return Task.FromResult(Look?.Invoke(asked) ?? Answer.Done<IReadOnlyList<IssuedKey>>(_keys.TryGetValue(asked.Trace, out var key) ? [key] : []));
    }

    public Task<Answer<ActivatedKey>> ActivateAsync(string keyNumber, ActivationData data, CancellationToken cancellation) =>
        Task.FromResult(Answer.Done(new ActivatedKey(keyNumber)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IssuedKey Make(IssueRequest request) => _keys.GetOrAdd(request.Trace, _ => new IssuedKey
    {
        KeyNumber = NumberOf(request.LicenseId),
        ExpirationDate = request.BillType == BillType.Lease ? new DateOnly(2026, 3, 11) : null,
        UpdateDate = request.BillType == BillType.Lease ? new DateOnly(2026, 3, 1) : null,
        AdditionalKeys = [.. request.AddOns.Select((addOn, i) => new AdditionalKey($"TADD.{(request.LicenseId * 100) + i:00000000}.0000", addOn, null, null))],
    });
}

/// <summary>An installer that keeps what it was given, and can be told to refuse.</summary>
internal sealed class FakeInstaller : IPluginFactory, IInstaller
{
    private readonly ConcurrentQueue<Reason> _refusals = new();
    private readonly ConcurrentQueue<InstallRequest> _installed = new();

    public IReadOnlyList<InstallRequest> Installed => [.. _installed];

    public PluginManifest Manifest { get; } = new("installer.test", "Test installer", "Keeps files in memory.", []);

    /// <summary>How many places it names at most, whatever it was given.</summary>
    public int PlacesMax { get; set; } = int.MaxValue;

    /// <summary>Why it cannot be reached; null where it can.</summary>
    public Reason? Away { get; set; }

    /// <summary>Runs before each answer.</summary>
    public Action Before { get; set; } = () => { };

    public void RefuseNext(string cause) => _refusals.Enqueue(new Reason(cause, "Make room."));

    public IPlugin Create(PluginContext context) => this;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked("It answers.")));

    public Task<Answer<Installation>> InstallAsync(InstallRequest request, CancellationToken cancellation)
    {
        Before();
        if (Away is { } why)
        {
            return Task.FromResult(Answer.NotDone<Installation>(why));
        }

        if (_refusals.TryDequeue(out var reason))
        {
            return Task.FromResult(Answer.Refused<Installation>(reason));
        }

        _installed.Enqueue(request);
        return Task.FromResult(Answer.Done(new Installation([.. request.Files.Take(PlacesMax).Select(f => $"{request.Target}/{f.KeyNumber}.{f.Extension}")])));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
