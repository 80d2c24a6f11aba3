namespace Keygate.Plugins.Abstractions;

/// <summary>Puts license files where the product finds them.</summary>
public interface IInstaller : IPlugin
{
    /// <summary>
    /// Installs the files of one license, base first. <b>Repeatable</b>: the same files again change nothing, and a repeat after an unknown
    /// answer completes what was begun. Done only when the copies were read back (or the remote end confirmed them); never half installed:
    /// the product sees the old file or the new one.
    /// </summary>
    Task<Answer<Installation>> InstallAsync(InstallRequest request, CancellationToken cancellation);
}

/// <summary>An installer that can take license files away again. A power of its own, since not every machine gives back what it was given.</summary>
public interface IRemovesLicenses
{
    /// <summary>
    /// Removes the files of one license. <b>Repeatable</b>: Done also where they are gone already. Done only when it was seen that they are gone. Files of other
    /// licenses, and the folder or instance itself, stay.
    /// </summary>
    Task<Answer<Removal>> RemoveAsync(RemoveRequest request, CancellationToken cancellation);
}

/// <summary>What is to be removed, and from where.</summary>
public sealed record RemoveRequest
{
    /// <summary>The license's number at Keygate, as it was installed with.</summary>
    public required int LicenseId { get; init; }

    /// <summary>The subscription's number at Keygate; 0 for a license without one.</summary>
    public required int SubscriptionId { get; init; }

    /// <summary>Where in the installer's reach, as it was installed with.</summary>
    public required string Target { get; init; }

    /// <summary>The files by key number and extension; their contents do not matter.</summary>
    public required IReadOnlyList<InstalledFile> Files { get; init; }
}

/// <summary>A file that was installed.</summary>
/// <param name="KeyNumber">Full number with the revision that the file carries.</param>
/// <param name="Extension">File extension without dot.</param>
/// <param name="Place">Where the installer said that it is.</param>
public sealed record InstalledFile(string KeyNumber, string Extension, string Place);

/// <summary>Where nothing is left.</summary>
/// <param name="Places">One for each file, in the order of the request.</param>
public sealed record Removal(IReadOnlyList<string> Places);

/// <summary>What is to be installed, and where.</summary>
public sealed record InstallRequest
{
    /// <summary>The license's number at Keygate.</summary>
    public required int LicenseId { get; init; }

    /// <summary>The subscription's number at Keygate; 0 for a license without one.</summary>
    public required int SubscriptionId { get; init; }

    /// <summary>Where in the installer's reach: a host, a folder, an instance; empty for the installer's default for the subscription.</summary>
    public required string Target { get; init; }

    /// <summary>The files, base license first.</summary>
    public required IReadOnlyList<RetrievedFile> Files { get; init; }

    /// <summary>The same for all repeats of one installation.</summary>
    public required string Token { get; init; }
}

/// <summary>Where the copies are.</summary>
/// <param name="Places">One for each file, in the order of the request: a path, an address, a host.</param>
public sealed record Installation(IReadOnlyList<string> Places);
