using System.Net;
using System.Text.Json.Nodes;
using Keygate.Issuers;
using Keygate.Storage;
using Keygate.Tests.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.PlugIns;

/// <summary>What an issuer's account offers, at the screens.</summary>
public sealed class OfferScreenTests
{
    [Fact]
    public async Task The_list_is_synchronized_and_shows_what_is_offered_missing_added_and_withdrawn()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite, new SimulatedFactory());
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "Sandbox", ["kind"] = "issuer.simulated", ["settings"] = new JsonObject { ["keyTypes"] = $"{Hosting.Plesk} OTHER_PRODUCT", ["features"] = Hosting.Domains10 },
        }))["id"]!;
        using var anna = await Visitor.SignInAsync(house);

        (await anna.OpenAsync($"/admin/plug-ins/{issuer}")).Links.ShouldContain("License Classes and Features");
        await anna.OpenAsync($"/admin/plug-ins/{issuer}/offer");
        await anna.PressAsync("Synchronize List of License Classes");
        anna.Text.ShouldContain("The list is up to date.");
        anna.Text.ShouldContain($"{Hosting.Antivirus} Anti-virus for Plesk Not available");
        anna.Text.ShouldContain($"The license class {Hosting.Antivirus} is not available for the account of 'Sandbox'. Address your account manager");
        anna.Text.ShouldContain($"{Hosting.Plesk} Plesk 10 for Virtuozzo Offered");
        anna.Text.ShouldContain("OTHER_PRODUCT – Not set up here");
        anna.Text.ShouldContain("Nothing has changed since the first list.");

        await house.PatchAsync($"plugins/{issuer}", new JsonObject { ["settings"] = new JsonObject { ["keyTypes"] = $"{Hosting.Plesk} NEW_ONE" } });
        await anna.PressAsync("Synchronize List of License Classes");
        anna.Text.ShouldContain("License class NEW_ONE Added");
        anna.Text.ShouldContain("License class OTHER_PRODUCT Withdrawn");
        anna.Text.ShouldContain($"Key types: {Hosting.Plesk}, NEW_ONE.");

        (await anna.OpenAsync($"/admin/plug-ins/{house.InstallerId}/offer")).Status.ShouldBe(HttpStatusCode.Conflict);
        anna.Text.ShouldContain("plugins.not-an-issuer");
        using var auditor = await Visitor.SignInAsync(house, "Auditor");
        (await auditor.OpenAsync($"/admin/plug-ins/{issuer}/offer")).Buttons.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_an_issuer_without_a_connection_sells_is_ticked()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "By mail", ["kind"] = "issuer.offline" }))["id"]!;
        using var anna = await Visitor.SignInAsync(house);

        await anna.OpenAsync($"/admin/plug-ins/{issuer}/offer");
        anna.Buttons.ShouldBe(["Save"]);
        await anna.PressAsync("Save", ("keyTypes", Hosting.Plesk), ("features", Hosting.Domains30));
        anna.Text.ShouldContain("only what is ticked can be sold");
        await anna.PressAsync("Save");
        var offer = await house.GetAsync($"plugins/{issuer}/offer");
        offer["items"]!.AsArray().Where(i => i!["withdrawnAt"] is null).Select(i => (string)i!["code"]!).Order(StringComparer.Ordinal).ShouldBe([Hosting.Domains30, Hosting.Plesk]);
    }
}
