using Keygate.Testing;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Keygate.Browser;

/// <summary>
/// Every screen in both themes and at both widths: nothing wider than the window, no violation of the accessibility rules, and a picture in
/// <c>docs/screens</c> where <c>KEYGATE_APPROVE=1</c> asks for new ones.
/// </summary>
[Trait("Needs", "Processes")]
public sealed class ScreensTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly (string Name, string Path)[] Screens =
    [
        ("dashboard", "/admin"), ("attention", "/admin/attention"), ("licenses", "/admin/licenses"), ("license", "/admin/licenses/1"),
        ("license-change", "/admin/licenses/1/change"), ("license-change-preview", "/admin/licenses/1/change?feature-DOMAIN_LIMIT=100_DOMAINS&when=PeriodEnd"), ("sync", "/admin/sync"), ("plug-in-offer", "/admin/plug-ins/1/offer"), ("plug-in-offer-by-hand", "/admin/plug-ins/4/offer"),
        ("new-license-class", "/admin/licenses/new"), ("new-license-capacity", "/admin/licenses/new?issuer=1&keyType=PLESK_10_AND_LATER_FOR_VZ"),
        ("license-classes", "/admin/license-classes"), ("license-class", "/admin/license-classes/PLESK_10_AND_LATER_FOR_VZ"), ("plug-ins", "/admin/plug-ins"), ("plug-in", "/admin/plug-ins/1"),
        ("new-plug-in", "/admin/plug-ins/new"), ("new-plug-in-settings", "/admin/plug-ins/new?kind=issuer.key-administrator&name=KA"), ("find", "/admin/find?q=PLSK"), ("orders", "/admin/orders"), ("order", "/admin/orders/1"), ("order-failed", "/admin/orders/2"), ("stalled", "/admin/orders/stalled"),
        ("customers", "/admin/customers"), ("customer", "/admin/customers/1000001"), ("subscriptions", "/admin/subscriptions"), ("subscription", "/admin/subscriptions/1"),
        ("staff", "/admin/staff"), ("tokens", "/admin/tokens"), ("audit", "/admin/audit"), ("work", "/admin/work"), ("events", "/admin/events"),
        ("plans", "/admin/plans"), ("plan", "/admin/plans/1"), ("new-plan", "/admin/plans/new"),
        ("issuer", "/issuer"), ("clients", "/issuer/clients"), ("client", "/issuer/clients/1"), ("keys", "/issuer/keys"), ("key", "/issuer/keys/00000001"), ("new-key", "/issuer/keys/new"),
        ("new-key-type", "/issuer/keys/new?client=northwind"), ("new-key-capacity", "/issuer/keys/new?client=northwind&keyType=PLESK_10_AND_LATER_FOR_VZ"), ("price-lists", "/issuer/price-lists"),
        ("price-list", "/issuer/price-lists/hosting"), ("renewals", "/issuer/renewals"), ("multi-use", "/issuer/multi-use"), ("vendors", "/issuer/vendors"), ("purchases", "/issuer/purchases"),
        ("signing-keys", "/issuer/signing-keys"), ("status-list", "/issuer/status-list"),
        ("first-run", "/admin/first-run"), ("first-run-issuer", "/admin/first-run?step=Issuer"), ("forgotten", "/admin/forgotten"), ("my-forgotten", "/my/forgotten"), ("store", "/"), ("store-plan", "/plans/1"), ("my-sign-in", "/my/sign-in"), ("my-register", "/my/register"), ("page-unknown", "/admin/nowhere"),
    ];

    private const string Email = "it@blueyonder.example", Password = "long enough";

    [Fact]
    public async Task Every_screen_fits_its_window_and_keeps_the_accessibility_rules_in_both_themes()
    {
        var provider = browser.Provider;
        var closed = await provider.PluginAsync("Closed folder", "installer.directory", new() { ["root"] = "/proc/keygate" });
        await provider.PluginAsync("By mail", "issuer.offline", new());
        var failed = await provider.OrderAndPayAsync(await provider.PlanOverAsync(null, closed), "PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        await provider.UntilAsync(failed, o => o["items"]!.AsArray().Any(i => i!["cause"] is not null || (string)i["status"]! == "Failed"));
        var portal = await SoldAsync();
        var axe = await Axe.SourceAsync();
        var findings = new List<string>();
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 1280, 390 })
            {
                await using var window = await browser.OpenAsync(width, theme);
                await window.Page.GotoAsync("/admin/sign-in");
                await LookAsync(window, "sign-in", theme, width, axe, findings);
                await window.SignInAsync();
                foreach (var (name, path) in Screens)
                {
                    await window.Page.GotoAsync(path);
                    await LookAsync(window, name, theme, width, axe, findings);
                }

                await window.Page.GotoAsync("/my/sign-in");
                await window.Page.FillAsync("[name=email]", Email);
                await window.Page.FillAsync("[name=password]", Password);
                await window.Page.ClickAsync("main button");
                foreach (var (name, path) in portal)
                {
                    await window.Page.GotoAsync(path);
                    await LookAsync(window, name, theme, width, axe, findings);
                }
            }
        }

        findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_screen_is_there_in_German_too()
    {
        await using var window = await browser.OpenAsync(language: "de-DE");
        await window.SignInAsync();
        foreach (var (_, path) in Screens)
        {
            await window.Page.GotoAsync(path);
            (await window.Page.Locator("html").GetAttributeAsync("lang")).ShouldBe("de");
        }

        await window.Page.GotoAsync("/admin/licenses/1");
        await window.SaysAsync("main", "Zeitlinie");
    }

    // A customer of the store with a license and an order that waits for its payment; the pages that are theirs.
    private async Task<(string Name, string Path)[]> SoldAsync()
    {
        var provider = browser.Provider;
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/my/register?to=" + Uri.EscapeDataString("/plans/1?choice=PLESK_10_AND_LATER_FOR_VZ&choice=30_DOMAINS"));
        await page.FillAsync("[name=name]", "Blue Yonder");
        await page.FillAsync("[name=email]", Email);
        await page.FillAsync("[name=password]", Password);
        await page.ClickAsync("main button");
        var ids = new List<int>();
        for (var i = 0; i < 2; i++)
        {
            await page.GotoAsync("/plans/1?choice=PLESK_10_AND_LATER_FOR_VZ&choice=30_DOMAINS");
            await page.ClickAsync("text=Order for 18.90 EUR");
            await window.SaysAsync("#state", "Waiting for Payment");
            ids.Add(int.Parse(page.Url.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture));
        }

        await provider.DoAsync(FormattableString.Invariant($"orders/{ids[0]}/pay"), new System.Text.Json.Nodes.JsonObject { ["amount"] = 1890, ["currency"] = "EUR" });
        var license = 0;
        var subscription = 0;
        await provider.UntilAsync(ids[0], o =>
        {
            license = (int?)o["licenses"]?.AsArray().FirstOrDefault()?["id"] ?? 0;
            subscription = (int?)o["subscriptionId"] ?? 0;
            return (string)o["state"]! == "CP";
        });
        return
        [
            ("my", "/my"), ("my-order", FormattableString.Invariant($"/my/orders/{ids[0]}")), ("my-order-unpaid", FormattableString.Invariant($"/my/orders/{ids[1]}")),
            ("my-license", FormattableString.Invariant($"/my/licenses/{license}")), ("my-license-change", FormattableString.Invariant($"/my/licenses/{license}/change")),
            ("my-license-change-preview", FormattableString.Invariant($"/my/licenses/{license}/change?feature-DOMAIN_LIMIT=100_DOMAINS&when=PeriodEnd")),
            ("my-subscription", FormattableString.Invariant($"/my/subscriptions/{subscription}")),
        ];
    }

    private static async Task LookAsync(Window window, string name, ColorScheme theme, int width, string axe, List<string> findings)
    {
        var place = FormattableString.Invariant($"{name}, {theme}, {width}");
        var wider = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - window.innerWidth");
        if (wider > 0)
        {
            findings.Add($"{place}: {wider} pixels wider than the window");
        }

        findings.AddRange((await Axe.ViolationsAsync(window.Page, axe)).Select(v => $"{place}: {v}"));
        if (Environment.GetEnvironmentVariable("KEYGATE_APPROVE") == "1")
        {
            await window.Page.ScreenshotAsync(new()
            {
                Path = Path.Combine(Repository.Root, "docs", "screens", FormattableString.Invariant($"{name}-{theme.ToString().ToLowerInvariant()}-{width}.png")), FullPage = true,
            });
        }
    }
}
