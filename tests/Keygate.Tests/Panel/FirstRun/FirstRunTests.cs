using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Tests.Orders;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.FirstRun;

/// <summary>The first run: from the link that an empty server prints to an installed license, by forms alone.</summary>
public sealed class FirstRunTests
{
    [Fact]
    public async Task An_empty_server_is_set_up_step_by_step_until_a_license_is_installed()
    {
        await using var server = await HostUnderTest.StartAsync();
        await server.ReadyAsync();
        using var anna = Visitor.At(server.Host.HttpUrl);
        await anna.OpenAsync(server.Host.SetupLink!.PathAndQuery);
        await anna.SendAsync("/setup", ("key", server.Host.SetupLink.Query["?key=".Length..]), ("name", "Anna"), ("login", "anna"), ("password", "correct horse"));
        anna.Html.ShouldContain("/admin/first-run");
        await anna.OpenAsync("/admin/first-run");
        await anna.SendAsync("/admin/sign-in", ("login", "anna"), ("password", "correct horse"), ("to", "/admin/first-run"));

        // What is wrong is said, and what was typed stays.
        await anna.PressAsync("Save and go on", ("name", "Northwind Hosting"), ("hostName", "https://x"), ("email", "office@northwind.example"), ("currency", "euro"));
        anna.Status.ShouldBe(HttpStatusCode.BadRequest);
        anna.Text.ShouldContain("'https://x' is no host name.");
        anna.Text.ShouldContain("'EURO' is no currency code.");
        anna.Html.ShouldContain("value=\"Northwind Hosting\"");
        await anna.PressAsync("Save and go on", ("hostName", "127.0.0.1:8080"), ("currency", "eur"));
        anna.Text.ShouldContain("Who you are Done Northwind Hosting, 127.0.0.1:8080, EUR");

        // Left and resumed: the dashboard says where it goes on.
        (await anna.OpenAsync("/admin")).Links.ShouldContain("Go on with the set-up: Where keys come from");
        await anna.OpenAsync("/admin/first-run");
        await anna.PressAsync("Use the key server");
        anna.Text.ShouldContain("Where keys come from Done Key server");
        await anna.PressAsync("Use this folder");
        anna.Text.ShouldContain("Where licenses go Done License folders");
        await anna.PressAsync("Import the sample");
        anna.Text.ShouldContain("8 license classes");

        await anna.OpenAsync("/admin/plans/new?keyType=PLESK_10_AND_LATER_FOR_VZ&then=first-run");
        await anna.PressAsync("Add the plan", ("subscriptionFee", "ten"));
        anna.Text.ShouldContain("'ten' is no amount of EUR.");
        await anna.PressAsync("Add the plan", ("subscriptionFee", "9,90"), ("fee-30_DOMAINS", "2.50"));
        anna.Path.ShouldBe("/admin/first-run", anna.Text);
        anna.Text.ShouldContain("The plan is on sale.");
        var plan = (await server.GetAsync("/plans/1")).Json!;
        ((long)plan["periods"]![0]!["subscriptionFee"]!, plan["rates"]!.AsArray().Single(r => (string)r!["command"]! == "30_DOMAINS")!["recurringFee"]!.GetValue<long>()).ShouldBe((990, 250));

        await anna.PressAsync("Add the customer and order", ("name", "Blue Yonder"), ("email", "it@blueyonder.example"));
        await anna.PressAsync("Place order", ("resource", "30_DOMAINS"));
        anna.Text.ShouldContain("Waiting for Payment");
        await anna.PressAsync("Record payment of 12.40 EUR", ("reference", "transfer 1"));
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await anna.OpenAsync("/admin/licenses/1")).Text.Contains("Status Installed", StringComparison.Ordinal))
        {
            over.IsCancellationRequested.ShouldBeFalse(anna.Text);
            await Task.Delay(50);
        }

        Directory.GetFiles(Path.Combine(server.Settings.Data, "licenses"), "*.xml", SearchOption.AllDirectories).Length.ShouldBe(1);
        (await anna.OpenAsync("/admin/first-run")).Text.ShouldContain("All is set up.");
        (await anna.OpenAsync("/admin")).Text.ShouldNotContain("set-up");
        (await server.GetAsync("/provider")).Json!["currency"]!.GetValue<string>().ShouldBe("EUR");
    }

    [Fact]
    public async Task Where_no_key_server_works_it_is_not_offered_and_a_form_that_asks_for_it_is_refused()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        using var anna = await Visitor.SignInAsync(house);
        await anna.OpenAsync("/admin/first-run?step=Issuer");
        anna.Buttons.ShouldBeEmpty();
        anna.Links.ShouldContain("Key Administrator with a connection");
        await anna.OpenAsync("/admin/first-run?step=Order");
        await anna.SendAsync("/admin/first-run/issuer", ("sample", "hosting"));
        anna.Status.ShouldBe(HttpStatusCode.Conflict);
        anna.Text.ShouldContain("panel.no-key-server");
        ((JsonArray)(await house.GetAsync("plugins"))["items"]!).Count.ShouldBe(2, "those of the house, and no other");
        await house.PutAsync("provider", new JsonObject { ["name"] = "Northwind", ["hostName"] = "shop.northwind.example", ["email"] = "a@northwind.example", ["currency"] = "EUR" });
        ((string)(await house.GetAsync("provider"))["hostName"]!).ShouldBe("shop.northwind.example");
    }
}
