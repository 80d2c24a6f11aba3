using System.Globalization;
using System.Text;
using Keygate.Plugins.Abstractions;
using Keygate.Plugins.Sandbox;

namespace Keygate.Issuers;

/// <summary>Makes keys in its own books, and misbehaves on the way to its caller. Everything it does is said in <see cref="SimulatedFactory"/>.</summary>
internal sealed class Simulated(PluginContext context) : IIssuer, IFindsKeys, IActivatesKeys, ITerminatesKeys, IShowsKeys
{
    private readonly Journal<BookedKey> _book = new(context[SandboxKind.Journal], key => key.Number);
    private readonly Misbehaviour _misbehaviour = new(SimulatedFactory.Sandbox, context);

    public TimeSpan MayStillTake => _misbehaviour.Late;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(_misbehaviour.Check(
        () => string.Create(CultureInfo.InvariantCulture, $"The simulated issuer has {Present().Count} keys; no product accepts them.")));

    public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation) =>
        // Chance goes by the license, since the trace is drawn anew in each run: the same seed brings the same mishaps.
        _misbehaviour.ActAsync("issue", FormattableString.Invariant($"license/{request.LicenseId}"), late => Answer.Done(Issued(Make(request, context.Time.GetUtcNow() + late))), cancellation);

    public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) => OfKeyAsync("retrieve", keyNumber, key => new RetrievedFile(
        keyNumber, Encoding.UTF8.GetBytes(
            $"<!-- Made by Keygate's simulated issuer. No product accepts it. -->\n<simulated-license key-number=\"{keyNumber}\" key-type=\"{System.Security.SecurityElement.Escape(key.KeyType)}\"/>\n"),
        "xml"), cancellation);

    public Task<Answer<ActivatedKey>> ActivateAsync(string keyNumber, ActivationData data, CancellationToken cancellation) =>
        OfKeyAsync("activate", keyNumber, _ => new ActivatedKey(keyNumber), cancellation);

    public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation) => OfKeyAsync("terminate", keyNumber, key => _book.With((keys, write) =>
    {
        // As at a Key Administrator: one key ends, and nothing that belongs to it.
        var present = keys[key.Number];
        write(present.Number == keyNumber
            ? present with { Terminated = true }
            : present with { AddOns = [.. present.AddOns.Select(a => a.Number == keyNumber ? a with { Terminated = true } : a)] });
        return new TerminatedKey(keyNumber);
    }), cancellation);

    public Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation) => _misbehaviour.ActAsync(
        "find", asked.Trace, _ => Answer.Done<IReadOnlyList<IssuedKey>>([.. Present().Where(k => k.Trace == asked.Trace).Select(Issued)]), cancellation);

    public Task<Answer<ShownKey>> ShowAsync(string keyNumber, CancellationToken cancellation) =>
        OfKeyAsync("find", keyNumber, key => new ShownKey(Issued(key), key.KeyType, key.Features), cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<Answer<T>> OfKeyAsync<T>(string verb, string keyNumber, Func<BookedKey, T> act, CancellationToken cancellation) => _misbehaviour.ActAsync(
        verb, keyNumber, _ => Present().Find(k => k.Number == keyNumber || k.AddOns.Any(a => a.Number == keyNumber)) is { } key
            ? Answer.Done(act(key))
            : Answer.Refused<T>(_misbehaviour.Says($"220 There is no key {keyNumber}.", "Check the key number.")), cancellation);

    private BookedKey Make(IssueRequest request, DateTimeOffset from) => _book.With((keys, write) =>
    {
        var number = BookedKey.NextNumber(keys.Values);
        var first = int.Parse(number.Split('.')[1], CultureInfo.InvariantCulture);
        var key = new BookedKey(
            number, request.Trace, request.KeyType, [.. request.Features],
            [.. request.AddOns.Select((addOn, i) => new BookedAddOn(string.Create(CultureInfo.InvariantCulture, $"SIMA.{first + 1 + i:00000000}.0000"), addOn))],
            request.BillType == BillType.Lease, from, Terminated: false);
        write(key);
        return key;
    });

    // A late request's key is in the books with its time, and nobody sees it before.
    private List<BookedKey> Present() => _book.With((keys, _) => keys.Values.Where(k => k.From <= context.Time.GetUtcNow()).ToList());

    private static IssuedKey Issued(BookedKey key) => new()
    {
        KeyNumber = key.Number,
        ExpirationDate = key.Lease ? DateOnly.FromDateTime(key.From.UtcDateTime).AddMonths(1).AddDays(10) : null,
        UpdateDate = key.Lease ? DateOnly.FromDateTime(key.From.UtcDateTime).AddMonths(1) : null,
        AdditionalKeys = [.. key.AddOns.Select(a => new AdditionalKey(a.Number, a.KeyType, null, null))],
        Terminated = key.Terminated,
    };
}
