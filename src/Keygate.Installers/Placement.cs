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
    public static string FolderOf(InstallRequest request) => request switch
    {
        { Target.Length: > 0 } => SafeName.Of(request.Target),
        { SubscriptionId: > 0 } => string.Create(CultureInfo.InvariantCulture, $"subscription-{request.SubscriptionId}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"license-{request.LicenseId}"),
    };

    public static string NameOf(RetrievedFile file)
    {
        var number = Revision().Replace(file.KeyNumber, "");
        return SafeName.Of(file.Extension.Length == 0 ? number : $"{number}.{file.Extension}");
    }

    [GeneratedRegex(@"(?<=\.\d{8})\.\d{4}$", RegexOptions.None, 1000)]
    private static partial Regex Revision();
}
