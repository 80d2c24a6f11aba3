using System.Diagnostics;
using Xunit;

namespace Keygate.Tests.Installers;

/// <summary>A file system of its own in memory: small, or read-only. Needs root; without it the test is skipped with a sentence.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private SmallFileSystem(string path) => Path = path;

    public string Path { get; }

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

    public void Remount(string options)
    {
        if (Run("mount", "-o", $"remount,{options}", Path) is { } error)
        {
            throw new InvalidOperationException(error);
        }
    }

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
