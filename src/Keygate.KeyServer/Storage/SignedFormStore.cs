using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>The forms in which a key's revision is signed and handed out.</summary>
internal enum SignedForm
{
    /// <summary>The license file.</summary>
    File,

    /// <summary>The license file for the previous product version.</summary>
    PreviousFile,

    /// <summary>The token.</summary>
    Token,
}

/// <summary>What was signed and handed out, by form and signing key.</summary>
internal sealed class SignedFormStore
{
    /// <summary>How far keys are counted.</summary>
    public const int CountMax = 10_000;

    // Live: what a product may still run on.
    private const string Live = "k.terminated_at is null and (k.billing = 'Purchase' or k.expiration_date > @today)";

    private const string SignedBy =
        $"""
        select f.key_id, '{nameof(SignedForm.File)}' form from key_files f join keys k on k.id = f.key_id and k.revision = f.revision
        where f.signing_key_id = @name and f.key_id > @after and {Live}
        union all
        select f.key_id, '{nameof(SignedForm.PreviousFile)}' form from key_previous_files f join keys k on k.id = f.key_id and k.revision = f.revision
        where f.signing_key_id = @name and f.key_id > @after and {Live}
        union all
        select f.key_id, '{nameof(SignedForm.Token)}' form from key_tokens f join keys k on k.id = f.key_id and k.revision = f.revision
        where f.signing_key_id = @name and f.key_id > @after and {Live}
        """;

    public Task<byte[]?> FindAsync(Session session, SignedForm form, KeyId key, int revision, CancellationToken cancellation) =>
        session.FindAsync<byte[]>($"select content from {Table(form)} where key_id = @key and revision = @revision", new { key, revision }, cancellation);

    /// <summary>Keeps what was signed; the first one stays.</summary>
    public Task AddAsync(Tx tx, SignedForm form, KeyId key, int revision, string signingKeyId, byte[] content, DateTimeOffset now, CancellationToken cancellation) =>
        tx.ExecuteAsync(
            $"""
            insert into {Table(form)}(key_id, revision, signing_key_id, content, created_at) values (@key, @revision, @signingKeyId, @content, @now)
            on conflict (key_id, revision) do nothing
            """, new { key, revision, signingKeyId, content, now }, cancellation);

    /// <summary>The live keys after a number whose present revision a signing key has signed, with the forms of each.</summary>
    public async Task<List<(KeyId Key, SignedForm[] Forms)>> SignedByAsync(Session session, string name, DateOnly today, int after, int limit, CancellationToken cancellation)
    {
        // A key has at most three forms, so that so many rows hold so many whole keys.
        var rows = await session.QueryAsync<SignedFormRow>(
            $"select key_id, form from ({SignedBy}) signed order by key_id, form limit @rows", new { name, today, after, rows = limit * 3 }, cancellation);
        return [.. rows.GroupBy(r => r.KeyId).Take(limit).Select(g => (KeyId.Of(g.Key), g.Select(r => r.Form).ToArray()))];
    }

    /// <summary>How many such keys there are; above <see cref="CountMax"/> one more than that, since to count millions takes seconds.</summary>
    public Task<int> CountSignedByAsync(Session session, string name, DateOnly today, CancellationToken cancellation) =>
        session.GetAsync<int>(
            $"select count(distinct key_id) from (select key_id from ({SignedBy}) signed limit @rows) counted", new { name, today, after = 0, rows = CountMax + 1 }, cancellation);

    /// <summary>Gives a key the next revision, if its revision is still the one that was seen.</summary>
    public async Task<bool> TakeNextRevisionAsync(Tx tx, KeyId key, int seen, DateTimeOffset now, CancellationToken cancellation) =>
        await tx.ExecuteAsync(
            "update keys set revision = revision + 1, changed_at = @now where id = @key and revision = @seen and terminated_at is null", new { key, seen, now }, cancellation) == 1;

    private static string Table(SignedForm form) => form switch
    {
        SignedForm.File => "key_files",
        SignedForm.PreviousFile => "key_previous_files",
        _ => "key_tokens",
    };

    private sealed class SignedFormRow
    {
        public int KeyId { get; init; }
        public SignedForm Form { get; init; }
    }
}
