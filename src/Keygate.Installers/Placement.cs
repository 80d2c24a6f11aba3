using System.Globalization;
using System.Text.RegularExpressions;
using Keygate.Plugins.Abstractions;

namespace Keygate.Installers;

/// <summary>
/// Where a file goes below an installer's root: the folder is the target, else the subscription, else the license; the number stands without its
/// revision, so that a renewed file takes the old one's place.
/// </summary>
internal static partial class Placement
{
    public static string FolderOf(InstallRequest request) => FolderOf(request.Target, request.SubscriptionId, request.LicenseId);

    public static string FolderOf(RemoveRequest request) => FolderOf(request.Target, request.SubscriptionId, request.LicenseId);

    public static string NameOf(RetrievedFile file) => NameOf(file.KeyNumber, file.Extension);

    public static string NameOf(InstalledFile file) => NameOf(file.KeyNumber, file.Extension);

    private static string FolderOf(string target, int subscription, int license) =>
        target.Length > 0 ? SafeName.Of(target)
        : subscription > 0 ? string.Create(CultureInfo.InvariantCulture, $"subscription-{subscription}")
        : string.Create(CultureInfo.InvariantCulture, $"license-{license}");

    private static string NameOf(string keyNumber, string extension)
    {
        var number = Revision().Replace(keyNumber, "");
        return SafeName.Of(extension.Length == 0 ? number : $"{number}.{extension}");
    }

    [GeneratedRegex(@"(?<=\.\d{8})\.\d{4}$", RegexOptions.None, 1000)]
    private static partial Regex Revision();
}
