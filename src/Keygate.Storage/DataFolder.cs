using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>The data folder, held by one server process at a time: SQLite serves one, and a second would work on the same rows.</summary>
public sealed class DataFolder : IDisposable
{
    // Sharing violation on Windows; EWOULDBLOCK of flock on Linux and on macOS.
    private const int HeldOnWindows = unchecked((int)0x80070020), HeldElsewhere = 11, HeldOnMac = 35;
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes the folder (mode 700) where it does not exist, and holds it until disposed. Refused while another process holds it.</summary>
    public static Result<DataFolder> Hold(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            var file = System.IO.Path.Combine(path, "keygate.lock");
            return new DataFolder(path, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsHeld(e))
        {
            return StorageErrors.FolderInUse.Because($"Another process holds {path}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return StorageErrors.FolderUnusable.Because($"{path} cannot be used: {e.Message}");
        }
    }

    /// <summary>True where a file could not be opened because another process holds it.</summary>
    internal static bool IsHeld(IOException exception) => exception.HResult is HeldOnWindows or HeldElsewhere or HeldOnMac;

    /// <summary>Lets the folder go.</summary>
    public void Dispose() => _lock.Dispose();
}
