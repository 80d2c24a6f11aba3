using System.Globalization;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Who named an address of a key.</summary>
internal enum AddressSource
{
    /// <summary>The order that made the key.</summary>
    Given,

    /// <summary>A partner, to fetch the key by it.</summary>
    Bound,

    /// <summary>The product itself.</summary>
    Reported,
}

/// <summary>Keys in the database.</summary>
internal sealed class KeyStore
{
    public const string Columns =
        """
        k.id, k.prefix, k.revision, k.client_id, k.price_list_id, k.key_type, k.kind, k.billing, k.parent_id, k.activation_code, k.activation, k.activated_at,
        k.activated_for, k.start_date, k.terms, k.update_date, k.expiration_date, k.sus_date, k.update_ticket, k.problem, k.terminated_at, k.reported_at,
        k.reported_version, k.reported_os, k.nickname, k.auto_renew, k.restrict_address, k.product_configuration_id, k.activations_left, k.activations_month,
        k.vendor_id, k.awaits_vendor, k.created_at, k.changed_at
        """;

    /// <summary>What holds for a key that the key server may renew by itself, as far as the key alone says it.</summary>
    public const string RenewsItself = "keys.terminated_at is null and keys.auto_renew and not keys.problem";

    /// <summary>The key of a number or activation code; the number's prefix must be the key's own.</summary>
    public Task<KeyRow?> FindAsync(Session session, KeyName name, CancellationToken cancellation) => FindAsync(session, name, "", cancellation);

    /// <summary>The same, held until the transaction ends.</summary>
    public Task<KeyRow?> HoldAsync(Tx tx, KeyName name, CancellationToken cancellation) => FindAsync(tx, name, tx.Dialect.ForUpdate, cancellation);

    /// <summary>Keys by their numbers.</summary>
    public Question<KeyRow> Ask(Session session, int[] ids, CancellationToken cancellation) =>
        session.Ask<KeyRow>($"select {Columns} from keys k where k.id {session.Dialect.AnyOf("ids")}", new { ids }, cancellation);

    /// <summary>The keys attached to several, terminated ones included.</summary>
    public Question<KeyRow> AskAttached(Session session, int[] parents, CancellationToken cancellation) =>
        session.Ask<KeyRow>($"select {Columns} from keys k where k.parent_id {session.Dialect.AnyOf("parents")} order by k.id", new { parents }, cancellation);

    /// <summary>The features of several keys.</summary>
    public Question<FeatureOfKey> AskFeatures(Session session, int[] ids, CancellationToken cancellation) =>
        session.Ask<FeatureOfKey>(
            $"select key_id, feature, billing, quantity from key_features where key_id {session.Dialect.AnyOf("ids")} order by key_id, feature", new { ids }, cancellation);

    /// <summary>The addresses of several keys.</summary>
    public Question<AddressOfKey> AskAddresses(Session session, int[] ids, CancellationToken cancellation) =>
        session.Ask<AddressOfKey>(
            $"select key_id, source, address from key_addresses where key_id {session.Dialect.AnyOf("ids")} order by key_id, source, address", new { ids }, cancellation);

    /// <summary>The keys attached to a key, terminated ones included.</summary>
    public Task<List<KeyRow>> AttachedAsync(Session session, KeyId parent, CancellationToken cancellation) =>
        session.QueryAsync<KeyRow>($"select {Columns} from keys k where k.parent_id = @parent order by k.id", new { parent }, cancellation);

    /// <summary>The keys of a client, and of those below it, with one of the addresses, whoever named it, terminated ones included.</summary>
    public Task<List<KeyRow>> WithAddressAsync(Session session, ClientId client, IReadOnlyList<string> addresses, CancellationToken cancellation) =>
        session.QueryAsync<KeyRow>(
            $"""
            select {Columns} from keys k
            where k.client_id in (select r.client_id from client_reach r where r.ancestor_id = @client) and k.id in (select a.key_id from key_addresses a where a.address in ({Names(addresses.Count)}))
            order by k.id
            """, Parameters(addresses, ("client", client)), cancellation);

    /// <summary>The newest keys with an address, whoever owns them and named it.</summary>
    public Task<List<KeyRow>> WithAddressAsync(Session session, string address, int limit, CancellationToken cancellation) =>
        session.QueryAsync<KeyRow>(
            $"select {Columns} from keys k where k.id in (select a.key_id from key_addresses a where a.address = @address) order by k.id desc limit @limit", new { address, limit }, cancellation);

    /// <summary>A page of keys, the newest first.</summary>
    public Task<List<KeyRow>> PageAsync(Session session, ClientId? client, KeyId? number, KeyId? before, int limit, CancellationToken cancellation)
    {
        var filters = new List<string>();
        if (client is not null)
        {
            filters.Add("k.client_id = @client");
        }

        if (number is not null)
        {
            filters.Add("k.id = @number");
        }

        if (before is not null)
        {
            filters.Add("k.id < @before");
        }

        var where = filters.Count == 0 ? "" : $"where {string.Join(" and ", filters)}";
        return session.QueryAsync<KeyRow>($"select {Columns} from keys k {where} order by k.id desc limit @limit", new { client, number, before, limit }, cancellation);
    }

    public Task<List<KeyFeatureRow>> FeaturesAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.QueryAsync<KeyFeatureRow>("select feature, billing, quantity from key_features where key_id = @key order by feature", new { key }, cancellation);

    public Task<List<AddressRow>> AddressesAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.QueryAsync<AddressRow>("select source, address from key_addresses where key_id = @key order by source, address", new { key }, cancellation);

    /// <summary>Adds a key and gives it the next number.</summary>
    public async Task<KeyId> AddAsync(Tx tx, KeyRow key, DateTimeOffset now, CancellationToken cancellation) =>
        KeyId.Of((int)await tx.InsertAsync(
            """
            insert into keys(prefix, revision, client_id, price_list_id, key_type, kind, billing, parent_id, activation_code, activation, activated_at, activated_for,
              start_date, terms, update_date, expiration_date, sus_date, update_ticket, problem, nickname, auto_renew, restrict_address, vendor_id, awaits_vendor,
              created_at, changed_at)
            values (@Prefix, @Revision, @ClientId, @PriceListId, @KeyType, @Kind, @Billing, @ParentId, @ActivationCode, @Activation, @ActivatedAt, @ActivatedFor,
              @StartDate, @Terms, @UpdateDate, @ExpirationDate, @SusDate, @UpdateTicket, @Problem, @Nickname, @AutoRenew, @RestrictAddress, @VendorId, @AwaitsVendor,
              @now, @now) returning id
            """,
            new
            {
                key.Prefix, key.Revision, key.ClientId, key.PriceListId, key.KeyType, Kind = key.Kind.ToString(), Billing = key.Billing.ToString(), key.ParentId,
                key.ActivationCode, Activation = key.Activation.ToString(), key.ActivatedAt, key.ActivatedFor, key.StartDate, key.Terms, key.UpdateDate,
                key.ExpirationDate, key.SusDate, key.UpdateTicket, key.Problem, key.Nickname, key.AutoRenew, key.RestrictAddress, key.VendorId, key.AwaitsVendor, now,
            }, cancellation));

    /// <summary>
    /// Adds several keys that stand by themselves, with what belongs to them, and gives each its number, in their order (PostgreSQL): a statement for each would cost the server more than the rows do.
    /// </summary>
    public async Task<List<KeyId>> AddAtOnceAsync(Tx tx, IReadOnlyList<PlainKey> keys, CancellationToken cancellation)
    {
        var now = keys.Max(k => k.Row.CreatedAt);
        T[] Of<T>(Func<KeyRow, T> column) => [.. keys.Select(k => column(k.Row))];
        var numbers = (await tx.QueryAsync<NumberOfCode>(
            """
            insert into keys(prefix, revision, client_id, price_list_id, key_type, kind, billing, activation_code, activation, start_date, terms, update_date, expiration_date, sus_date,
              update_ticket, problem, nickname, auto_renew, restrict_address, awaits_vendor, created_at, changed_at)
            select n.prefix, 0, n.client, n.list, n.key_type, n.kind, n.billing, n.code, n.activation, n.start, n.terms, n.due, n.expiration, n.sus, n.ticket, false, n.nickname, n.auto_renew, n.restricted,
              false, @now, @now
            from unnest(@prefixes, @clients, @lists, @keyTypes, @kinds, @billings, @codes, @activations, @starts, @terms, @updates, @expirations, @sus, @tickets, @nicknames, @autoRenew, @restricted)
              as n(prefix, client, list, key_type, kind, billing, code, activation, start, terms, due, expiration, sus, ticket, nickname, auto_renew, restricted)
            returning id, activation_code
            """,
            new
            {
                prefixes = Of(k => k.Prefix), clients = Of(k => k.ClientId.Value), lists = Of(k => k.PriceListId.Value), keyTypes = Of(k => k.KeyType), kinds = Of(k => k.Kind.ToString()),
                billings = Of(k => k.Billing.ToString()), codes = Of(k => k.ActivationCode), activations = Of(k => k.Activation.ToString()), starts = Of(k => Text(k.StartDate)), terms = Of(k => k.Terms),
                updates = Of(k => Text(k.UpdateDate)), expirations = Of(k => Text(k.ExpirationDate)), sus = Of(k => k.SusDate is { } sus ? Text(sus) : null), tickets = Of(k => k.UpdateTicket),
                nicknames = Of(k => k.Nickname), autoRenew = Of(k => k.AutoRenew), restricted = Of(k => k.RestrictAddress), now,
            }, cancellation)).ToDictionary(row => row.ActivationCode, row => row.Id, StringComparer.Ordinal);
        List<KeyId> ids = [.. keys.Select(k => KeyId.Of(numbers[k.Row.ActivationCode]))];
        var all = keys.Zip(ids, (key, id) => (Key: key, Id: id.Value)).ToList();
        var features = all.SelectMany(k => k.Key.Features, (k, feature) => (k.Id, Feature: feature)).ToList();
        if (features.Count > 0)
        {
            await tx.LaterAsync(
                "insert into key_features(key_id, feature, billing, quantity) select * from unnest(@ids, @features, @billings, @quantities)",
                new
                {
                    ids = features.Select(f => f.Id).ToArray(), features = features.Select(f => f.Feature.Feature).ToArray(), billings = features.Select(f => f.Feature.Billing?.ToString()).ToArray(),
                    quantities = features.Select(f => f.Feature.Quantity).ToArray(),
                }, cancellation);
        }

        var addresses = all.SelectMany(k => k.Key.Addresses, (k, address) => (k.Id, Address: address)).ToList();
        if (addresses.Count > 0)
        {
            await tx.LaterAsync(
                "insert into key_addresses(key_id, source, address) select n.id, 'Given', n.address from unnest(@ids, @addresses) as n(id, address) on conflict (key_id, source, address) do nothing",
                new { ids = addresses.Select(a => a.Id).ToArray(), addresses = addresses.Select(a => a.Address).ToArray() }, cancellation);
        }

        var lines = all.SelectMany(k => k.Key.Lines.Index(), (k, line) => (k.Id, Position: line.Index, line.Item)).ToList();
        if (lines.Count > 0)
        {
            await tx.LaterAsync(
                "insert into key_items(key_id, position, feature, quantity, external_id) select * from unnest(@ids, @positions, @features, @quantities, @externalIds)",
                new
                {
                    ids = lines.Select(l => l.Id).ToArray(), positions = lines.Select(l => l.Position).ToArray(), features = lines.Select(l => l.Item.Feature).ToArray(),
                    quantities = lines.Select(l => l.Item.Quantity).ToArray(), externalIds = lines.Select(l => l.Item.ExternalId).ToArray(),
                }, cancellation);
        }

        await tx.LaterAsync(
            "insert into key_history(key_id, revision, act, detail, actor, at) select n.id, 0, 'created', n.detail, n.actor, @now from unnest(@ids, @details, @actors) as n(id, detail, actor)",
            new
            {
                ids = all.Select(k => k.Id).ToArray(), details = keys.Select(k => k.Detail).ToArray(), actors = keys.Select(k => k.Actor).ToArray(), now,
            }, cancellation);
        return ids;
    }

    public async Task AddFeaturesAsync(Tx tx, KeyId key, IReadOnlyList<KeyFeatureRow> features, CancellationToken cancellation)
    {
        if (features.Count == 0)
        {
            return;
        }

        var values = new List<string>();
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal) { ["key"] = key };
        foreach (var feature in features)
        {
            var i = values.Count;
            values.Add(FormattableString.Invariant($"(@key, @f{i}, @b{i}, @q{i})"));
            parameters[FormattableString.Invariant($"f{i}")] = feature.Feature;
            parameters[FormattableString.Invariant($"b{i}")] = feature.Billing?.ToString();
            parameters[FormattableString.Invariant($"q{i}")] = feature.Quantity;
        }

        await tx.LaterAsync($"insert into key_features(key_id, feature, billing, quantity) values {string.Join(", ", values)}", parameters, cancellation);
    }

    public Task RemoveFeatureAsync(Tx tx, KeyId key, string feature, CancellationToken cancellation) =>
        tx.ExecuteAsync("delete from key_features where key_id = @key and feature = @feature", new { key, feature }, cancellation);

    public async Task AddAddressesAsync(Tx tx, KeyId key, AddressSource source, IReadOnlyList<string> addresses, CancellationToken cancellation)
    {
        if (addresses.Count > 0)
        {
            var rows = string.Join(", ", Enumerable.Range(0, addresses.Count).Select(i => FormattableString.Invariant($"(@key, @source, @p{i})")));
            await tx.LaterAsync(
                $"insert into key_addresses(key_id, source, address) values {rows} on conflict (key_id, source, address) do nothing",
                Parameters(addresses, ("key", key), ("source", source.ToString())), cancellation);
        }
    }

    /// <summary>Gives a key new dates and the next revision, where it may still renew by itself and has the revision that was seen; false where not.</summary>
    public async Task<bool> TryRenewAsync(Tx tx, KeyId key, int seen, KeyDates dates, DateTimeOffset now, CancellationToken cancellation) =>
        await tx.ExecuteAsync(
            $"""
            update keys set terms = @Terms, update_date = @Update, expiration_date = @Expiration, sus_date = @Sus, revision = revision + 1, changed_at = @now
            where id = @key and revision = @seen and {RenewsItself}
            """, new { key, seen, dates.Terms, dates.Update, dates.Expiration, dates.Sus, now }, cancellation) == 1;

    /// <summary>Gives the key new dates and the next revision.</summary>
    public Task SetDatesAsync(Tx tx, KeyId key, KeyDates dates, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            update keys set terms = @Terms, update_date = @Update, expiration_date = @Expiration, sus_date = @Sus, revision = revision + 1, changed_at = @now
            where id = @key
            """, new { key, dates.Terms, dates.Update, dates.Expiration, dates.Sus, now }, cancellation);

    public Task SetActivatedAsync(Tx tx, KeyId key, string? activatedFor, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set activated_at = @now, activated_for = @activatedFor, changed_at = @now where id = @key", new { key, activatedFor, now }, cancellation);

    /// <summary>Takes the activation back, under the next revision.</summary>
    public Task SetResetAsync(Tx tx, KeyId key, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set activated_at = null, activated_for = null, revision = revision + 1, changed_at = @now where id = @key", new { key, now }, cancellation);

    /// <summary>Moves the activation elsewhere, under the next revision.</summary>
    public Task SetTransferredAsync(Tx tx, KeyId key, string activatedFor, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update keys set activated_for = @activatedFor, revision = revision + 1, changed_at = @now where id = @key", new { key, activatedFor, now }, cancellation);

    /// <summary>Gives the key another key type or end of updates, under the next revision.</summary>
    public Task SetContentAsync(Tx tx, KeyRow content, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update keys set key_type = @KeyType, activation = @activation, terms = @Terms, sus_date = @SusDate, revision = @Revision, changed_at = @now where id = @Id",
            new { content.Id, content.KeyType, activation = content.Activation.ToString(), content.Terms, content.SusDate, content.Revision, now }, cancellation);

    public Task SetProductConfigurationAsync(Tx tx, KeyId key, ProductConfigurationId? configuration, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update keys set product_configuration_id = @configuration, revision = revision + 1, changed_at = @now where id = @key", new { key, configuration, now }, cancellation);

    /// <summary>Attaches the key to another, or detaches it.</summary>
    public Task SetParentAsync(Tx tx, KeyId key, KeyId? parent, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set parent_id = @parent, changed_at = @now where id = @key", new { key, parent, now }, cancellation);

    /// <summary>The key that an address is bound to, whoever owns it.</summary>
    public Task<KeyRow?> FindBoundAsync(Session session, string address, CancellationToken cancellation) =>
        session.FindAsync<KeyRow>(
            $"select {Columns} from keys k join key_addresses a on a.key_id = k.id where a.address = @address and a.source = 'Bound'", new { address }, cancellation);

    public Task<string?> FindBindingAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.FindAsync<string>("select address from key_addresses where key_id = @key and source = 'Bound'", new { key }, cancellation);

    /// <summary>Binds the key to an address, in place of the one it had. False when another key was bound to the address meanwhile.</summary>
    public async Task<bool> AddBindingAsync(Tx tx, KeyId key, string address, CancellationToken cancellation)
    {
        await RemoveBindingAsync(tx, key, cancellation);
        return await tx.ExecuteAsync(
            "insert into key_addresses(key_id, source, address) values (@key, 'Bound', @address) on conflict do nothing", new { key, address }, cancellation) == 1;
    }

    public Task RemoveBindingAsync(Tx tx, KeyId key, CancellationToken cancellation) =>
        tx.ExecuteAsync("delete from key_addresses where key_id = @key and source = 'Bound'", new { key }, cancellation);

    public Task AddNoteAsync(Tx tx, KeyId key, string note, string author, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("insert into key_notes(key_id, note, author, at) values (@key, @note, @author, @now)", new { key, note, author, now }, cancellation);

    public Task<List<NoteRow>> NotesAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.QueryAsync<NoteRow>("select note, author, at from key_notes where key_id = @key order by id", new { key }, cancellation);

    public Task<UsageRow?> FindUsageAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.FindAsync<UsageRow>(
            "select resellers, clients, domains, addresses, product_version, reported_at from key_usage where key_id = @key", new { key }, cancellation);

    /// <summary>Keeps what the product reported, in place of what it reported before.</summary>
    public async Task SetUsageAsync(Tx tx, KeyId key, UsageRow usage, IReadOnlyList<string> addresses, string? os, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(
            """
            insert into key_usage(key_id, resellers, clients, domains, addresses, product_version, reported_at)
            values (@key, @Resellers, @Clients, @Domains, @Addresses, @ProductVersion, @ReportedAt)
            on conflict (key_id) do update set resellers = excluded.resellers, clients = excluded.clients, domains = excluded.domains, addresses = excluded.addresses,
              product_version = excluded.product_version, reported_at = excluded.reported_at
            """, new { key, usage.Resellers, usage.Clients, usage.Domains, usage.Addresses, usage.ProductVersion, usage.ReportedAt }, cancellation);
        await tx.ExecuteAsync(
            "update keys set reported_at = @ReportedAt, reported_version = @ProductVersion, reported_os = @os, changed_at = @ReportedAt where id = @key",
            new { key, usage.ReportedAt, usage.ProductVersion, os }, cancellation);
        await tx.ExecuteAsync("delete from key_addresses where key_id = @key and source = 'Reported'", new { key }, cancellation);
        await AddAddressesAsync(tx, key, AddressSource.Reported, addresses, cancellation);
    }

    public Task SetTerminatedAsync(Tx tx, KeyId key, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set terminated_at = @now, changed_at = @now where id = @key", new { key, now }, cancellation);

    public Task SetActivationsLeftAsync(Tx tx, KeyId key, int left, string month, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update keys set activations_left = @left, activations_month = @month, changed_at = @now where id = @key", new { key, left, month, now }, cancellation);

    /// <summary>Gives the key another owner, under the next revision; the old owner keeps his product configuration.</summary>
    public Task SetOwnerAsync(Tx tx, KeyId key, ClientId owner, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update keys set client_id = @owner, product_configuration_id = null, revision = revision + 1, changed_at = @now where id = @key", new { key, owner, now }, cancellation);

    /// <summary>Sets a partner's own name of a key. The file does not say it, so the revision stays.</summary>
    public Task SetNicknameAsync(Tx tx, KeyId key, string? nickname, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set nickname = @nickname, changed_at = @now where id = @key", new { key, nickname, now }, cancellation);

    public Task SetAutoRenewAsync(Tx tx, KeyId key, bool autoRenew, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set auto_renew = @autoRenew, changed_at = @now where id = @key", new { key, autoRenew, now }, cancellation);

    /// <summary>Allows the key on the bound address only, or anywhere.</summary>
    public Task SetRestrictAddressAsync(Tx tx, KeyId key, bool restrict, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set restrict_address = @restrict, changed_at = @now where id = @key", new { key, restrict, now }, cancellation);

    /// <summary>Marks the key as problem, or releases it.</summary>
    public Task SetProblemAsync(Tx tx, KeyId key, bool problem, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set problem = @problem, changed_at = @now where id = @key", new { key, problem, now }, cancellation);

    /// <summary>The lines in which a partner has written the key's items.</summary>
    public Task<List<KeyItemRow>> ItemsAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.QueryAsync<KeyItemRow>("select feature, quantity, external_id from key_items where key_id = @key order by position", new { key }, cancellation);

    /// <summary>Keeps other lines in place of the present ones.</summary>
    public async Task SetItemsAsync(Tx tx, KeyId key, IReadOnlyList<KeyItemRow> items, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("delete from key_items where key_id = @key", new { key }, cancellation);
        foreach (var (position, item) in items.Index())
        {
            await tx.ExecuteAsync(
                "insert into key_items(key_id, position, feature, quantity, external_id) values (@key, @position, @Feature, @Quantity, @ExternalId)",
                new { key, position, item.Feature, item.Quantity, item.ExternalId }, cancellation);
        }
    }

    public Task AddHistoryAsync(Tx tx, KeyId key, int revision, string act, string detail, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        tx.LaterAsync(
            "insert into key_history(key_id, revision, act, detail, actor, at) values (@key, @revision, @act, @detail, @actor, @now)",
            new { key, revision, act, detail, actor, now }, cancellation);

    public Task<List<HistoryRow>> HistoryAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.QueryAsync<HistoryRow>("select act, revision, detail, actor, at from key_history where key_id = @key order by id", new { key }, cancellation);

    /// <summary>What last began a term of a key, and when; null where it is in its first.</summary>
    public Task<HistoryRow?> LastRenewalAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.FindAsync<HistoryRow>(
            $"""
            select act, revision, detail, actor, at from key_history
            where key_id = @key and act in ('{RenewalActs.ByPartner}', '{RenewalActs.ByItself}', '{RenewalActs.ByProduct}') order by id desc limit 1
            """, new { key }, cancellation);

    /// <summary>
    /// Takes a turn on a hardware id and says whether another key that is active holds it. Additional keys share their parent's machine, so they
    /// are in the way of their own type only.
    /// </summary>
    public async Task<bool> IsHardwareIdTakenAsync(Tx tx, string hardwareId, KeyKind kind, string keyType, KeyId? self, DateOnly today, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("insert into hardware_ids(hardware_id) values (@hardwareId) on conflict (hardware_id) do nothing", new { hardwareId }, cancellation);
        await tx.FindAsync<string>("select hardware_id from hardware_ids where hardware_id = @hardwareId" + tx.Dialect.ForUpdate, new { hardwareId }, cancellation);
        return await tx.GetAsync<bool>(
            """
            select exists(select 1 from keys where activated_for = @hardwareId and activation = 'HardwareId' and kind = @kind and (kind = 'Main' or key_type = @keyType)
              and terminated_at is null and (billing = 'Purchase' or expiration_date > @today) and id <> @self)
            """, new { hardwareId, kind = kind.ToString(), keyType, today, self = self ?? KeyId.Of(0) }, cancellation);
    }

    private static Task<KeyRow?> FindAsync(Session session, KeyName name, string ending, CancellationToken cancellation) => name.Number is { } number
        ? session.FindAsync<KeyRow>($"select {Columns} from keys k where k.id = @number{(name.Prefix.Length == 0 ? "" : " and k.prefix = @Prefix")}{ending}", new { number, name.Prefix }, cancellation)
        : session.FindAsync<KeyRow>($"select {Columns} from keys k where k.activation_code = @ActivationCode{ending}", new { name.ActivationCode }, cancellation);

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    // Lists are spelled out as parameters of their own, which both engines' drivers understand.
    private static string Names(int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"@p{i}")));

    private static Dictionary<string, object> Parameters(IReadOnlyList<string> list, params ReadOnlySpan<(string Name, object Value)> others)
    {
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            parameters[string.Create(CultureInfo.InvariantCulture, $"p{i}")] = list[i];
        }

        foreach (var (name, value) in others)
        {
            parameters[name] = value;
        }

        return parameters;
    }
}

internal sealed class NumberOfCode
{
    public int Id { get; init; }
    public string ActivationCode { get; init; } = "";
}

/// <summary>A key as it stands in the database.</summary>
internal sealed record KeyRow
{
    public KeyId Id { get; init; }
    public string Prefix { get; init; } = "";
    public int Revision { get; init; }
    public ClientId ClientId { get; init; }
    public PriceListId PriceListId { get; init; }
    public string KeyType { get; init; } = "";
    public KeyKind Kind { get; init; }
    public BillingType Billing { get; init; }
    public KeyId? ParentId { get; init; }
    public string ActivationCode { get; init; } = "";
    public ActivationRule Activation { get; init; }
    public DateTimeOffset? ActivatedAt { get; init; }
    public string? ActivatedFor { get; init; }
    public DateOnly StartDate { get; init; }
    public int Terms { get; init; }
    public DateOnly UpdateDate { get; init; }
    public DateOnly ExpirationDate { get; init; }
    public DateOnly? SusDate { get; init; }
    public string UpdateTicket { get; init; } = "";
    public bool Problem { get; init; }
    public DateTimeOffset? TerminatedAt { get; init; }
    public DateTimeOffset? ReportedAt { get; init; }
    public string? ReportedVersion { get; init; }
    public string? ReportedOs { get; init; }
    public string? Nickname { get; init; }
    public bool AutoRenew { get; init; }
    public bool RestrictAddress { get; init; }
    public ProductConfigurationId? ProductConfigurationId { get; init; }
    public int? ActivationsLeft { get; init; }
    public string? ActivationsMonth { get; init; }

    /// <summary>Whose license body it carries; null for a key of ours.</summary>
    public VendorId? VendorId { get; init; }

    /// <summary>True until the vendor has given its first license body.</summary>
    public bool AwaitsVendor { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>The number with its revision.</summary>
    public KeyNumber Number => new(Prefix, Id, Revision);

    public bool IsTerminated => TerminatedAt is not null;

    /// <summary>True when the key's type asks for an activation that has not come yet.</summary>
    public bool WaitsForActivation => Activation != ActivationRule.None && ActivatedAt is null;

    public KeyDates Dates => new(StartDate, Terms, UpdateDate, ExpirationDate, SusDate);

    /// <summary>A purchase never expires: its file is refreshed.</summary>
    public bool IsExpired(DateOnly today) => Billing == BillingType.Lease && ExpirationDate <= today;
}

/// <summary>A feature that a key carries.</summary>
internal sealed record KeyFeatureRow
{
    public string Feature { get; init; } = "";

    /// <summary>How it is paid; null for as the key is.</summary>
    public BillingType? Billing { get; init; }

    public int Quantity { get; init; } = 1;
}

/// <summary>A feature, with the key that carries it.</summary>
internal sealed class FeatureOfKey
{
    public KeyId KeyId { get; init; }
    public string Feature { get; init; } = "";
    public BillingType? Billing { get; init; }
    public int Quantity { get; init; }
}

/// <summary>An address, with its key.</summary>
internal sealed class AddressOfKey
{
    public KeyId KeyId { get; init; }
    public AddressSource Source { get; init; }
    public string Address { get; init; } = "";
}

/// <summary>A line of a key's items as a partner wrote it.</summary>
internal sealed record KeyItemRow
{
    /// <summary>The feature; empty for the base license.</summary>
    public string Feature { get; init; } = "";

    public int Quantity { get; init; } = 1;

    /// <summary>The partner's own reference, a JSON text or number as it was given; null where there is none.</summary>
    public string? ExternalId { get; init; }
}

internal sealed class NoteRow
{
    public string Note { get; init; } = "";
    public string Author { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

/// <summary>What a product reported of its use.</summary>
internal sealed record UsageRow
{
    public int Resellers { get; init; }
    public int Clients { get; init; }
    public int Domains { get; init; }

    /// <summary>Addresses it runs on, separated by comma and blank.</summary>
    public string Addresses { get; init; } = "";

    public string ProductVersion { get; init; } = "";
    public DateTimeOffset ReportedAt { get; init; }
}

internal sealed class AddressRow
{
    public AddressSource Source { get; init; }
    public string Address { get; init; } = "";
}

internal sealed class HistoryRow
{
    public string Act { get; init; } = "";
    public int Revision { get; init; }
    public string Detail { get; init; } = "";
    public string Actor { get; init; } = "";
    public DateTimeOffset At { get; init; }
}
