using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Vendors, what they are asked, and the license bodies that they gave.</summary>
internal sealed class VendorStore
{
    private const string Columns = "id, name, url, credentials, repeats, reports_usage, test_mode, enabled, created_at";
    private const string ActColumns = "id, key_id, vendor_id, action, change, state, detail, work_id, actor, created_at, changed_at";

    public Task<VendorRow?> FindAsync(Session session, VendorId id, CancellationToken cancellation) =>
        session.FindAsync<VendorRow>($"select {Columns} from vendors where id = @id", new { id }, cancellation);

    public Task<VendorRow?> FindAsync(Session session, string name, CancellationToken cancellation) =>
        session.FindAsync<VendorRow>($"select {Columns} from vendors where name = @name", new { name }, cancellation);

    public Task<List<VendorRow>> ListAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync<VendorRow>($"select {Columns} from vendors where id > @after order by id limit @limit", new { after, limit }, cancellation);

    /// <summary>Adds a vendor; null when one has the name.</summary>
    public Task<VendorId?> AddAsync(Tx tx, VendorRow row, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.FindAsync<VendorId?>(
            """
            insert into vendors(name, url, credentials, repeats, reports_usage, test_mode, enabled, created_by, created_at, changed_at)
            values (@Name, @Url, @Credentials, @Repeats, @ReportsUsage, @TestMode, @Enabled, @by, @now, @now) on conflict (name) do nothing returning id
            """, new { row.Name, row.Url, row.Credentials, row.Repeats, row.ReportsUsage, row.TestMode, row.Enabled, by, now }, cancellation);

    public Task SetAsync(Tx tx, VendorRow row, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            update vendors set url = @Url, credentials = @Credentials, repeats = @Repeats, reports_usage = @ReportsUsage, test_mode = @TestMode, enabled = @Enabled, changed_at = @now
            where id = @Id
            """, new { row.Id, row.Url, row.Credentials, row.Repeats, row.ReportsUsage, row.TestMode, row.Enabled, now }, cancellation);

    /// <summary>The license body of a key's revision; null while there is none.</summary>
    public Task<byte[]?> BodyAsync(Session session, KeyId key, int revision, CancellationToken cancellation) =>
        session.FindAsync<byte[]>(
            "select body from vendor_licenses where key_id = @key and revision <= @revision order by revision desc limit 1", new { key, revision }, cancellation);

    public Task AddBodyAsync(Tx tx, KeyId key, int revision, byte[] body, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("insert into vendor_licenses(key_id, revision, body, created_at) values (@key, @revision, @body, @now)", new { key, revision, body, now }, cancellation);

    /// <summary>Opens an act; null while the key has another open one.</summary>
    public Task<VendorActId?> OpenAsync(
        Tx tx, KeyId key, VendorId vendor, VendorAction action, string change, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        tx.FindAsync<VendorActId?>(
            """
            insert into vendor_acts(key_id, vendor_id, action, change, state, detail, actor, created_at, changed_at)
            values (@key, @vendor, @action, @change, 'Open', '', @actor, @now, @now) on conflict do nothing returning id
            """, new { key, vendor, action = action.ToString(), change, actor, now }, cancellation);

    public Task SetWorkAsync(Tx tx, VendorActId id, long work, CancellationToken cancellation) =>
        tx.ExecuteAsync("update vendor_acts set work_id = @work where id = @id", new { id, work }, cancellation);

    public Task<VendorActRow?> FindActAsync(Session session, VendorActId id, CancellationToken cancellation) =>
        session.FindAsync<VendorActRow>($"select {ActColumns} from vendor_acts where id = @id", new { id }, cancellation);

    /// <summary>True while a vendor is asked about the key.</summary>
    public Task<bool> IsAskedAsync(Session session, KeyId key, CancellationToken cancellation) =>
        session.GetAsync<bool>("select exists(select 1 from vendor_acts where key_id = @key and state = 'Open')", new { key }, cancellation);

    public Task<List<VendorActRow>> ActsAsync(Session session, bool openOnly, long before, int limit, CancellationToken cancellation) =>
        session.QueryAsync<VendorActRow>(
            $"select {ActColumns} from vendor_acts where id < @before{(openOnly ? " and state = 'Open'" : "")} order by id desc limit @limit", new { before, limit }, cancellation);

    /// <summary>Ends an act that is open, or notes how it stands. False where it is over already.</summary>
    public async Task<bool> SetStateAsync(Tx tx, VendorActId id, VendorActState state, string detail, DateTimeOffset now, CancellationToken cancellation) =>
        await tx.ExecuteAsync(
            "update vendor_acts set state = @state, detail = @detail, changed_at = @now where id = @id and state = 'Open'", new { id, state = state.ToString(), detail, now }, cancellation) == 1;

    /// <summary>The key has its license body.</summary>
    public Task SetPurchasedAsync(Tx tx, KeyId key, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update keys set awaits_vendor = @no, changed_at = @now where id = @key", new { key, no = false, now }, cancellation);

    /// <summary>Ends a key whose order came to nothing, and takes away what it is searched by: nobody shall take it for the one that was ordered.</summary>
    public async Task WithdrawAsync(Tx tx, KeyId key, DateTimeOffset now, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(
            "update keys set terminated_at = @now, awaits_vendor = @no, nickname = null, activated_for = null, changed_at = @now where id = @key and terminated_at is null",
            new { key, no = false, now }, cancellation);
        await tx.ExecuteAsync("delete from key_addresses where key_id = @key", new { key }, cancellation);
    }

    /// <summary>Leases of vendors that renew by themselves, are due, and about which nobody is asked.</summary>
    public Task<List<KeyRow>> DueAsync(Session session, DateOnly today, int limit, CancellationToken cancellation) =>
        session.QueryAsync<KeyRow>(
            $"""
            select {KeyStore.Columns} {RenewalStore.Renewable} and k.vendor_id is not null and not k.awaits_vendor
              and not exists (select 1 from vendor_acts a where a.key_id = k.id and a.state = 'Open')
            order by k.update_date, k.id limit @limit
            """, new { today, limit }, cancellation);

    /// <summary>Leases of vendors that expired on a day or before, are not ended, and whose vendors were never asked to end them; about which nobody is asked now.</summary>
    public Task<List<KeyRow>> LongExpiredAsync(Session session, DateOnly expired, int limit, CancellationToken cancellation) =>
        session.QueryAsync<KeyRow>(
            $"""
            select {KeyStore.Columns} from keys k where k.vendor_id is not null and k.terminated_at is null and k.billing = 'Lease' and k.expiration_date <= @expired and not k.awaits_vendor
              and not exists (select 1 from vendor_acts a where a.key_id = k.id and (a.state = 'Open' or a.action = 'Terminate'))
            order by k.expiration_date, k.id limit @limit
            """, new { expired, limit }, cancellation);
}
