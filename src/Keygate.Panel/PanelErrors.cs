using Keygate.Kernel;

namespace Keygate.Panel;

/// <summary>Refusals of the screens themselves.</summary>
public static class PanelErrors
{
    public static readonly Error FormForeign = new("panel.form-foreign", ErrorKind.Forbidden,
        "The form was not sent from a page of this session", "Open the page again and repeat what you did; you may have signed in anew since.");

    public static readonly Error NoKeyServer = new("panel.no-key-server", ErrorKind.Conflict,
        "The key server does not work in this process", "Start Keygate with the role keyserver too, or add a plug-in for a Key Administrator elsewhere.");

    public static readonly Error LicenseNotOrdered = new("panel.license-not-ordered", ErrorKind.Forbidden,
        "The license was not ordered", "Ask the provider for it: he can install or sell it.");

    public static readonly Error PageUnknown = new("panel.page-unknown", ErrorKind.NotFound,
        "There is no such page", "Use the menu, or look for it by its number in the lists.");
}
