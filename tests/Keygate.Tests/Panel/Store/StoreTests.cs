using System.Net;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Tests.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.Store;

/// <summary>Store and portal, used by forms alone: what is shown costs what it says, and nobody sees what is somebody else's.</summary>
public sealed class StoreTests
{
    [Fact]
    public async Task A_visitor_chooses_sees_the_price_opens_an_account_orders_and_has_the_license()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        var plan = await house.PlanAsync();
        await house.PutAsync("provider", new JsonObject { ["name"] = "Northwind Hosting", ["hostName"] = "shop.northwind.example", ["email"] = "office@northwind.example", ["currency"] = "EUR" });
        using var visitor = Visitor.At(house.Url);

        await visitor.OpenAsync("/");
        visitor.Text.ShouldContain("Virtual server from 16.40 EUR per month");
        visitor.Html.ShouldContain("Northwind Hosting");
        await visitor.OpenAsync($"/plans/{plan}");
        visitor.Text.ShouldContain("30 domains, 2.50 EUR per month");
        visitor.Text.ShouldContain("Total 16.40 EUR");

        // What does not go together says why, and there is nothing to press.
        await visitor.OpenAsync($"/plans/{plan}?choice={Hosting.Plesk}");
        visitor.Text.ShouldContain("DOMAINS");
        visitor.Text.ShouldNotContain("Sign in to order");
        await visitor.OpenAsync($"/plans/{plan}?choice={Hosting.Plesk}&choice={Hosting.Domains30}");
        visitor.Text.ShouldContain("Total 18.90 EUR");
        visitor.Text.ShouldContain("After that 18.90 EUR per month");
        visitor.Links.ShouldContain("Sign in to order");
        visitor.Buttons.ShouldBeEmpty("nobody orders without an account");

        var back = $"/plans/{plan}?choice={Hosting.Plesk}&choice={Hosting.Domains30}";
        await visitor.OpenAsync($"/my/register?to={Uri.EscapeDataString(back)}");
        await visitor.PressAsync("Open the account", ("name", "Blue Yonder"), ("email", "it@blueyonder.example"), ("password", "short"));
        visitor.Text.ShouldContain("accounts.password-weak");
        await visitor.PressAsync("Open the account", ("password", "long enough"));
        visitor.Path.ShouldBe(back);
        await visitor.PressAsync("Order for 18.90 EUR");
        visitor.Text.ShouldContain("Please pay 18.90 EUR and name Order 1");
        visitor.Text.ShouldContain("office@northwind.example");

        // It is the same order for the staff, who record the payment.
        var order = await house.OrderAsync(1);
        ((string)order["state"]!, (long)order["total"]!, (string)order["customer"]!).ShouldBe(("WP", 1890, "Blue Yonder"));
        await house.PayAsync(order);
        await house.UntilStateAsync(1, "CP");
        await visitor.OpenAsync("/my/orders/1");
        visitor.Text.ShouldContain("Completed");
        await visitor.OpenAsync("/my");
        visitor.Text.ShouldContain("Installed");
        await visitor.OpenAsync("/my/licenses/1");
        visitor.Text.ShouldContain((string)(await house.GetAsync("licenses/1"))["keyNumber"]!);
        visitor.Links.ShouldContain("Download the license file");
        (await visitor.OpenAsync("/my/licenses/1/file")).Html.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task What_is_somebody_elses_is_not_there_and_a_foreign_form_does_nothing()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        var order = await house.PaidAsync(await house.PlanAsync());
        var license = (int)(await house.UntilStateAsync(order, "CP"))["licenses"]![0]!["id"]!;
        using var eve = Visitor.At(house.Url);
        (await eve.OpenAsync("/my")).Path.ShouldStartWith("/my/sign-in");
        await eve.SendAsync("/my/sign-in", ("email", "office@northwind.example"), ("password", "long enough"));
        eve.Status.ShouldBe(HttpStatusCode.Unauthorized, "who was added by the staff has no password");

        await eve.OpenAsync("/my/register?to=https://evil.example/");
        await eve.PressAsync("Open the account", ("name", "Eve"), ("email", "Office@northwind.example"), ("password", "long enough"));
        eve.Path.ShouldBe("/my", "and nowhere else");
        eve.Text.ShouldContain("You have no license yet.");
        foreach (var path in new[] { $"/my/orders/{order}", $"/my/orders/{order}/live", $"/my/licenses/{license}", $"/my/licenses/{license}/file" })
        {
            (await eve.OpenAsync(path)).Status.ShouldBe(HttpStatusCode.NotFound, path);
            eve.Text.ShouldNotContain("Virtual server");
        }

        (await eve.OpenAsync("/admin")).Path.ShouldStartWith("/admin/sign-in", customMessage: "a customer is no member of the staff");
        var (orders, customers) = (await house.CountAsync("orders"), await house.CountAsync("customers"));
        await eve.SendAsync("/plans/1/order", ("choice", Hosting.Plesk), ("choice", Hosting.Domains30), ("form-token", "another"));
        eve.Status.ShouldBe(HttpStatusCode.Forbidden, "the form carried no token of this session");

        using var twin = Visitor.At(house.Url);
        await twin.OpenAsync("/my/register");
        await twin.PressAsync("Open the account", ("name", "Twin"), ("email", "office@NORTHWIND.example"), ("password", "long enough"));
        twin.Text.ShouldContain("accounts.email-taken");
        (await house.CountAsync("orders"), await house.CountAsync("customers")).ShouldBe((orders, customers));
    }
}
