using System.Diagnostics;
using Xunit;

namespace Keygate.Testing;

/// <summary>A file system of its own in memory: small, or read-only. Needs root; without it the test is skipped with a sentence.</summary>
public sealed class SmallFileSystem : IDisposable
{
    private SmallFileSystem(string path) => Path = path;

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Mounts one with these options of tmpfs, such as <c>size=64k</c>.</summary>
    public static SmallFileSystem Mount(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small file system needs root on Linux.");
        var folder = Directory.CreateTempSubdirectory("keygate-mount-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder) is { } error)
        {
            Directory.Delete(folder);
            Assert.Skip($"No file system can be mounted here: {error}");
        }

        return new SmallFileSystem(folder);
    }

    /// <summary>Mounts it anew with other options, such as <c>ro</c>.</summary>
    public void Remount(string options)
    {
        if (Run("mount", "-o", $"remount,{options}", Path) is { } error)
        {
            throw new InvalidOperationException(error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Run("umount", Path);
        Directory.Delete(Path);
    }

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error.Trim();
    }
}
