using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;
using static Keygate.Tests.Licensing.LicensingHouse;

namespace Keygate.Tests.Licensing;

public sealed class RequestLicenseTests
{
    [Theory, BothEngines]
    public async Task Goes_by_hand_from_the_request_to_the_installation(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.RequestAsync(PanelProduct, r => r["ipAddresses"] = new JsonArray("198.51.100.24"));

        var pending = await house.LicenseAsync(id);
        ((string)pending["status"]!).ShouldBe("Pending");
        pending["keyNumber"].ShouldBeNull();
        ((string)pending["request"]!["ipAddresses"]![0]!).ShouldBe("198.51.100.24");
        house.Issuer.Asked.ShouldBeEmpty();
        await house.GetAsync($"licenses/{id}/file", HttpStatusCode.Conflict);

        await house.DoAsync(id, "issue", LicenseState.Issued);
        var retrieved = await house.DoAsync(id, "retrieve", LicenseState.Retrieved);
        house.Installer.Installed.ShouldBeEmpty();
        var installed = await house.DoAsync(id, "install", LicenseState.Installed);

        var number = (string)installed["keyNumber"]!;
        Encoding.UTF8.GetString(await house.DownloadAsync(id)).ShouldBe($"<key>{number}</key>");
        ((string)retrieved["file"]!["fileName"]!).ShouldBe($"{number}.xml");
        ((string)installed["installedAt"]![0]!).ShouldBe($"node4/{number}.xml");
        installed["request"]!.ToJsonString().ShouldBe(pending["request"]!.ToJsonString());
        house.Issuer.Asked.ShouldHaveSingleItem().IpAddresses.ShouldBe(["198.51.100.24"]);
        var history = await house.HistoryAsync(id);
        history.Select(h => (h.From, h.To)).ShouldBe(
        [
            (null, "Pending"), ("Pending", "Issued"), ("Issued", "Retrieving"), ("Retrieving", "Retrieved"), ("Retrieved", "Installing"), ("Installing", "Installed"),
        ]);
        history[1].What.ShouldContain(number);
        history[^1].What.ShouldContain("node4");
    }

    [Theory, BothEngines]
    public async Task Refuses_with_all_faults_at_once_and_writes_nothing(Engine engine)
    {
        await using var house = await StartAsync(engine);

        var problem = await house.RefusedAsync(
            "licenses", new JsonObject { ["keyType"] = Antivirus, ["issuer"] = house.InstallerId, ["installer"] = 99 }, HttpStatusCode.BadRequest, "licensing.issuer-missing");

        problem.ShouldContain("licensing.installer-unfit");
        problem.ShouldContain("\"catalog.");
        (await house.ListAsync("")).ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Lists_by_state_class_and_beginning_of_the_key_number(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var pending = await house.RequestAsync(PanelProduct);
        var issued = await house.BroughtToAsync(LicenseState.Issued, PanelProduct);
        var bought = await house.BroughtToAsync(LicenseState.Retrieved, Bought);

        (await house.ListAsync("")).ShouldBe([bought, issued, pending]);
        (await house.ListAsync("status=issued")).ShouldBe([issued]);
        (await house.ListAsync($"keyType={PanelProduct}")).ShouldBe([issued, pending]);
        (await house.ListAsync("keyNumber=TEST.")).ShouldBe([bought, issued]);
        (await house.ListAsync($"keyNumber=TEST.{bought:00000000}")).ShouldBe([bought]);
        (await house.GetAsync("licenses?status=gone", HttpStatusCode.BadRequest)).ToJsonString().ShouldContain("licensing.state-unknown");

        var next = Uri.EscapeDataString((string)(await house.GetAsync($"licenses?keyType={PanelProduct}&limit=1"))["next"]!);
        (await house.ListAsync($"keyType={PanelProduct}&limit=1&cursor={next}")).ShouldBe([pending]);
        await house.GetAsync($"licenses?keyType={Bought}&limit=1&cursor={next}", HttpStatusCode.BadRequest);
    }

    [Theory, BothEngines]
    public async Task Names_what_is_possible_where_the_state_does_not_allow_an_act(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.RequestAsync(PanelProduct);

        (await house.RefusedAsync($"licenses/{id}/install", null, HttpStatusCode.Conflict, "licensing.move-not-allowed")).ShouldContain("Possible now: Issue.");
        await house.DoAsync(id, "issue", LicenseState.Issued);
        (await house.RefusedAsync($"licenses/{id}/issue", null, HttpStatusCode.Conflict, "licensing.move-not-allowed")).ShouldContain("Retrieve");
        house.Issuer.Asked.Count.ShouldBe(1);
        await house.RefusedAsync("licenses/99/issue", null, HttpStatusCode.NotFound, "licensing.not-found");

        var stock = await house.BroughtToAsync(LicenseState.Retrieved, PanelProduct, r => r["installer"] = null);
        await house.RefusedAsync($"licenses/{stock}/install", null, HttpStatusCode.Conflict, "licensing.installer-missing");
    }
}
