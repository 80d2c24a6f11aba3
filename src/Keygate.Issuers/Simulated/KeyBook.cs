using System.Globalization;
using System.Text.Json;

namespace Keygate.Issuers;

/// <summary>A key of the simulated issuer.</summary>
internal sealed record BookedKey(
    string Number, string Trace, string KeyType, IReadOnlyList<string> Features, IReadOnlyList<BookedAddOn> AddOns, bool Lease, DateTimeOffset From, bool Terminated);

/// <summary>An additional key of it.</summary>
internal sealed record BookedAddOn(string Number, string KeyType);

/// <summary>
/// The books of the simulated issuer: keys by number. With a journal each entry is on the disk before its call is answered, so that what a killed
/// process did is still there after its restart; processes that share one journal take turns by a lock on it.
/// </summary>
internal sealed class KeyBook(string journal)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, BookedKey> _keys = new(StringComparer.Ordinal);
    private long _read;

    /// <summary>Reads or changes the books as one act.</summary>
    /// <param name="act">Gets the keys and what writes one down.</param>
    public T With<T>(Func<IReadOnlyDictionary<string, BookedKey>, Action<BookedKey>, T> act)
    {
        lock (_lock)
        {
            if (journal.Length == 0)
            {
                return act(_keys, key => _keys[key.Number] = key);
            }

            using var file = Open();
            CatchUp(file);
            return act(_keys, key =>
            {
                file.Seek(0, SeekOrigin.End);
                file.Write([.. JsonSerializer.SerializeToUtf8Bytes(key), (byte)'\n']);
                file.Flush(flushToDisk: true);
                _read = file.Length;
                _keys[key.Number] = key;
            });
        }
    }

    /// <summary>The number of the next key; all prefixes share one sequence.</summary>
    public static string NextNumber(IReadOnlyDictionary<string, BookedKey> keys) =>
        string.Create(CultureInfo.InvariantCulture, $"SIM.{keys.Values.Sum(k => 1 + k.AddOns.Count) + 1:00000000}.0000");

    private FileStream Open()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(journal, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < 500 && Directory.Exists(Path.GetDirectoryName(journal)))
            {
                Thread.Sleep(5);
            }
        }
    }

    private void CatchUp(FileStream file)
    {
        file.Seek(_read, SeekOrigin.Begin);
        using var reader = new StreamReader(file, leaveOpen: true);
        var rest = reader.ReadToEnd();

        // A line that was cut short by a kill was never answered: it is overwritten.
        var whole = rest.LastIndexOf('\n') + 1;
        foreach (var line in rest[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var key = JsonSerializer.Deserialize<BookedKey>(line)!;
            _keys[key.Number] = key;
        }

        _read += System.Text.Encoding.UTF8.GetByteCount(rest.AsSpan(0, whole));
        file.SetLength(_read);
    }
}
