using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>How far a license is to be brought.</summary>
public enum Until
{
    /// <summary>A key is stored.</summary>
    Issued,

    /// <summary>The key is activated.</summary>
    Activated,

    /// <summary>The file is stored.</summary>
    Retrieved,

    /// <summary>The file is in the subscription.</summary>
    Installed,
}

/// <summary>What the process is started with.</summary>
internal sealed record ProvisionLicensePayload(LicenseId License, Until Until);

/// <summary>
/// The first life of a license: key, activation, file, installation. Each step first looks at the facts and has nothing to do where they are
/// there already, so the process can be started again at any time and goes on where it stopped.
/// </summary>
internal sealed class ProvisionLicense(
    AwaitUploadStep awaitUpload, IssueStep issue, AwaitActivationStep awaitActivation, ActivateStep activate, BeginRetrieveStep beginRetrieve, RetrieveStep retrieve,
    BeginInstallStep beginInstall, InstallStep install) : Process
{
    public const string KindName = "licensing.provision";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [awaitUpload, issue, awaitActivation, activate, beginRetrieve, retrieve, beginInstall, install];
}
