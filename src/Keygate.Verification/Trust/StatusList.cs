using System.Globalization;
using System.IO.Compression;

namespace Keygate.Verification;

/// <summary>Whether a key is good, as a status list tells it.</summary>
public enum KeyStatus
{
    /// <summary>Neither revoked nor suspended.</summary>
    Good = 0,

    /// <summary>Revoked for good.</summary>
    Revoked = 1,

    /// <summary>Suspended until the issuer resumes it.</summary>
    Suspended = 2,
}

/// <summary>
/// Which keys of one shard are revoked or suspended: two bits for each of 131,072 key numbers, signed by the issuer's root key, with a short life.
/// Immutable.
/// </summary>
public sealed class StatusList
{
    internal const int OctetsOfShard = LicenseFormat.StatusShardKeys / 4;
    internal const int CharsMax = 128 * 1024;

    private readonly byte[] _bits;

    private StatusList(byte[] bits) => _bits = bits;

    /// <summary>Which shard: the key number divided by 131,072.</summary>
    public int Shard { get; private set; }

    /// <summary>Its number, which rises with each list of the shard.</summary>
    public long Number { get; private set; }

    /// <summary>When it was issued.</summary>
    public DateTimeOffset IssuedAt { get; private set; }

    /// <summary>When its life ends.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>The number of the trust bundle that a signing key was last revoked with: older bundles trust a key that they should not.</summary>
    public long TrustNumberMin { get; private set; }

    /// <summary>The shard of a key number, <c>PREFIX.NUMBER</c>; null if it is none, or beyond all shards.</summary>
    public static int? ShardOf(string keyNumber) => NumberOf(keyNumber) is { } number ? (int)(number / LicenseFormat.StatusShardKeys) : null;

    /// <summary>What the list says about a key number, <c>PREFIX.NUMBER</c>; null if it does not cover it.</summary>
    public KeyStatus? StatusOf(string keyNumber) => NumberOf(keyNumber) is { } number && number / LicenseFormat.StatusShardKeys == Shard
        ? (KeyStatus)((_bits[number % LicenseFormat.StatusShardKeys / 4] >> (int)(number % 4 * 2)) & 3)
        : null;

    internal static StatusList? Read(byte[] payload, out string reason)
    {
        reason = "its payload is not a JSON object";
        if (JsonReading.Object(payload) is not { } json)
        {
            return null;
        }
        reason = "its version is not 1";
        if (json.Number("ver") != 1)
        {
            return null;
        }
        reason = "a number or a date is missing";
        if (json.Number("shard") is not (>= 0 and <= int.MaxValue) || json.Number("seq") is not > 0 || Moment(json.Number("iat")) is not { } issued
            || Moment(json.Number("exp")) is not { } expires || json.Number("min-trust") is not >= 0)
        {
            return null;
        }
        reason = "its list is not 2 bits for each key, compressed with zlib";
        if (json.Members("status_list") is not { } list || list.Number("bits") != 2 || !Base64Url.TryDecode(list.Text("lst") ?? "", out var packed) || Unpack(packed) is not { } bits)
        {
            return null;
        }
        return new StatusList(bits)
        {
            Shard = (int)json.Number("shard")!.Value,
            Number = json.Number("seq")!.Value,
            IssuedAt = issued,
            ExpiresAt = expires,
            TrustNumberMin = json.Number("min-trust")!.Value,
        };
    }

#if NET
    internal static byte[] Pack(IReadOnlyCollection<(int Place, KeyStatus Status)> keys)
    {
        var bits = new byte[OctetsOfShard];
        foreach (var (place, status) in keys)
        {
            bits[place / 4] |= (byte)((int)status << (place % 4 * 2));
        }
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize))
        {
            zlib.Write(bits);
        }
        return packed.ToArray();
    }
#endif

    internal static DateTimeOffset? Moment(long? seconds) =>
        seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;

    private static long? NumberOf(string keyNumber)
    {
        var dot = keyNumber.IndexOf('.');
        var digits = keyNumber.Substring(dot + 1);
        return dot > 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number / LicenseFormat.StatusShardKeys <= int.MaxValue ? number : null;
    }

    // .NET Standard knows the stream inside a zlib stream only; what stands around it, two octets before and a checksum behind, is signed with the rest.
    private static byte[]? Unpack(byte[] zlib)
    {
        if (zlib.Length < 6 || (zlib[0] & 0x0F) != 8)
        {
            return null;
        }
        var bits = new byte[OctetsOfShard + 1];
        try
        {
            using var stream = new DeflateStream(new MemoryStream(zlib, 2, zlib.Length - 2), CompressionMode.Decompress);
            var count = 0;
            for (int read; (read = stream.Read(bits, count, bits.Length - count)) > 0;)
            {
                count += read;
            }
            if (count != OctetsOfShard)
            {
                return null;
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }
        Array.Resize(ref bits, OctetsOfShard);
        return bits;
    }
}
