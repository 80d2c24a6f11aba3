using System.Security.Cryptography;
using System.Text;
using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>
/// The key under which secrets are encrypted before they reach a database: from <c>KEYGATE_MASTER_KEY</c>, or <c>master.key</c> in the
/// data folder (mode 600, made at first start). It never stands in a database, which holds a check value only. Thread-safe.
/// </summary>
public sealed class MasterKey
{
    private const byte Format = 1;

    // Whoever holds the lock makes a small file: ten seconds are plenty.
    private const int HeldTriesMax = 1000;
    private static readonly TimeSpan HeldPause = TimeSpan.FromMilliseconds(10);
    private readonly byte[] _encryption;
    private readonly byte[] _hmac;
    private readonly byte[] _key;

    private MasterKey(byte[] key)
    {
        _key = key;
        _encryption = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "keygate secrets 1"u8.ToArray());
        _hmac = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "keygate tokens 1"u8.ToArray());
    }

    /// <summary>The key itself, for a backup that is sealed by other means.</summary>
    internal Secret Text => new(Convert.ToBase64String(_key));

    /// <summary>A value that tells two master keys apart and reveals neither.</summary>
    public string CheckValue => Convert.ToHexString(HMACSHA256.HashData(_hmac, "keygate check value 1"u8));

    /// <summary>A key given as text: 32 bytes in base64.</summary>
    public static Result<MasterKey> Parse(string text)
    {
        var key = new byte[32];
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == key.Length
            ? new MasterKey(key)
            : StorageErrors.MasterKeyUnreadable.Because("The master key is not 32 bytes in base64.");
    }

    /// <summary>Where a data folder has its key.</summary>
    public static string FileOf(string folder) => Path.Combine(folder, "master.key");

    /// <summary>The key of a data folder; made, readable by its owner alone, when the folder has none.</summary>
    public static Result<MasterKey> OfFolder(string folder)
    {
        var file = FileOf(folder);
        for (var tries = HeldTriesMax; !File.Exists(file); tries--)
        {
            try
            {
                MakeAlone(file);
            }
            catch (IOException e) when (DataFolder.IsHeld(e) && tries > 0)
            {
                Thread.Sleep(HeldPause);
            }
        }

        var key = Parse(File.ReadAllText(file));
        return key.Error is { } error ? error.Because($"{file} does not hold 32 bytes in base64.") : key;
    }

    // Under a lock, which ends with the process: a move that must not overwrite looks first and moves then, and two processes that share the folder
    // would each go on with a key of its own. Written aside, so that nobody reads half a key.
    private static void MakeAlone(string file)
    {
        var (held, aside) = ($"{file}.lock", $"{file}.new");
        using var alone = new FileStream(held, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (!File.Exists(file))
        {
            File.Delete(aside);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(aside, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n"));
                stream.Flush(flushToDisk: true);
            }

            File.Move(aside, file);
        }

        // Only now: once there is a key nobody makes one, whichever lock file he holds.
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(held);
        }
    }

    /// <summary>Encrypts (AES-256-GCM); <paramref name="purpose"/> binds the result to its place, so that it cannot be moved to another.</summary>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> clear)
    {
        var box = new byte[1 + 12 + 16 + clear.Length];
        box[0] = Format;
        RandomNumberGenerator.Fill(box.AsSpan(1, 12));
        using var aes = new AesGcm(_encryption, 16);
        aes.Encrypt(box.AsSpan(1, 12), clear, box.AsSpan(29), box.AsSpan(13, 16), Encoding.UTF8.GetBytes(purpose));
        return box;
    }

    /// <summary>Encrypts text; the result is base64.</summary>
    public string Seal(string purpose, string clear) => Convert.ToBase64String(Seal(purpose, Encoding.UTF8.GetBytes(clear)));

    /// <summary>Decrypts. Throws <see cref="CryptographicException"/> when the box was changed, moved or made under another key.</summary>
    public byte[] Open(string purpose, ReadOnlySpan<byte> box)
    {
        if (box.Length < 29 || box[0] != Format)
        {
            throw new CryptographicException("This is no sealed secret.");
        }

        var clear = new byte[box.Length - 29];
        using var aes = new AesGcm(_encryption, 16);
        aes.Decrypt(box[1..13], box[29..], box[13..29], clear, Encoding.UTF8.GetBytes(purpose));
        return clear;
    }

    /// <summary>Decrypts text that <see cref="Seal(string, string)"/> made.</summary>
    public Secret OpenText(string purpose, string box) => new(Encoding.UTF8.GetString(Open(purpose, Convert.FromBase64String(box))));

    /// <summary>
    /// The stored form of a password or token that we made ourselves (128 bits or more): cheap to check, nothing to guess. Not for
    /// passwords that people choose.
    /// </summary>
    public byte[] Fingerprint(string purpose, string token) => HMACSHA256.HashData(_hmac, Encoding.UTF8.GetBytes($"{purpose}\n{token}"));

    /// <summary>Proves that something was written by who has this key, such as a row of the audit trail; reveals nothing of it.</summary>
    public byte[] Proof(string purpose, ReadOnlySpan<byte> content)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _hmac);
        mac.AppendData(Encoding.UTF8.GetBytes($"{purpose}\n"));
        mac.AppendData(content);
        return mac.GetHashAndReset();
    }

    /// <summary>A new password or token of 192 random bits, in characters that survive every door.</summary>
    public static Secret NewToken(string prefix) => new(prefix + RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", 33));

    /// <summary>
    /// Ties a database to this key: writes the check value into a new one, compares it in an old one. A database made with another key is
    /// refused, since every secret in it would be unreadable.
    /// </summary>
    public async Task<Result<Done>> BelongToAsync(Database database, CancellationToken cancellation) =>
        await database.WriteAsync<Result<Done>>(async tx =>
        {
            await tx.ExecuteAsync("insert into master_key_check(id, check_value) values (1, @CheckValue) on conflict (id) do nothing", new { CheckValue }, cancellation);
            var check = await tx.GetAsync<string>("select check_value from master_key_check where id = 1", null, cancellation);
            return check == CheckValue ? Done.It : StorageErrors.MasterKeyForeign.Because($"{database.Address} was made with another master key.");
        }, cancellation);
}
