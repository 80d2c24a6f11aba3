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
