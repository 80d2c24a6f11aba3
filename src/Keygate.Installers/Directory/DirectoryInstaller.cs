using System.Globalization;
using Keygate.Plugins.Abstractions;
using Microsoft.Extensions.Logging;

namespace Keygate.Installers;

/// <summary>
/// Installs by <c>ROOT/FOLDER/NUMBER.EXTENSION</c>: the folder is the target, else the subscription, else the license; the number stands
/// without its revision, so that a renewed file takes the old one's place in one rename.
/// </summary>
internal sealed class DirectoryInstaller(string root, ILogger logger) : IInstaller, IRemovesLicenses
{
    private const int NoPermission = 1, AccessDenied = 13, NotADirectory = 20, DiskFull = 28, ReadOnly = 30, NameTooLong = 36, QuotaReached = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    // Each on one thread from beginning to end, since a file operation handed to another takes less time than the handing over; and not on the caller's, who
    // leaves a file system behind that hangs.
    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.Run(Check, cancellation);

    public Task<Answer<Installation>> InstallAsync(InstallRequest request, CancellationToken cancellation) => Task.Run(() => Install(request, cancellation), CancellationToken.None);

    /// <summary>Deletes the files by the names under which they were installed; the folder stays, since others may have put things there.</summary>
    public Task<Answer<Removal>> RemoveAsync(RemoveRequest request, CancellationToken cancellation) => Task.Run(() => Remove(request), cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Answer<Checked> Check()
    {
        // The nearest folder that is there: the missing ones below it are made with the first installation.
        var folder = root;
        while (!Directory.Exists(folder) && !File.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }

        try
        {
            using (Disk.Staged.Write(Path.Combine(folder, "keygate-check"), "keygate"u8))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Answer.NotDone<Checked>(Explain(e, folder));
        }

        var free = new DriveInfo(folder).AvailableFreeSpace / (1024 * 1024);
        var made = folder == root ? "" : $" It will be made with the first installation, in {folder}.";
        return Answer.Done(new Checked(string.Create(CultureInfo.InvariantCulture, $"License files go into {root}; {free:N0} MB are free.{made}")));
    }

    private Answer<Installation> Install(InstallRequest request, CancellationToken cancellation)
    {
        var folder = Path.Combine(root, Placement.FolderOf(request));
        if (Unusable(request) is { } reason)
        {
            return Answer.Refused<Installation>(reason);
        }

        var targets = request.Files.Select(file => Path.Combine(folder, Placement.NameOf(file))).ToList();
        var staged = new List<Disk.Staged>();
        var renaming = false;
        try
        {
            var made = MakeFolder(folder);
            for (var i = 0; i < targets.Count; i++)
            {
                Disk.Sweep(targets[i]);
                if (!Holds(targets[i], request.Files[i].Content))
                {
                    staged.Add(Disk.Staged.Write(targets[i], request.Files[i].Content));
                }
            }

            // All files are whole and on the disk; only now the product sees the first of them.
            cancellation.ThrowIfCancellationRequested();
            renaming = true;
            staged.ForEach(file => file.Rename());
            Disk.FlushFolder(folder);

            // Last, when the file system has mostly written them already.
            made.ForEach(Disk.FlushFolder);
            for (var i = 0; i < targets.Count; i++)
            {
                if (!Holds(targets[i], request.Files[i].Content))
                {
                    return Answer.Unknown<Installation>(new Reason(
                        $"{targets[i]} reads back with other contents than were written.", "See who else writes there, then check the disk; the installation is repeated."));
                }
            }

            logger.LogInformation("License {License}: {Count} file(s) in {Folder}, {Written} written", request.LicenseId, targets.Count, folder, staged.Count);
            return Answer.Done(new Installation(targets));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            var cause = e is OperationCanceledException
                ? new Reason($"Writing to {folder} took too long and was given up.", "Check that the file system answers.")
                : Explain(e, folder);
            return renaming ? Answer.Unknown<Installation>(cause) : Answer.NotDone<Installation>(cause);
        }
        finally
        {
            staged.ForEach(file => file.Dispose());
        }
    }

    private Answer<Removal> Remove(RemoveRequest request)
    {
        var folder = Path.Combine(root, Placement.FolderOf(request));
        var targets = request.Files.Select(file => Path.Combine(folder, Placement.NameOf(file))).ToList();
        try
        {
            if (new DirectoryInfo(folder).LinkTarget is not null)
            {
                throw new IOException($"{folder} is a link and not a folder.", NotADirectory);
            }

            if (!Directory.Exists(folder))
            {
                // Only the folder itself is missing: where the root can't be reached nothing is known of what lies there.
                return Directory.Exists(root)
                    ? Answer.Done(new Removal(targets))
                    : Answer.NotDone<Removal>(new Reason($"{root} is not there, so nobody knows what lies in it.", "Mount it, or give the plug-in the right folder."));
            }

            targets.ForEach(File.Delete);
            Disk.FlushFolder(folder);
            if (targets.Find(File.Exists) is { } left)
            {
                return Answer.Unknown<Removal>(new Reason($"{left} was deleted and is there again.", "See who writes there; the removal is repeated."));
            }

            logger.LogInformation("License {License}: {Count} file(s) removed from {Folder}", request.LicenseId, targets.Count, folder);
            return Answer.Done(new Removal(targets));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Answer.NotDone<Removal>(Explain(e, folder));
        }
    }

    private static Reason? Unusable(InstallRequest request)
    {
        if (SafeName.Of(request.Target).Length > SafeName.LengthMax)
        {
            return new Reason($"The target '{request.Target[..Math.Min(40, request.Target.Length)]}...' is too long for a folder's name.", "Give the license a shorter target.");
        }

        foreach (var file in request.Files)
        {
            if (file.KeyNumber.Length == 0 || Placement.NameOf(file).Length > SafeName.LengthMax)
            {
                return new Reason($"'{file.KeyNumber[..Math.Min(40, file.KeyNumber.Length)]}' cannot be a file's name.", "Retrieve the license again; the issuer gave a number that is no key number.");
            }
        }

        // The second of two files with one name would silently take the first one's place.
        return request.Files.GroupBy(Placement.NameOf).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? new Reason($"Two files of the license would both be {twice.Key}.", "Retrieve the license again; the issuer gave one number twice.")
            : null;
    }

    // The folders in which another one was made.
    private static List<string> MakeFolder(string folder)
    {
        if (new DirectoryInfo(folder) is { LinkTarget: not null })
        {
            // Whoever may write here could point it at any folder of this machine.
            throw new IOException($"{folder} is a link and not a folder.", NotADirectory);
        }

        var missing = new List<string>();
        for (var one = folder; !Directory.Exists(one) && Path.GetDirectoryName(one) is { } above; one = above)
        {
            missing.Add(above);
        }

        Directory.CreateDirectory(folder);
        return missing;
    }

    private static bool Holds(string file, byte[] content)
    {
        try
        {
            using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete });
            if (stream.Length != content.Length)
            {
                return false;
            }

            var there = new byte[content.Length];
            stream.ReadExactly(there);
            return there.AsSpan().SequenceEqual(content);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
        {
            return false;
        }
    }

    internal static Reason Explain(Exception e, string folder)
    {
        var code = e is UnauthorizedAccessException ? AccessDenied : e.HResult & 0xFFFF;
        return e.HResult == WindowsDiskFull ? Full(folder) : code switch
        {
            DiskFull or QuotaReached => Full(folder),
            ReadOnly => new($"The file system of {folder} is read-only.", "Mount it for writing, or give the plug-in another folder."),
            NoPermission or AccessDenied => new(
                $"Keygate, running as {Environment.UserName}, may not write into {folder}.", $"Give {Environment.UserName} the right to write there, or give the plug-in another folder."),
            NotADirectory => new($"{folder} cannot be a folder: a file or link of that name stands in the way.", "Remove it, or give the plug-in another folder."),
            NameTooLong => new($"The name of {folder} is too long for its file system.", "Give the plug-in a folder with a shorter path, or the license a shorter target."),
            _ when e is IOException && InTheWay(folder) is { } file => new($"{file} cannot be a folder: a file of that name stands in the way.", "Remove it, or give the plug-in another folder."),
            _ => new($"Writing to {folder} failed: {e.Message}", "Check the folder and its file system, then test the plug-in."),
        };
    }

    private static string? InTheWay(string folder)
    {
        for (var one = folder; one is not null; one = Path.GetDirectoryName(one))
        {
            if (File.Exists(one))
            {
                return one;
            }
        }

        return null;
    }

    private static Reason Full(string folder) => new($"No space is left in {folder}; nothing was installed.", "Free space there; Keygate tries again by itself.");
}
