using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What a signing key is used for.</summary>
public enum SigningKeyState
{
    /// <summary>Signs new files. There is one; making another ends it.</summary>
    Active,

    /// <summary>Signs no more; files that it signed stay good. Ends when the certificate is taken out of the bundle.</summary>
    Retired,
}

/// <summary>Signing keys and the TLS certificate in the database; private keys are sealed.</summary>
internal sealed class SigningKeyStore
{
    private const string Columns = "id, name, algorithm, state, certificate, private_key, created_at";

    public Task<SigningKeyRow?> FindActiveAsync(Session session, CancellationToken cancellation) =>
        session.FindAsync<SigningKeyRow>($"select {Columns} from signing_keys where state = 'Active'", null, cancellation);

    public Task<List<SigningKeyRow>> ListAsync(Session session, CancellationToken cancellation) =>
        session.QueryAsync<SigningKeyRow>($"select {Columns} from signing_keys order by id", null, cancellation);

    /// <summary>Ends the active key, if it is still the one that the caller saw.</summary>
    public Task RetireAsync(Tx tx, string name, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync("update signing_keys set state = 'Retired', changed_at = @now where name = @name and state = 'Active'", new { name, now }, cancellation);

    /// <summary>Adds the active key, unless another process has just added one.</summary>
    public Task AddActiveAsync(Tx tx, SigningKeyRow row, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            """
            insert into signing_keys(name, algorithm, state, certificate, private_key, created_at, changed_at)
            values (@Name, @Algorithm, 'Active', @Certificate, @PrivateKey, @now, @now) on conflict do nothing
            """, new { row.Name, row.Algorithm, row.Certificate, row.PrivateKey, now }, cancellation);

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

internal sealed class SigningKeyRow
{
    public int Id { get; init; }
    public string Name { get; init; } = "";
    public string Algorithm { get; init; } = "";
    public SigningKeyState State { get; init; }
    public string Certificate { get; init; } = "";
    public byte[] PrivateKey { get; init; } = [];
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class TlsCertificateRow
{
    public string Certificate { get; init; } = "";
    public byte[] PrivateKey { get; init; } = [];
}
