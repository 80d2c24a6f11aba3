using System.Collections.Concurrent;
using System.Text;
using Keygate.Plugins.Abstractions;

namespace Keygate.Tests.Licensing.SyncLicense;

/// <summary>
/// An issuer whose books a test may change behind Keygate's back. The kind <c>issuer.books</c> shows single keys, <c>issuer.streaming-books</c> hands out all of them, page by page.
/// </summary>
internal sealed class IssuerBooks(bool streaming) : IPluginFactory
{
    private int _last;
    private int _shown;
    private int _pages;

    public ConcurrentDictionary<string, ShownKey> Keys { get; } = new(StringComparer.Ordinal);

    public int PageSize { get; set; } = 2;

    /// <summary>How many single keys were asked for.</summary>
    public int Shown => _shown;

    /// <summary>How many pages were asked for.</summary>
    public int Pages => _pages;

    public PluginManifest Manifest { get; } = new(streaming ? "issuer.streaming-books" : "issuer.books", "Books", "Keys in memory.", []);

    public IPlugin Create(PluginContext context) => streaming ? new StreamingBook(this) : new Book(this);

    /// <summary>Changes a key there.</summary>
    public void Change(string number, Func<ShownKey, ShownKey> change) => Keys[Stem(number)] = change(Keys[Stem(number)]);

    /// <summary>Makes a key that nobody here asked for.</summary>
    public string Make(string keyType, bool terminated = false)
    {
        var number = Next("BOOK");
        Keys[Stem(number)] = new ShownKey(new IssuedKey { KeyNumber = number, Terminated = terminated }, keyType, []);
        return number;
    }

    private static string Stem(string number) => number[..number.LastIndexOf('.')];

    private string Next(string prefix) => FormattableString.Invariant($"{prefix}.{Interlocked.Increment(ref _last):00000000}.0000");

    private class Book(IssuerBooks books) : IIssuer, IRenewsKeys, ITerminatesKeys
    {
        public TimeSpan MayStillTake => TimeSpan.Zero;

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked("The books are open.")));

        public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation)
        {
            var addOns = request.AddOns.Select(a => new AdditionalKey(books.Next("ADDK"), a, null, null)).ToList();
            var lease = request.BillType == BillType.Lease;
            var issued = new IssuedKey
            {
                KeyNumber = books.Next("BOOK"), ExpirationDate = lease ? new DateOnly(2026, 3, 11) : null, UpdateDate = lease ? new DateOnly(2026, 3, 1) : null, AdditionalKeys = addOns,
                ActivationCode = "A00000-SECRET",
            };
            books.Keys[Stem(issued.KeyNumber)] = new ShownKey(issued, request.KeyType, request.Features) { BillType = request.BillType };
            foreach (var addOn in addOns)
            {
                books.Keys[Stem(addOn.KeyNumber)] = new ShownKey(new IssuedKey { KeyNumber = addOn.KeyNumber }, addOn.KeyType, []) { BillType = request.BillType };
            }

            return Task.FromResult(Answer.Done(issued));
        }

        public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) =>
            Task.FromResult(Answer.Done(new RetrievedFile(books.Keys[Stem(keyNumber)].Issued.KeyNumber, Encoding.UTF8.GetBytes($"<key>{keyNumber}</key>"), "xml")));

        public Task<Answer<ShownKey>> ShowAsync(string keyNumber, CancellationToken cancellation)
        {
            Interlocked.Increment(ref books._shown);
            return Task.FromResult(books.Keys.TryGetValue(Stem(keyNumber), out var key) ? Answer.Done(key) : Answer.Refused<ShownKey>(new Reason("220 no such key", "Check the number.", "220")));
        }

        public Task<Answer<RenewedKey>> RenewAsync(string keyNumber, CancellationToken cancellation) =>
            Task.FromResult(Answer.Refused<RenewedKey>(new Reason("285 not now", "Wait.", "285")));

        public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation)
        {
            books.Change(keyNumber, k => k with { Issued = k.Issued with { Terminated = true } });
            return Task.FromResult(Answer.Done(new TerminatedKey(keyNumber)));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class StreamingBook(IssuerBooks books) : Book(books), IListsKeys
    {
        private readonly IssuerBooks _books = books;

        public Task<Answer<KeyPage>> ListAsync(string? after, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _books._pages);
            var page = _books.Keys.Where(k => after is null || string.CompareOrdinal(k.Key, after) > 0).OrderBy(k => k.Key, StringComparer.Ordinal).Take(_books.PageSize).ToList();
            return Task.FromResult(Answer.Done(new KeyPage([.. page.Select(k => k.Value)], page.Count < _books.PageSize ? null : page[^1].Key)));
        }
    }
}
