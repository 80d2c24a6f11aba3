using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What becomes of what a signing key signs, and signed.</summary>
public enum SigningKeyState
{
    /// <summary>Signs. There is one for each purpose; making another ends it.</summary>
    Active,

    /// <summary>Signs no more; what it signed stays good. Ends when it is revoked.</summary>
    Retired,

    /// <summary>Products refuse what it signed. Nothing ends this.</summary>
    Revoked,
}

/// <summary>What a signing key signs.</summary>
public enum SigningKeyPurpose
{
    /// <summary>License files, and tokens where no other key does.</summary>
    License,

    /// <summary>Tokens alone.</summary>
    Token,

    /// <summary>The trust bundle and the status lists, and never a license.</summary>
    Root,
}

/// <summary>Where a signing key's private part is.</summary>
public enum SigningKeyOrigin
{
    /// <summary>Made here, and sealed in the database under the master key.</summary>
    Made,

    /// <summary>Given by a setting: in a file, in the environment, or at a remote signer.</summary>
    Given,
}

/// <summary>Signing keys and the TLS certificate in the database; private keys are sealed.</summary>
internal sealed class SigningKeyStore
{
    private const string Columns = "id, name, purpose, origin, algorithm, state, certificate, private_key, reason, changed_by, created_at, revoked_at";

    public Task<SigningKeyRow?> FindActiveAsync(Session session, SigningKeyPurpose purpose, CancellationToken cancellation) =>
        session.FindAsync<SigningKeyRow>(
            $"select {Columns} from signing_keys where state = 'Active' and purpose = @purpose", new { purpose = purpose.ToString() }, cancellation);

    public Task<SigningKeyRow?> FindAsync(Session session, string name, CancellationToken cancellation) =>
        session.FindAsync<SigningKeyRow>($"select {Columns} from signing_keys where name = @name", new { name }, cancellation);

    /// <summary>The same, held until the transaction ends.</summary>
    public Task<SigningKeyRow?> HoldAsync(Tx tx, string name, CancellationToken cancellation) =>
        tx.FindAsync<SigningKeyRow>($"select {Columns} from signing_keys where name = @name{tx.Dialect.ForUpdate}", new { name }, cancellation);

    public Task<List<SigningKeyRow>> ListAsync(Session session, CancellationToken cancellation) =>
        session.QueryAsync<SigningKeyRow>($"select {Columns} from signing_keys order by id", null, cancellation);

    /// <summary>Ends the active key, if it is still the one that the caller saw.</summary>
    public Task<int> RetireAsync(Tx tx, string name, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update signing_keys set state = 'Retired', changed_by = @by, changed_at = @now where name = @name and state = 'Active'", new { name, by, now }, cancellation);

    /// <summary>Lets a retired key sign again.</summary>
    public Task<int> ReactivateAsync(Tx tx, string name, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            "update signing_keys set state = 'Active', changed_by = @by, changed_at = @now where name = @name and state = 'Retired'", new { name, by, now }, cancellation);

    /// <summary>Revokes a retired key and forgets its private part.</summary>
    public Task<int> RevokeAsync(Tx tx, string name, string reason, string by, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            update signing_keys set state = 'Revoked', private_key = @none, reason = @reason, revoked_at = @now, changed_by = @by, changed_at = @now
            where name = @name and state = 'Retired'
            """, new { name, none = Array.Empty<byte>(), reason, by, now }, cancellation);

    /// <summary>Adds the active key, unless another process has just added one.</summary>
    public Task<int> AddActiveAsync(Tx tx, SigningKeyRow row, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into signing_keys(name, purpose, origin, algorithm, state, certificate, private_key, reason, changed_by, created_at, changed_at)
            values (@Name, @Purpose, @Origin, @Algorithm, 'Active', @Certificate, @PrivateKey, @Reason, @ChangedBy, @now, @now) on conflict do nothing
            """,
            new
            {
                row.Name, Purpose = row.Purpose.ToString(), Origin = row.Origin.ToString(), row.Algorithm, row.Certificate, row.PrivateKey, row.Reason, row.ChangedBy, now,
            }, cancellation);

    /// <summary>Puts a key in the place of the active one of its purpose, and notes that the ring has changed.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="before">The name of the one that is active; null where none is.</param>
    /// <param name="made">The key.</param>
    /// <param name="trust">Hears of it.</param>
    /// <param name="by">Who rotates.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task ReplaceActiveAsync(Tx tx, string? before, SigningKeyRow made, TrustStore trust, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        if (before is not null)
        {
            await RetireAsync(tx, before, by, now, cancellation);
        }

        if (await AddActiveAsync(tx, made with { ChangedBy = by }, now, cancellation) != 1)
        {
            throw new InvalidOperationException("Another rotation came between.");
        }

        await trust.RingChangedAsync(tx, cancellation);
    }

    public Task<TlsCertificateRow?> FindTlsAsync(Session session, string name, CancellationToken cancellation) =>
        session.FindAsync<TlsCertificateRow>("select certificate, private_key from tls_certificates where name = @name", new { name }, cancellation);

    /// <summary>Adds the certificate, unless another process has just added one.</summary>
    public Task AddTlsAsync(Tx tx, string name, TlsCertificateRow row, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into tls_certificates(name, certificate, private_key, created_at) values (@name, @Certificate, @PrivateKey, @now)
            on conflict (name) do nothing
            """, new { name, row.Certificate, row.PrivateKey, now }, cancellation);
}

internal sealed record SigningKeyRow
{
    public int Id { get; init; }
    public string Name { get; init; } = "";
    public SigningKeyPurpose Purpose { get; init; }
    public SigningKeyOrigin Origin { get; init; }
    public string Algorithm { get; init; } = "";
    public SigningKeyState State { get; init; }
    public string Certificate { get; init; } = "";
    public byte[] PrivateKey { get; init; } = [];
    public string Reason { get; init; } = "";
    public string ChangedBy { get; init; } = "keygate";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
}

internal sealed class TlsCertificateRow
{
    public string Certificate { get; init; } = "";
    public byte[] PrivateKey { get; init; } = [];
}
