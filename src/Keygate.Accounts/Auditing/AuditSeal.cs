using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>A row of the audit trail as it stands in the table.</summary>
internal class AuditRow
{
    public long Id { get; init; }
    public long At { get; init; }
    public string ActorKind { get; init; } = "";
    public int? ActorId { get; init; }
    public string ActorName { get; init; } = "";
    public string Act { get; init; } = "";
    public string Subject { get; init; } = "";
    public string? Detail { get; init; }
    public byte[]? Seal { get; init; }

    public const string Columns = "a.id, a.at, a.actor_kind, a.actor_id, a.actor_name, a.act, a.subject, a.detail, a.seal";

    /// <summary>What was done, so that no two rows that differ have the same bytes: each field goes with its length.</summary>
    public byte[] Content()
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8))
        {
            writer.Write(At);
            writer.Write(ActorKind);
            writer.Write(ActorId is not null);
            writer.Write(ActorId ?? 0);
            writer.Write(ActorName);
            writer.Write(Act);
            writer.Write(Subject);
            writer.Write(Detail is not null);
            writer.Write(Detail ?? "");
        }

        return bytes.ToArray();
    }
}

/// <summary>
/// How a row is proved. The writer's seal (a nonce and an HMAC) says that Keygate wrote the row, before there is a link; the link says which rows there are and in which
/// order they were linked. The nonce tells a row from a copy of it.
/// </summary>
internal static class AuditSeal
{
    public const int Length = NonceLength + 32;
    private const int NonceLength = 16;
    private const string RowPurpose = "accounts.audit-row", LinkPurpose = "accounts.audit-link";

    public static byte[] Make(MasterKey key, AuditRow row)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        return [.. nonce, .. key.Proof(RowPurpose, [.. nonce, .. row.Content()])];
    }

    public static bool IsGenuine(MasterKey key, AuditRow row) => row.Seal is { Length: Length } seal
        && CryptographicOperations.FixedTimeEquals(seal.AsSpan(NonceLength), key.Proof(RowPurpose, [.. seal[..NonceLength], .. row.Content()]));

    public static byte[] Digest(AuditRow row) => SHA256.HashData([.. Number(row.Id), .. row.Seal ?? [], .. row.Content()]);

    public static byte[] Link(MasterKey key, byte[] before, long seq, long auditId, byte[] digest) =>
        key.Proof(LinkPurpose, [.. Number(seq), .. Number(auditId), .. digest, .. before]);

    private static byte[] Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
