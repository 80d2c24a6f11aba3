using System.Globalization;
using System.Text;
using Keygate.Plugins.Abstractions;

namespace Keygate.Issuers;

/// <summary>Makes keys in its own books, and misbehaves on the way to its caller. Everything it does is said in <see cref="SimulatedFactory"/>.</summary>
internal sealed class Simulated(PluginContext context) : IIssuer, IFindsKeys, IActivatesKeys, ITerminatesKeys, IShowsKeys
{
    private readonly KeyBook _book = new(context[SimulatedFactory.Journal]);
    private readonly Mishaps _mishaps = new(context);
    private readonly TimeSpan _late = TimeSpan.FromSeconds(int.Parse(context[SimulatedFactory.LateSeconds], CultureInfo.InvariantCulture));
    private readonly int _latency = int.Parse(context[SimulatedFactory.Latency], CultureInfo.InvariantCulture);
    private readonly bool _down = context[SimulatedFactory.Down] == "true";

    public TimeSpan MayStillTake => _late;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(_down
        ? Answer.NotDone<Checked>(Away)
        : Answer.Done(new Checked(string.Create(CultureInfo.InvariantCulture, $"The simulated issuer has {Present().Count} keys; no product accepts them."))));

    public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation) =>
        ActAsync("issue", request.Trace, late => Issued(Make(request, context.Time.GetUtcNow() + late)), cancellation);

    public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) => ActAsync("retrieve", keyNumber, _ => Find(keyNumber) is not { } key
        ? null
        : new RetrievedFile(keyNumber, Encoding.UTF8.GetBytes(
            $"<!-- Made by Keygate's simulated issuer. No product accepts it. -->\n<simulated-license key-number=\"{keyNumber}\" key-type=\"{System.Security.SecurityElement.Escape(key.KeyType)}\"/>\n"), "xml"), cancellation);

    public Task<Answer<ActivatedKey>> ActivateAsync(string keyNumber, ActivationData data, CancellationToken cancellation) =>
        ActAsync("activate", keyNumber, _ => Find(keyNumber) is null ? null : new ActivatedKey(keyNumber), cancellation);

    public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation) => ActAsync("terminate", keyNumber, _ => _book.With((keys, write) =>
    {
        if (!keys.TryGetValue(keyNumber, out var key))
        {
            return null;
        }

        write(key with { Terminated = true });
        return new TerminatedKey(keyNumber);
    }), cancellation);

    public Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation) => ActAsync<IReadOnlyList<IssuedKey>>(
        "find", asked.Trace, _ => [.. Present().Where(k => k.Trace == asked.Trace).Select(Issued)], cancellation);

    public Task<Answer<ShownKey>> ShowAsync(string keyNumber, CancellationToken cancellation) =>
        ActAsync("find", keyNumber, _ => Find(keyNumber) is { } key ? new ShownKey(Issued(key), key.KeyType, key.Features) : null, cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Reason Away => new("The simulated issuer is down: its settings say so.", "Switch 'Down' off in the plug-in's settings.");

    private static Reason Silent(string verb) => new($"The simulated issuer gave no answer to {verb}.", "Nothing needs to be done: it is looked into.");

    private async Task<Answer<T>> ActAsync<T>(string verb, string subject, Func<TimeSpan, T?> act, CancellationToken cancellation)
        where T : class
    {
        if (_latency > 0)
        {
            await Task.Delay(_latency, cancellation);
        }

        if (_down)
        {
            return Answer.NotDone<T>(Away);
        }

        var (mishap, words) = _mishaps.Next(verb, subject);
        switch (mishap)
        {
            case Mishap.Refuse:
                var said = words.Length > 0 ? words : "244 Refused by chance";
                return Answer.Refused<T>(new Reason($"Simulated issuer: {said}", "Change the plug-in's settings or its script, then resubmit.", said.Split(' ')[0]));
            case Mishap.NotDone:
                return Answer.NotDone<T>(new Reason("The simulated issuer could not be reached, by chance or by script.", "Nothing needs to be done: it is tried again."));
            case Mishap.Stall:
                return Answer.Unknown<T>(Silent(verb));
            case Mishap.AnswerLate:
                _ = act(_late);
                return Answer.Unknown<T>(Silent(verb));
            default:
                var result = act(TimeSpan.Zero);
                return mishap == Mishap.LoseAnswer ? Answer.Unknown<T>(Silent(verb))
                    : result is not null ? Answer.Done(result)
                    : Answer.Refused<T>(new Reason($"Simulated issuer: 220 There is no key {subject}.", "Check the key number.", "220"));
        }
    }

    private BookedKey Make(IssueRequest request, DateTimeOffset from) => _book.With((keys, write) =>
    {
        var number = KeyBook.NextNumber(keys);
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

    private BookedKey? Find(string keyNumber) => Present().Find(k => k.Number == keyNumber || k.AddOns.Any(a => a.Number == keyNumber));

    private static IssuedKey Issued(BookedKey key) => new()
    {
        KeyNumber = key.Number,
        ExpirationDate = key.Lease ? DateOnly.FromDateTime(key.From.UtcDateTime).AddMonths(1).AddDays(10) : null,
        UpdateDate = key.Lease ? DateOnly.FromDateTime(key.From.UtcDateTime).AddMonths(1) : null,
        AdditionalKeys = [.. key.AddOns.Select(a => new AdditionalKey(a.Number, a.KeyType, null, null))],
        Terminated = key.Terminated,
    };
}
