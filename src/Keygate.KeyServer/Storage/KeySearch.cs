using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>States that keys are searched by.</summary>
internal enum SearchedStatus
{
    /// <summary>Works: neither terminated, suspended nor expired.</summary>
    Active,

    /// <summary>A lease that was not renewed in time.</summary>
    Expired,

    /// <summary>A lease that works, and is past its update date.</summary>
    Expiring,

    /// <summary>Ended for good.</summary>
    Terminated,

    /// <summary>Marked as problem.</summary>
    Suspended,
}

/// <summary>Sorts of keys that are searched.</summary>
internal enum SearchedType
{
    Master, Trial, Purchased, Lease, Lease1m, Lease3m, Lease6m, Lease1y, Lease2y, Lease3y,

    /// <summary>Attached to another key.</summary>
    Bundled,
}

/// <summary>Uses on several servers side by side that are searched.</summary>
internal enum SearchedFraud
{
    /// <summary>Each of the servers has reported more than once.</summary>
    ConfirmedMultiuse,

    /// <summary>Not yet so.</summary>
    PotentialMultiuse,

    /// <summary>Either.</summary>
    Multiuse,
}

/// <summary>What keys are searched by; what is null does not count.</summary>
internal sealed record KeySearchFilter
{
    /// <summary>The bound address, in the spelling that it is stored in.</summary>
    public string? Address { get; init; }

    public string? Nickname { get; init; }

    /// <summary>What the key is activated for.</summary>
    public string? Uid { get; init; }

    /// <summary>A product or product family, in any case.</summary>
    public string? Product { get; init; }

    public SearchedStatus? Status { get; init; }

    public SearchedType? Type { get; init; }

    public SearchedFraud? Fraud { get; init; }

    public bool? Restricted { get; init; }

    public bool? IsEls { get; init; }

    public required DateOnly Today { get; init; }

    /// <summary>From when on use on several servers counts.</summary>
    public required DateTimeOffset MultiUseSince { get; init; }
}

/// <summary>A key that was found.</summary>
internal readonly record struct FoundKey(int Id, string Owner, int? Parent, bool IsEls, string? ReportedOs);

/// <summary>Searches keys, however many, page by page along the index of each owner.</summary>
internal sealed class KeySearch(PriceListStore priceLists)
{
    private const int PageSize = 5000;

    /// <summary>All keys of a client, and of those below it, that the filter admits. A page is good until the next one is asked for.</summary>
    public async IAsyncEnumerable<IReadOnlyList<FoundKey>> PagesAsync(
        Database database, ClientId reach, KeySearchFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (owners, lists) = await database.ReadAsync(async s => (
            await s.QueryAsync<int>("select client_id from client_reach where ancestor_id = @reach order by client_id", new { reach }, cancellation),
            await ListsAsync(s, cancellation)), cancellation);
        if (Query.Of(filter, lists) is not { } query)
        {
            yield break;
        }

        var page = new List<FoundKey>(PageSize);
        foreach (var owner in owners)
        {
            var after = 0;
            do
            {
                page.Clear();
                await database.ReadAsync(s => query.ReadAsync(s, owner, after, page, cancellation), cancellation);
                if (page.Count > 0)
                {
                    after = page[^1].Id;
                    yield return page;
                }
            }
            while (page.Count == PageSize);
        }
    }

    private async Task<List<PriceList>> ListsAsync(Session session, CancellationToken cancellation)
    {
        var lists = new List<PriceList>();
        foreach (var id in await session.QueryAsync<PriceListId>("select id from price_lists order by id", null, cancellation))
        {
            lists.Add(await priceLists.GetAsync(session, id, cancellation));
        }

        return lists;
    }

    /// <summary>One page's statement and its parameters.</summary>
    private sealed class Query
    {
        private readonly List<(string Name, object Value)> _parameters = [];
        private readonly List<string> _conditions = ["k.client_id = @owner", "k.id > @after"];
        private string _els = "1 = 0";

        /// <summary>The statement for a filter; null where no key can fit it.</summary>
        public static Query? Of(KeySearchFilter filter, List<PriceList> lists)
        {
            var query = new Query();
            return query.Take(filter, lists) ? query : null;
        }

        public async Task<int> ReadAsync(Session session, int owner, int after, List<FoundKey> page, CancellationToken cancellation)
        {
            await using var command = session.Connection.CreateCommand();
#pragma warning disable CA2100 // Conditions are ours; what the caller sent are parameters.
            command.CommandText = $"select k.id, k.parent_id, k.reported_os, case when {_els} then 1 else 0 end from keys k where {string.Join(" and ", _conditions)} order by k.id limit {PageSize}";
#pragma warning restore CA2100
            Add(command, "owner", owner);
            Add(command, "after", after);
            _parameters.ForEach(parameter => Add(command, parameter.Name, parameter.Value));
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            var name = owner.ToString(CultureInfo.InvariantCulture);
            while (await rows.ReadAsync(cancellation))
            {
                page.Add(new FoundKey(
                    rows.GetInt32(0), name, rows.IsDBNull(1) ? null : rows.GetInt32(1), rows.GetInt32(3) == 1, rows.IsDBNull(2) ? null : rows.GetString(2)));
            }

            return page.Count;
        }

        private bool Take(KeySearchFilter filter, List<PriceList> lists)
        {
            var today = Parameter(filter.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            _els = Els(lists);
            Where(filter.Nickname, value => $"k.nickname = {value}");
            Where(filter.Uid, value => $"k.activated_for = {value}");
            Where(filter.Address, value => $"k.id in (select a.key_id from key_addresses a where a.address = {value} and a.source = 'Bound')");
            if (filter.Restricted is { } restricted)
            {
                _conditions.Add(restricted ? "k.restrict_address" : "not k.restrict_address");
            }

            if (filter.IsEls is { } isEls)
            {
                _conditions.Add(isEls ? $"({_els})" : $"not ({_els})");
            }

            if (filter.Status is { } status)
            {
                var works = $"k.terminated_at is null and not k.problem and (k.billing = 'Purchase' or k.expiration_date > {today})";
                _conditions.Add(status switch
                {
                    SearchedStatus.Terminated => "k.terminated_at is not null",
                    SearchedStatus.Suspended => "k.terminated_at is null and k.problem",
                    SearchedStatus.Expired => $"k.terminated_at is null and not k.problem and k.billing = 'Lease' and k.expiration_date <= {today}",
                    SearchedStatus.Expiring => $"{works} and k.billing = 'Lease' and k.update_date <= {today}",
                    _ => works,
                });
            }

            if (filter.Fraud is { } fraud)
            {
                var since = Parameter(filter.MultiUseSince.ToUnixTimeMilliseconds());
                var (once, repeatedly) = (SightingStore.SideBySide("k.id", since, repeatedly: false), SightingStore.SideBySide("k.id", since, repeatedly: true));
                _conditions.Add(fraud switch
                {
                    SearchedFraud.ConfirmedMultiuse => repeatedly,
                    SearchedFraud.PotentialMultiuse => $"{once} and not {repeatedly}",
                    _ => once,
                });
            }

            return (filter.Product is not { } product || TakeKeyTypes(lists, item => Matches(item.Family, product) || Matches(item.Product, product)))
                && (filter.Type is not { } type || TakeType(lists, type));
        }

        private bool TakeType(List<PriceList> lists, SearchedType type)
        {
            switch (type)
            {
                case SearchedType.Master:
                    _conditions.Add("k.kind = 'Master'");
                    return true;
                case SearchedType.Bundled:
                    _conditions.Add("k.parent_id is not null");
                    return true;
                case SearchedType.Trial:
                    return TakeKeyTypes(lists, item => item.Trial);
                case SearchedType.Purchased:
                    _conditions.Add("k.billing = 'Purchase'");
                    return true;
                case SearchedType.Lease:
                    _conditions.Add("k.billing = 'Lease'");
                    return true;
                default:
                    _conditions.Add("k.billing = 'Lease'");
                    var months = type switch
                    {
                        SearchedType.Lease1m => 1, SearchedType.Lease3m => 3, SearchedType.Lease6m => 6, SearchedType.Lease1y => 12, SearchedType.Lease2y => 24, _ => 36,
                    };
                    return TakeKeyTypes(lists, item => Months(item.Period) == months);
            }
        }

        // Key types stand in price lists: the few that fit are named in the statement.
        private bool TakeKeyTypes(List<PriceList> lists, Func<KeyTypeItem, bool> fits)
        {
            var any = string.Join(" or ", lists
                .Select(list => (list.Id, Types: list.Items.KeyTypes.Where(fits).Select(item => item.Id).ToList()))
                .Where(list => list.Types.Count > 0)
                .Select(list => $"(k.price_list_id = {list.Id.Value.ToString(CultureInfo.InvariantCulture)} and k.key_type in ({Parameters(list.Types)}))"));
            _conditions.Add($"({any})");
            return any.Length > 0;
        }

        private string Els(List<PriceList> lists)
        {
            var any = new List<string>();
            foreach (var list in lists)
            {
                var types = list.Items.KeyTypes.Where(item => item.Els).Select(item => item.Id).ToList();
                var features = list.Items.Features.Where(item => item.Els).Select(item => item.Id).ToList();
                List<string> either = [];
                if (types.Count > 0)
                {
                    either.Add($"k.key_type in ({Parameters(types)})");
                }

                if (features.Count > 0)
                {
                    either.Add($"exists(select 1 from key_features f where f.key_id = k.id and f.feature in ({Parameters(features)}))");
                }

                if (either.Count > 0)
                {
                    any.Add($"(k.price_list_id = {list.Id.Value.ToString(CultureInfo.InvariantCulture)} and ({string.Join(" or ", either)}))");
                }
            }

            return any.Count == 0 ? "1 = 0" : string.Join(" or ", any);
        }

        private static int? Months(Period period) => period switch
        {
            { InMonths: true } => period.Count,
            { Count: >= 28 and <= 31 } => 1,
            { Count: 365 or 366 } => 12,
            _ => null,
        };

        private static bool Matches(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

        private void Where(string? value, Func<string, string> condition)
        {
            if (value is not null)
            {
                _conditions.Add(condition(Parameter(value)));
            }
        }

        private string Parameters(IEnumerable<string> values) => string.Join(", ", values.Select(Parameter));

        private string Parameter(object value)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"p{_parameters.Count}");
            _parameters.Add((name, value));
            return $"@{name}";
        }

        private static void Add(DbCommand command, string name, object value)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
    }
}
