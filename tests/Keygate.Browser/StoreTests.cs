using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Keygate.Browser;

/// <summary>Store and portal in a real browser, without scripts and with them.</summary>
[Trait("Needs", "Processes")]
public sealed class StoreTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Without_scripts_a_visitor_chooses_sees_the_price_and_orders_and_with_them_price_and_status_follow_by_themselves()
    {
        await using (var plain = await browser.OpenAsync(390, ColorScheme.Dark, scripts: false))
        {
            await plain.Page.GotoAsync("/");
            await plain.Page.GetByText("Choose").First.ClickAsync();
            await plain.Page.CheckAsync("[value='30_DOMAINS']");
            await plain.Page.ClickAsync("text=Show the price");
            await plain.SaysAsync("#price", "18.90 EUR");
            await plain.Page.ClickAsync("text=Sign in to order");
            await plain.Page.ClickAsync("text=Open an account");
            await plain.Page.FillAsync("[name=name]", "Blue Yonder");
            await plain.Page.FillAsync("[name=email]", "it@blueyonder.example");
            await plain.Page.FillAsync("[name=password]", "long enough");
            await plain.Page.ClickAsync("main button");
            await plain.Page.ClickAsync("text=Order for 18.90 EUR");
            await plain.SaysAsync("#state", "Waiting for Payment");
            await plain.Page.ClickAsync("text=See how it goes on");
            await plain.SaysAsync("#state", "Waiting for Payment");
        }

        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/my/sign-in?to=/plans/1");
        await page.FillAsync("[name=email]", "IT@blueyonder.example");
        await page.FillAsync("[name=password]", "long enough");
        await page.ClickAsync("main button");
        await page.CheckAsync("[value='100_DOMAINS']");
        await window.SaysAsync("#price", "21.90 EUR");
        await page.ClickAsync("text=Order for 21.90 EUR");
        await window.SaysAsync("#state", "Waiting for Payment");
        var order = await browser.Provider.Rest.GetAsync($"orders/{page.Url.Split('/')[^1]}");
        ((long)order["total"]!).ShouldBe(2190);
        await browser.Provider.DoAsync($"orders/{order["id"]}/pay", new JsonObject { ["amount"] = 2190, ["currency"] = "EUR" });
        await window.SaysAsync("#state", "Completed");
        await page.Locator("#live a").ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("text=Download the license file"));
        download.SuggestedFilename.ShouldStartWith("PLSK.");
    }
}
