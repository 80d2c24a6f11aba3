using System.Text;
using System.Text.RegularExpressions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer.PartnerApi10.Conformance;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

/// <summary>The answers as they go over the wire, the same on both databases.</summary>
public sealed partial class WireFormTests
{
    [Theory, BothEngines]
    public async Task Answers_have_these_forms(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var text = new StringBuilder();

        async Task<RawAnswer> ShowAsync(string method, params string[] arguments)
        {
            var answer = await world.SendAsync(method, [world.Auth, .. arguments]);
            text.Append(method).Append('\n').Append(Lines(answer.Xml)).Append("\n\n");
            return answer;
        }

        await ShowAsync("validateLogin");
        await ShowAsync("createClient", World.ClientInfo("northern"));
        await ShowAsync("searchClients", Raw.Struct(("companyName", Raw.Text("engines")), ("email", Raw.Text("ada"))));
        await ShowAsync("searchClients", Raw.Struct(("companyName", Raw.Text("nobody"))));
        var configuration = await world.ConfigurationAsync();
        await ShowAsync("getProductConfigurations", Raw.Text("acme"));
        await ShowAsync("getAvailableKeyTypesAndFeatures", Raw.Text("acme"));
        var main = (await ShowAsync(
            "createKey", Raw.Ips("198.51.100.24"), Raw.Text("acme"), Raw.Text("MAIN"), Raw.Array("BIG", "POWER_PACK"), Raw.None, Raw.Array("ADDON"), Raw.None, Raw.Text("purchase")))
            ["mainKeyNumber"];
        await ShowAsync("createKey", Raw.Ips(), Raw.Text("acme"), Raw.Text("FEATURE_KEY"), Raw.None, Raw.Struct(("parentKeyNumber", Raw.Text(main))), Raw.None, Raw.None);
        await ShowAsync("bindKey", Raw.Text(main), Raw.Text("203.0.113.7"));
        await ShowAsync("getAvailableUpgrades", Raw.Text(main));
        await ShowAsync("upgradeKey", Raw.Text(main), Raw.Text("SUPPORT"), Raw.Text("PURCHASE"));
        await ShowAsync("upgradeKey", Raw.Text(main), Raw.Text("SUPPORT"));
        await ShowAsync("upgradeKey", Raw.Text(main), Raw.Array("SUS_RENEWAL"));
        await ShowAsync("downgradeKey", Raw.Text(main), Raw.Text("BASIC_TO_BIG"));
        await ShowAsync("getLastPleskUsageInfo", Raw.Text(main));
        await world.ReportAsync(main);
        await ShowAsync("getLastPleskUsageInfo", Raw.Text(main));
        await ShowAsync("getKeyInfo", Raw.Text(main));
        await ShowAsync("getKeyNumbers", Raw.Ips("192.0.2.7"));
        await ShowAsync("getKeysInfoByIP", Raw.Text("192.0.2.200"));
        await ShowAsync("assignProductConfiguration", Raw.Text(main), Raw.Text(configuration));
        await ShowAsync("retrieveKey", Raw.Text(main));
        await ShowAsync("sendKeyByEmail", Raw.Text(main));
        await ShowAsync("addNoteToKey", Raw.Text(main), Raw.Text("rack 7"));
        await ShowAsync("problemKey", Raw.Text(main), Raw.Bool(true));
        await ShowAsync("terminateKey", Raw.Text(main));
        var addon = await world.KeyAsync("ADDON");
        var other = await world.KeyAsync();
        await ShowAsync("attachKey", Raw.Text(other), Raw.Text(addon));
        await ShowAsync("detachKey", Raw.Text(addon));
        await ShowAsync("detachKey", Raw.Text(addon));
        await ShowAsync("bindKey", Raw.Text(other), Raw.Text("203.0.113.9"));
        await ShowAsync("unbindKey", Raw.Text(other));
        await ShowAsync("renewKey", Raw.Text(other));
        await ShowAsync("terminateKey", Raw.Text(other));
        await ShowAsync("terminateKey", Raw.Text(other));
        var hardware = await world.KeyAsync("MAIN_HW");
        await ShowAsync("activateKey", Raw.Text(hardware), Raw.Text("1A2B.3C4D"));
        await ShowAsync("transferKey", Raw.Text(hardware), Raw.Text("5E6F.7A8B"));
        await ShowAsync("resetKey", Raw.Text(hardware));
        await ShowAsync("generateNewPassword");

        Approve.That(text.ToString(), "answers");
    }

    // One member in a line, and what chance decides left out.
    private static string Lines(string xml)
    {
        var shown = Code().Replace(xml, "AAAAAA-BBBBBB-CCCCCC-DDDDDD-EEEEEE");
        shown = Password().Replace(shown, "kgp_***");
        shown = File().Replace(shown, "<base64>...</base64>");
        return shown.Replace("<member>", "\n<member>", StringComparison.Ordinal).Replace("</methodResponse>", "\n</methodResponse>", StringComparison.Ordinal);
    }

    [GeneratedRegex("[A-Z0-9]{6}(-[A-Z0-9]{6}){4}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Code();

    [GeneratedRegex("kgp_[A-Za-z0-9_-]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Password();

    [GeneratedRegex("<base64>[^<]+</base64>", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex File();
}
