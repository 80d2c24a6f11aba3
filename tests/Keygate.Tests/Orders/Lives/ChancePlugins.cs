using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keygate.Plugins.Abstractions;

namespace Keygate.Tests.Orders.Lives;

/// <summary>A key in the books of the chance issuer.</summary>
internal sealed record ChanceKey(string Number, string Trace, IssueRequest Asked, DateTimeOffset From)
{
    public bool Terminated { get; set; }
}

/// <summary>
/// An issuer that answers by chance with each of the five outcomes, loses answers, gives them late, throws. It outlives the processes that call it. What becomes of a
/// call is drawn from seed, verb, subject and the number of the try, so that a run can be repeated.
/// </summary>
internal sealed class ChanceIssuer(int seed, TimeProvider time) : IPluginFactory, IIssuer, IFindsKeys, IActivatesKeys, ITerminatesKeys, IShowsKeys
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(60);
    private static readonly Reason Silence = new("The chance issuer gave no answer.", "It is looked into.");
    private readonly ConcurrentDictionary<string, int> _tries = new();
    private readonly ConcurrentDictionary<string, ChanceKey> _keys = new();

    /// <summary>Answers everything as it should from now on.</summary>
    public bool Good { get; set; }

    /// <summary>Told of each request for a key before it is answered.</summary>
    public Func<IssueRequest, Task> Seen { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<ChanceKey> Keys => [.. _keys.Values.OrderBy(k => k.Number, StringComparer.Ordinal)];

    public PluginManifest Manifest { get; } = new("issuer.chance", "Chance issuer", "Answers by chance.", []);

    public TimeSpan MayStillTake => Late;

    public IPlugin Create(PluginContext context) => this;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked("It answers.")));

    public async Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation)
    {
        await Seen(request);
        switch (Draw("issue", request.LicenseId.ToString(CultureInfo.InvariantCulture)))
        {
            case < 8:
                return Answer.Refused<IssuedKey>(new Reason("244 Refused by chance.", "Resubmit."));
            case < 20:
                return Answer.NotDone<IssuedKey>(new Reason("The chance issuer could not be reached.", "It is tried again."));
            case < 28:
                return Answer.Unknown<IssuedKey>(Silence);
            case < 36:
                Make(request, TimeSpan.Zero);
                return Answer.Unknown<IssuedKey>(Silence);
            case < 41:
                Make(request, Late);
                return Answer.Unknown<IssuedKey>(Silence);
            case < 45:
                Make(request, Late / 2);
                return Answer.Pending<IssuedKey>(Late);
            case < 48:
                Make(request, TimeSpan.Zero);
                throw new InvalidOperationException("The chance issuer broke after it had acted.");
            default:
                return Answer.Done(Issued(Make(request, TimeSpan.Zero)));
        }
    }

    public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) =>
        ReadAsync("retrieve", keyNumber, () => new RetrievedFile(keyNumber, Encoding.UTF8.GetBytes($"<key>{keyNumber}</key>"), "xml"));

    public Task<Answer<ActivatedKey>> ActivateAsync(string keyNumber, ActivationData data, CancellationToken cancellation) =>
        ReadAsync("activate", keyNumber, () => new ActivatedKey(keyNumber));

    public Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<IssuedKey>>("find", asked.Trace, () => [.. Keys.Where(k => k.Trace == asked.Trace && k.From <= time.GetUtcNow()).Select(Issued)], refuses: false);

    public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation) => ReadAsync("terminate", keyNumber, () =>
    {
        if (_keys.TryGetValue(keyNumber, out var key))
        {
            key.Terminated = true;
        }

        return new TerminatedKey(keyNumber);
    });

    public Task<Answer<ShownKey>> ShowAsync(string keyNumber, CancellationToken cancellation) => Task.FromResult(_keys.TryGetValue(keyNumber, out var key)
        ? Answer.Done(new ShownKey(Issued(key), key.Asked.KeyType, key.Asked.Features))
        : Answer.Refused<ShownKey>(new Reason($"220 There is no key {keyNumber}.", "Check the number.")));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static IssuedKey Issued(ChanceKey key) => new()
    {
        KeyNumber = key.Number,
        ExpirationDate = key.Asked.BillType == BillType.Lease ? DateOnly.FromDateTime(key.From.UtcDateTime).AddDays(40) : null,
        AdditionalKeys = [.. key.Asked.AddOns.Select((addOn, i) => new AdditionalKey($"A{i}{key.Number}", addOn, null, null))],
        Terminated = key.Terminated,
    };

    private Task<Answer<T>> ReadAsync<T>(string verb, string subject, Func<T> act, bool refuses = true) => Task.FromResult(Draw(verb, subject) switch
    {
        < 8 => Answer.NotDone<T>(new Reason("The chance issuer could not be reached.", "It is tried again.")),
        < 14 => Answer.Unknown<T>(Silence),
        < 18 when refuses => Answer.Refused<T>(new Reason($"228 Refused by chance: {verb}.", "Resubmit.")),
        _ => Answer.Done(act()),
    });

    private ChanceKey Make(IssueRequest request, TimeSpan late)
    {
        lock (_keys)
        {
            var n = _keys.Values.Count(k => k.Asked.LicenseId == request.LicenseId);
            var number = string.Create(CultureInfo.InvariantCulture, $"LIFE.{request.LicenseId:00000}{n:000}.0000");
            return _keys[number] = new ChanceKey(number, request.Trace, request, time.GetUtcNow() + late);
        }
    }

    private int Draw(string verb, string subject)
    {
        var n = _tries.AddOrUpdate($"{verb}/{subject}", 1, (_, before) => before + 1);
        return Good ? 99 : Chance(seed, $"{verb}/{(verb == "find" ? "" : subject)}/{n}");
    }

    public static int Chance(int seed, string of) =>
        (int)(BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{of}")))) % 100);
}

/// <summary>An installer of the same kind.</summary>
internal sealed class ChanceInstaller(int seed) : IPluginFactory, IInstaller
{
    private readonly ConcurrentDictionary<int, int> _tries = new();

    public bool Good { get; set; }

    public PluginManifest Manifest { get; } = new("installer.chance", "Chance installer", "Answers by chance.", []);

    public IPlugin Create(PluginContext context) => this;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked("It answers.")));

    public Task<Answer<Installation>> InstallAsync(InstallRequest request, CancellationToken cancellation)
    {
        var n = _tries.AddOrUpdate(request.LicenseId, 1, (_, before) => before + 1);
        return Task.FromResult((Good ? 99 : ChanceIssuer.Chance(seed, string.Create(CultureInfo.InvariantCulture, $"install/{request.LicenseId}/{n}"))) switch
        {
            < 10 => Answer.NotDone<Installation>(new Reason("The machine could not be reached.", "It is tried again.")),
            < 18 => Answer.Unknown<Installation>(new Reason("The machine gave no answer.", "It is tried again.")),
            < 26 => Answer.Refused<Installation>(new Reason("The disk is full.", "Make room.")),
            _ => Answer.Done(new Installation([.. request.Files.Select(f => $"{request.Target}/{f.KeyNumber}")])),
        });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
