using System.Net;
using System.Text.Json.Nodes;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;
using static Keygate.Tests.Licensing.LicensingHouse;

namespace Keygate.Tests.Licensing;

public sealed class ActivateLicenseTests
{
    [Theory, BothEngines]
    public async Task Comes_before_the_file_and_takes_only_the_data_that_the_class_demands(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.BroughtToAsync(LicenseState.Issued, ByHardware);

        await house.RefusedAsync($"licenses/{id}/retrieve", null, HttpStatusCode.Conflict, "licensing.activation-missing");
        await house.RefusedAsync($"licenses/{id}/activate", new JsonObject { ["instance"] = "cp.example" }, HttpStatusCode.BadRequest, "licensing.activation-data-missing");
        (await house.LicenseAsync(id))["activatedFor"].ShouldBeNull();

        await house.PostAsync($"licenses/{id}/activate", Hardware("HW-1"));
        var activated = await house.UntilStateAsync(id, LicenseState.Activated);
        ((string)activated["activatedFor"]!["hardwareId"]!).ShouldBe("HW-1");
        activated["file"].ShouldBeNull();

        await house.DoAsync(id, "retrieve", LicenseState.Retrieved);
        (await house.HistoryAsync(id)).Select(h => h.To).ShouldBe(["Pending", "Issued", "Issued", "Activated", "Retrieving", "Retrieved"]);
        await house.RefusedAsync($"licenses/{id}/activate", Hardware("HW-2"), HttpStatusCode.Conflict, "licensing.move-not-allowed");
    }

    [Theory, BothEngines]
    public async Task Is_refused_for_a_class_that_demands_none(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.BroughtToAsync(LicenseState.Issued, PanelProduct);

        await house.RefusedAsync($"licenses/{id}/activate", Hardware("HW-1"), HttpStatusCode.BadRequest, "licensing.activation-not-demanded");
    }

    [Theory, BothEngines]
    public async Task Keeps_data_that_are_given_before_the_key_and_uses_them_with_it(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.RequestAsync(ByHardware);
        await house.PostAsync($"licenses/{id}/activate", Hardware("HW-1"));
        var pending = await house.LicenseAsync(id);
        ((string)pending["status"]!).ShouldBe("Pending");
        pending["request"]!["activation"].ShouldBeNull();

        await house.StartAsync(id, Until.Installed);

        await house.UntilStateAsync(id, LicenseState.Installed);
        house.Issuer.Asked.ShouldHaveSingleItem().Activation!.HardwareId.ShouldBe("HW-1");
        (await house.HistoryAsync(id)).Select(h => h.To).ShouldBe(["Pending", "Pending", "Issued", "Activated", "Retrieving", "Retrieved", "Installing", "Installed"]);
    }

    [Theory, BothEngines]
    public async Task Wakes_the_process_that_waits_for_the_data(Engine engine)
    {
        await using var house = await StartAsync(engine);
        var id = await house.RequestAsync(ByHardware);
        await house.StartAsync(id, Until.Installed);
        var waiting = await house.UntilAsync(id, l => (string?)l["goingOn"]?["state"] == "waiting");
        ((string)waiting["status"]!).ShouldBe("Issued");
        ((string)waiting["goingOn"]!["step"]!).ShouldBe("await-activation");
        ((string)waiting["goingOn"]!["why"]!).ShouldContain("HardwareId");

        await house.PostAsync($"licenses/{id}/activate", Hardware("HW-1"));

        await house.UntilStateAsync(id, LicenseState.Installed);
        house.Issuer.Asked.Count.ShouldBe(1);
    }

    private static JsonObject Hardware(string id) => new() { ["hardwareId"] = id };
}
