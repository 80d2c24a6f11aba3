using System.Text;
using System.Text.Json;

namespace Keygate.Plugins.Sandbox;

/// <summary>
/// The books of a simulated plug-in: entries by name, the last one of a name counts. With a file each entry is on the disk before its call is
/// answered, so that what a killed process did is still there after its restart; processes that share one file take turns by a lock on it.
/// Thread-safe.
/// </summary>
/// <typeparam name="T">An entry; must survive a round trip through System.Text.Json.</typeparam>
/// <param name="path">Absolute path of the file; empty keeps the books in memory.</param>
/// <param name="nameOf">The name of an entry.</param>
public sealed class Journal<T>(string path, Func<T, string> nameOf)
    where T : class
{
    private const int OpenTriesMax = 500;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, T> _entries = new(StringComparer.Ordinal);
    private long _read;

    /// <summary>Reads or changes the books as one act.</summary>
    /// <param name="act">Gets the entries by name, and what writes one down.</param>
    public TResult With<TResult>(Func<IReadOnlyDictionary<string, T>, Action<T>, TResult> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        lock (_lock)
        {
            if (path.Length == 0)
            {
                return act(_entries, entry => _entries[nameOf(entry)] = entry);
            }

            using var file = Open();
            CatchUp(file);
            return act(_entries, entry =>
            {
                file.Seek(0, SeekOrigin.End);
                file.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry), (byte)'\n']);
                file.Flush(flushToDisk: true);
                _read = file.Length;
                _entries[nameOf(entry)] = entry;
            });
        }
    }

    private FileStream Open()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < OpenTriesMax && Directory.Exists(Path.GetDirectoryName(path)))
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
            var entry = JsonSerializer.Deserialize<T>(line)!;
            _entries[nameOf(entry)] = entry;
        }

        _read += Encoding.UTF8.GetByteCount(rest.AsSpan(0, whole));
        file.SetLength(_read);
    }
}
