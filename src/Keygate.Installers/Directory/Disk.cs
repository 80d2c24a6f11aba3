using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Keygate.Installers;

/// <summary>Files that are whole or not there: written beside, forced to the disk, then renamed.</summary>
internal static partial class Disk
{
    private const int AccessDenied = 13;

    /// <summary>
    /// A file under a temporary name in the folder of its target, whole and on the disk. Until it is renamed or removed it stays open, and
    /// thereby locked, so that nobody takes it for a leftover.
    /// </summary>
    public sealed class Staged : IDisposable
    {
        private readonly FileStream _stream;
        private readonly string _temporary;
        private bool _renamed;

        private Staged(FileStream stream, string temporary, string target) => (_stream, _temporary, Target) = (stream, temporary, target);

        public string Target { get; }

        public static Staged Write(string target, ReadOnlySpan<byte> content)
        {
            var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.tmp");
            var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 });
            var staged = new Staged(stream, temporary, target);
            try
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
                return staged;
            }
            catch
            {
                staged.Dispose();
                throw;
            }
        }

        public void Rename()
        {
            // Unlocked first: a product that reads the file at this very moment must not find it locked. Should another installation sweep it
            // away in between, the rename fails and is repeated.
            _stream.Dispose();
            File.Move(_temporary, Target, overwrite: true);
            _renamed = true;
        }

        public void Dispose()
        {
            if (!_renamed)
            {
                File.Delete(_temporary);
            }

            _stream.Dispose();
        }
    }

    /// <summary>Removes what an earlier installation of the same file left behind when its machine or process died.</summary>
    public static void Sweep(string target)
    {
        foreach (var leftover in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.*.tmp"))
        {
            try
            {
                // Whoever still writes it holds its lock, and this open fails.
                using var owned = new FileStream(leftover, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                File.Delete(leftover);
            }
            catch (IOException)
            {
                // Not a leftover: another installation is at it, or has just ended.
            }
        }
    }

    /// <summary>Forces a folder's entries to the disk: without it a power cut may undo a rename.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Open(Encoding.UTF8.GetBytes(folder + '\0'), 0);
        if (handle < 0)
        {
            // A folder that may be written but not listed can't be opened for this; then the file system decides when it is safe.
            if (Marshal.GetLastPInvokeError() == AccessDenied)
            {
                return;
            }

            throw new IOException($"The folder {folder} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        }

        var failed = FSync(handle) != 0 ? Marshal.GetLastPInvokeError() : 0;
        var words = failed == 0 ? "" : Marshal.GetLastPInvokeErrorMessage();
        _ = Close(handle);
        if (failed != 0)
        {
            throw new IOException($"The folder {folder} cannot be written to the disk: {words}", failed);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}
