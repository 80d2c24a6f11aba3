using System.Globalization;
using System.Text;
using Keygate.Plugins.Abstractions;
using Keygate.Plugins.Sandbox;

namespace Keygate.Issuers;

/// <summary>Makes keys in its own books, and misbehaves on the way to its caller. Everything it does is said in <see cref="SimulatedFactory"/>.</summary>
internal sealed class Simulated(PluginContext context) : IIssuer, IFindsKeys, IActivatesKeys, IRenewsKeys, IChangesKeys, ISuspendsKeys, ITerminatesKeys, IListsKeys, IListsOffer
{
    private const int Grace = 10, PageSize = 500;

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
        write(Is(present.Number, keyNumber)
            ? present with { Terminated = true }
            : present with { AddOns = [.. present.AddOns.Select(a => Is(a.Number, keyNumber) ? a with { Terminated = true } : a)] });
        return new TerminatedKey(keyNumber);
    }), cancellation);

    /// <summary>Any plan leads from anything to anything here; a key that is so already takes no revision.</summary>
    public Task<Answer<ChangedKey>> ChangeAsync(KeyChange change, CancellationToken cancellation) => _misbehaviour.ActAsync("change", change.KeyNumber, _ => _book.With((keys, write) =>
    {
        if (keys.Values.FirstOrDefault(k => Is(k.Number, change.KeyNumber) && k.From <= context.Time.GetUtcNow()) is not { } key)
        {
            return Unknown<ChangedKey>(change.KeyNumber);
        }

        if (key.Terminated || key.Suspended)
        {
            return Answer.Refused<ChangedKey>(_misbehaviour.Says(
                key.Terminated ? $"222 {change.KeyNumber} is terminated." : $"221 {change.KeyNumber} is marked as problem.", "Have it released, or request a new license."));
        }

        var serial = keys.Values.Sum(k => 1 + k.AddOns.Count) + 1;
        var come = change.AddOns.Where(a => key.AddOns.All(k => k.KeyType != a || k.Terminated))
            .Select((a, i) => new BookedAddOn(string.Create(CultureInfo.InvariantCulture, $"SIMA.{serial + i:00000000}.0000"), a)).ToList();
        var changed = key with
        {
            KeyType = change.KeyType ?? key.KeyType, Features = [.. key.Features.Except(change.Takes).Union(change.Brings).Order(StringComparer.Ordinal)], AddOns = [.. key.AddOns, .. come],
        };
        if (changed.KeyType != key.KeyType || come.Count > 0 || !changed.Features.ToHashSet().SetEquals(key.Features))
        {
            changed = changed with { Revision = key.Revision + 1 };
            write(changed);
        }

        var issued = Issued(changed);
        return Answer.Done(new ChangedKey(issued.KeyNumber, issued.ExpirationDate, issued.UpdateDate)
        {
            AdditionalKeys = [.. changed.AddOns.Where(a => !a.Terminated && change.AddOns.Contains(a.KeyType)).Select(a => new AdditionalKey(a.Number, a.KeyType, null, null))],
        });
    }), cancellation);

    public Task<Answer<SuspendedKey>> SuspendAsync(string keyNumber, CancellationToken cancellation) => StandAsync("suspend", keyNumber, suspended: true, cancellation);

    public Task<Answer<SuspendedKey>> ResumeAsync(string keyNumber, CancellationToken cancellation) => StandAsync("resume", keyNumber, suspended: false, cancellation);

    public Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation) => _misbehaviour.ActAsync(
        "find", asked.Trace, _ => Answer.Done<IReadOnlyList<IssuedKey>>([.. Present().Where(k => k.Trace == asked.Trace).Select(Issued)]), cancellation);

    public Task<Answer<ShownKey>> ShowAsync(string keyNumber, CancellationToken cancellation) =>
        OfKeyAsync("find", keyNumber, key => key.AddOns.FirstOrDefault(a => Is(a.Number, keyNumber)) is { } addOn ? Shown(key, addOn) : Shown(key), cancellation);

    public Task<Answer<KeyPage>> ListAsync(string? after, CancellationToken cancellation) => _misbehaviour.ActAsync("list", after ?? "", _ =>
    {
        // Additional keys stand in the same sequence as main ones, under a prefix of their own.
        var keys = Present().SelectMany(key => key.AddOns.Select(a => Shown(key, a)).Prepend(Shown(key)))
            .Where(k => after is null || string.CompareOrdinal(BookedKey.Stem(k.Issued.KeyNumber), after) > 0)
            .OrderBy(k => BookedKey.Stem(k.Issued.KeyNumber), StringComparer.Ordinal).Take(PageSize).ToList();
        return Answer.Done(new KeyPage(keys, keys.Count < PageSize ? null : BookedKey.Stem(keys[^1].Issued.KeyNumber)));
    }, cancellation);

    /// <summary>What its settings list; with nothing listed it takes any order, as a sandbox should.</summary>
    public Task<Answer<IssuerOffer>> GetOfferAsync(CancellationToken cancellation) => _misbehaviour.ActAsync("offer", "offer", _ =>
    {
        var (keyTypes, features) = (Words(SimulatedFactory.KeyTypes), Words(SimulatedFactory.Features));
        return Answer.Done(new IssuerOffer(keyTypes, features)
        {
            Everything = keyTypes.Length + features.Length == 0,
            Raw = keyTypes.Length + features.Length == 0 ? "Any key type and feature." : $"Key types: {string.Join(", ", keyTypes)}. Features: {string.Join(", ", features)}.",
        });
    }, cancellation);

    private string[] Words(string setting) => context[setting].Split((char[])[' ', ',', ';', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);

    public Task<Answer<RenewedKey>> RenewAsync(string keyNumber, CancellationToken cancellation) => _misbehaviour.ActAsync("renew", keyNumber, late => _book.With((keys, write) =>
    {
        if (keys.Values.FirstOrDefault(k => Is(k.Number, keyNumber) && k.From <= context.Time.GetUtcNow()) is not { } key)
        {
            return Unknown<RenewedKey>(keyNumber);
        }

        if (key.Terminated || !key.Lease)
        {
            return Answer.Refused<RenewedKey>(key.Terminated
                ? _misbehaviour.Says($"222 {keyNumber} is terminated.", "The key cannot be used again; request a new license.")
                : _misbehaviour.Says($"285 {keyNumber} is a purchased key.", "It needs no renewal."));
        }

        var renewed = key.Renewed(DateOnly.FromDateTime((context.Time.GetUtcNow() + late).UtcDateTime));
        write(renewed);
        return Answer.Done(new RenewedKey(renewed.Present, renewed.UpdateDate.AddDays(Grace), renewed.UpdateDate));
    }), cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<Answer<SuspendedKey>> StandAsync(string verb, string keyNumber, bool suspended, CancellationToken cancellation) => OfKeyAsync(verb, keyNumber, key => _book.With((keys, write) =>
    {
        var present = keys[key.Number];
        write(Is(present.Number, keyNumber)
            ? present with { Suspended = suspended }
            : present with { AddOns = [.. present.AddOns.Select(a => Is(a.Number, keyNumber) ? a with { Suspended = suspended } : a)] });
        return new SuspendedKey(keyNumber, suspended);
    }), cancellation);

    private Task<Answer<T>> OfKeyAsync<T>(string verb, string keyNumber, Func<BookedKey, T> act, CancellationToken cancellation) => _misbehaviour.ActAsync(
        verb, keyNumber, _ => Present().Find(k => Is(k.Number, keyNumber) || k.AddOns.Any(a => Is(a.Number, keyNumber))) is { } key
            ? Answer.Done(act(key))
            : Unknown<T>(keyNumber), cancellation);

    private Answer<T> Unknown<T>(string keyNumber) => Answer.Refused<T>(_misbehaviour.Says($"220 There is no key {keyNumber}.", "Check the key number."));

    private static bool Is(string number, string asked) => BookedKey.Stem(number) == BookedKey.Stem(asked);

    private static ShownKey Shown(BookedKey key) => new(Issued(key), key.KeyType, key.Features) { BillType = BillTypeOf(key), Suspended = key.Suspended };

    private static ShownKey Shown(BookedKey key, BookedAddOn addOn) =>
        new(new IssuedKey { KeyNumber = addOn.Number, Terminated = addOn.Terminated }, addOn.KeyType, []) { BillType = BillTypeOf(key), Suspended = addOn.Suspended };

    private static BillType BillTypeOf(BookedKey key) => key.Lease ? BillType.Lease : BillType.Purchase;

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
        KeyNumber = key.Present,
        ExpirationDate = key.Lease ? key.UpdateDate.AddDays(Grace) : null,
        UpdateDate = key.Lease ? key.UpdateDate : null,
        AdditionalKeys = [.. key.AddOns.Select(a => new AdditionalKey(a.Number, a.KeyType, null, null))],
        Terminated = key.Terminated,
    };
}
