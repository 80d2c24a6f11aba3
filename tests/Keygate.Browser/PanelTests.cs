using System.Text.Json.Nodes;
using Keygate.Testing;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Keygate.Browser;

/// <summary>The provider panel in a real browser.</summary>
[Trait("Needs", "Processes")]
public sealed class PanelTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Nobody_sees_anything_without_signing_in_and_after_it_lands_where_they_wanted_to_go()
    {
        await using var window = await browser.OpenAsync();
        await window.Page.GotoAsync("/admin/licenses/1");
        window.Page.Url.ShouldContain("/admin/sign-in");

        await window.Page.FillAsync("#login", "admin");
        await window.Page.FillAsync("#password", "wrong");
        await window.Page.ClickAsync("button.btn-primary");
        await window.SaysAsync("[role=alert]", "Login or password is wrong");
        (await window.Page.InputValueAsync("#login")).ShouldBe("admin");

        await window.Page.FillAsync("#password", (string)browser.Provider.Demo["panel"]!["password"]!);
        await window.Page.ClickAsync("button.btn-primary");
        await window.SaysAsync("h1", "License 1");

        await window.Page.GetByText("Sign out").ClickAsync();
        await window.Page.GotoAsync("/admin");
        window.Page.Url.ShouldContain("/admin/sign-in");
    }

    [Fact]
    public async Task A_customer_is_added_orders_pays_and_has_an_installed_license_without_a_reload()
    {
        await using var window = await browser.OpenAsync();
        await window.SignInAsync();
        var page = window.Page;
        await page.GotoAsync("/admin/customers");
        await page.GetByText("Add customer").First.ClickAsync();
        await page.FillAsync("[name=name]", "Blue Yonder");
        await page.FillAsync("[name=email]", "hosting@blueyonder.example");
        await page.Locator(".ask[open] button").ClickAsync();
        await window.SaysAsync("h1", "Blue Yonder");

        await page.Locator(".ask > summary").First.ClickAsync();
        await page.CheckAsync("[value=PLESK_10_AND_LATER_FOR_VZ]");
        await page.CheckAsync("[value='30_DOMAINS']");
        await page.Locator(".ask[open] button").ClickAsync();
        await window.SaysAsync("#state", "Waiting for Payment");
        (await window.ButtonsAsync()).ShouldBe(["Record payment of 18.90 EUR ...", "Hold ...", "Cancel Order ..."]);

        await page.Locator(".ask > summary").First.ClickAsync();
        await page.FillAsync("[name=reference]", "transfer 4711");
        await page.Locator(".ask[open] button").ClickAsync();
        await window.SaysAsync("#state", "Completed");
        foreach (var state in new[] { "Pending", "Issued", "Retrieving", "Retrieved", "Installing", "Installed" })
        {
            await window.SaysAsync("#timeline", state);
        }

        await page.GotoAsync("/admin");
        await window.SaysAsync("main", "Installed");
    }

    [Fact]
    public async Task What_stopped_says_cause_and_remedy_and_goes_on_by_its_button()
    {
        var provider = browser.Provider;
        var settings = await provider.IssuerSettingsAsync();
        var password = (string)settings["password"]!;
        var issuer = await provider.PluginAsync("Wrong password", "issuer.key-administrator", settings);
        var plan = await provider.PlanOverAsync(issuer, null);
        await provider.ChangePluginAsync(issuer, new JsonObject { ["password"] = "wrong" });
        var order = await provider.OrderAndPayAsync(plan, "PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        await provider.UntilAsync(order, o => (string)o["state"]! is "PF" or "PR" && o["items"]!.AsArray().Any(i => i!["cause"] is not null || (string)i["status"]! == "Failed" || i["waitsFor"] is not null));

        await using var window = await browser.OpenAsync();
        await window.SignInAsync();
        await window.Page.GotoAsync("/admin/attention");
        var note = window.Page.Locator("article", new() { HasText = FormattableString.Invariant($"Order {order}") });
        await Assertions.Expect(note).ToContainTextAsync("Login or password is wrong");
        await provider.ChangePluginAsync(issuer, new JsonObject { ["password"] = password });
        await window.Page.GotoAsync(FormattableString.Invariant($"/admin/plug-ins/{issuer}"));
        await window.SaysAsync("main", "Paused");
        await window.Page.Locator(".act", new() { HasText = "Resume" }).Locator("button").ClickAsync();
        await window.SaysAsync("[role=status]", "works again");

        await window.Page.GotoAsync("/admin/attention");
        await note.Locator("button", new() { HasText = "Resubmit" }).ClickAsync();
        await window.SaysAsync("[role=status]", "goes on where it stopped");

        await provider.UntilAsync(order, o => (string)o["state"]! == "CP");
    }

    [Fact]
    public async Task A_license_is_requested_by_the_wizard_and_each_state_has_just_its_buttons()
    {
        await using var window = await browser.OpenAsync();
        await window.SignInAsync();
        var page = window.Page;
        await page.GotoAsync("/admin/licenses");
        await page.GetByText("New License").ClickAsync();
        await page.CheckAsync("[value=PLESK_10_AND_LATER_FOR_VZ]");
        await page.ClickAsync("button.btn-primary");

        // The browser itself keeps the mandatory group; the server says it to whoever goes round the browser.
        await page.ClickAsync("button.btn-primary");
        page.Url.ShouldContain("/admin/licenses/new");
        await page.CheckAsync("[value='30_DOMAINS']");
        await page.ClickAsync("button.btn-primary");
        await window.SaysAsync("[role=status]", "1 requested");
        (await window.ButtonsAsync()).ShouldBe(["Issue License"]);

        await page.ClickAsync("text=Issue License");
        await window.SaysAsync("#timeline", "Issued");
        await Assertions.Expect(page.Locator("#live > .acts")).ToContainTextAsync("Retrieve");
        (await window.ButtonsAsync()).ShouldBe(["Retrieve", "Renew License", "Change ...", "Sync License", "Terminate ..."]);

        await page.ClickAsync("#live > .acts button");
        await window.SaysAsync("#timeline", "Retrieved");
        await Assertions.Expect(page.Locator("#live > .acts")).ToContainTextAsync("Install");
        (await window.ButtonsAsync()).ShouldBe(["Download to Desktop", "Install", "Renew License", "Change ...", "Sync License", "Record as installed ...", "Terminate ...", "Assign to subscription ..."]);

        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("text=Download to Desktop"));
        download.SuggestedFilename.ShouldStartWith("PLSK.");
    }

    [Fact]
    public async Task A_plug_in_is_added_by_the_wizard_tested_paused_and_resumed()
    {
        await using var window = await browser.OpenAsync();
        await window.SignInAsync();
        var page = window.Page;
        await page.GotoAsync("/admin/plug-ins");
        await page.GetByText("New plug-in").ClickAsync();
        await page.FillAsync("#name", "Archive");
        await page.CheckAsync("[value='installer.directory']");
        await page.ClickAsync("button.btn-primary");
        await page.FillAsync("[name=setting-root]", "relative/folder");
        await page.ClickAsync("button.btn-primary");

        // Refused: the cause stands on top, the field is marked, and nothing that was typed is lost.
        await Assertions.Expect(page.Locator("[role=alert]")).ToBeVisibleAsync();
        (await page.InputValueAsync("#name")).ShouldBe("Archive");
        (await page.InputValueAsync("[name=setting-root]")).ShouldBe("relative/folder");
        await Assertions.Expect(page.Locator("[name=setting-root]")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("is-invalid"));

        await page.FillAsync("[name=setting-root]", Path.Combine(browser.Provider.Data, "archive"));
        await page.ClickAsync("button.btn-primary");
        await window.SaysAsync("h1", "Archive");
        await page.ClickAsync("text=Test connection");
        await window.SaysAsync("[role=status]", "The test");
        await page.Locator(".ask > summary", new() { HasText = "Pause" }).ClickAsync();
        await page.FillAsync("[name=reason]", "disk is being replaced");
        await page.Locator(".ask[open] button").ClickAsync();
        await window.SaysAsync("main", "disk is being replaced");
        await page.GotoAsync("/admin");
        await window.SaysAsync("main", "disk is being replaced");
        await page.GetByText("Archive").ClickAsync();
        await page.Locator(".act button", new() { HasText = "Resume" }).ClickAsync();
        await window.SaysAsync("[role=status]", "works again");
    }

    [Fact]
    public async Task A_license_class_and_a_feature_are_added_archived_and_put_back_and_a_file_shows_what_it_would_change()
    {
        await using var window = await browser.OpenAsync();
        await window.SignInAsync();
        var page = window.Page;
        await page.GotoAsync("/admin/license-classes");
        await page.Locator(".ask > summary", new() { HasText = "Add New License Class" }).ClickAsync();
        await page.FillAsync("[name=keyType]", "PLESK_10_AND_LATER_FOR_VZ");
        await page.FillAsync("[name=name]", "Twice");
        await page.FillAsync("[name=product]", "Plesk");
        await page.Locator(".ask[open] button").ClickAsync();
        await Assertions.Expect(page.Locator("[role=alert]")).ToContainTextAsync("PLESK_10_AND_LATER_FOR_VZ");
        await page.FillAsync("[name=keyType]", "PANEL_MAIL");
        await page.FillAsync("[name=name]", "Panel Mail 3");
        await page.Locator(".ask[open] button").ClickAsync();
        await window.SaysAsync("h1", "Panel Mail 3");

        await page.Locator(".ask > summary", new() { HasText = "Add New Feature" }).ClickAsync();
        await page.FillAsync("[name=featureId]", "PANEL_MAIL_50");
        await page.FillAsync("[name=name]", "50 mailboxes");
        await page.Locator(".ask[open] button").ClickAsync();
        await window.SaysAsync("main", "50 mailboxes");

        await page.Locator(".act button", new() { HasText = "Archive" }).ClickAsync();
        await window.SaysAsync("main", "Archived since");
        await page.Locator(".act button", new() { HasText = "Put back" }).ClickAsync();
        await window.SaysAsync("[role=status]", "ordered again");

        // The sample's file knows nothing of these two: they would be archived, and are not before the button is pressed.
        await page.GotoAsync("/admin/license-classes");
        await page.Locator(".ask > summary", new() { HasText = "Import catalog file" }).ClickAsync();
        await page.SetInputFilesAsync("#file", Path.Combine(Programs.Samples, "hosting", "catalog.json"));
        await page.Locator(".ask[open] button").ClickAsync();
        await window.SaysAsync("main", "Nothing is written yet");
        await window.SaysAsync("main", "PANEL_MAIL_50");
        (await browser.Provider.Rest.GetAsync("license-classes/PANEL_MAIL"))["archivedAt"].ShouldBeNull();
        await page.ClickAsync("button.btn-primary");
        await window.SaysAsync("[role=status]", "imported");
        (await browser.Provider.Rest.GetAsync("license-classes/PANEL_MAIL"))["archivedAt"].ShouldNotBeNull();
    }

    [Fact]
    public async Task From_any_page_a_key_number_or_a_name_is_found_by_the_keyboard_alone()
    {
        await using var window = await browser.OpenAsync();
        await window.SignInAsync();
        var page = window.Page;
        await page.GotoAsync("/admin/plans/1");
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("plsk.00000001");
        await page.Keyboard.PressAsync("Enter");
        await window.SaysAsync("#found", "PLSK.00000001.0000");
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("North");
        await page.Keyboard.PressAsync("Enter");
        await window.SaysAsync("#found", "Northwind Traders");
    }

    [Fact]
    public async Task A_form_of_another_session_and_one_sent_twice_do_nothing()
    {
        await using var window = await browser.OpenAsync();
        await window.SignInAsync();
        await window.Page.GotoAsync("/admin/customers");
        var before = await browser.Provider.Rest.CountAsync("customers");

        // As another site's page would send it: with the cookie, without the token.
        var foreign = await window.Page.APIRequest.PostAsync("/admin/customers", new() { Form = Form(window, ("name", "Mallory"), ("email", "m@x.example")) });
        foreign.Status.ShouldBe(403);
        (await foreign.TextAsync()).ShouldContain("panel.form-foreign");
        (await browser.Provider.Rest.CountAsync("customers")).ShouldBe(before);

        var token = await window.Page.Locator("[name=form-token]").First.GetAttributeAsync("value");
        for (var i = 0; i < 2; i++)
        {
            var sent = await window.Page.APIRequest.PostAsync(
                "/admin/customers", new() { Form = Form(window, ("name", "Once"), ("email", "once@x.example"), ("form-token", token!), ("form-once", "the-same-key")) });
            sent.Status.ShouldBe(200);
            (await sent.TextAsync()).ShouldContain("Once");
        }

        (await browser.Provider.Rest.CountAsync("customers")).ShouldBe(before + 1);
    }

    [Fact]
    public async Task An_auditor_sees_everything_and_no_button()
    {
        await browser.Provider.DoAsync("staff", new JsonObject { ["name"] = "Ada Auditor", ["login"] = "ada", ["password"] = "only-looking", ["role"] = "Auditor" });
        await using var window = await browser.OpenAsync();
        await window.SignInAsync("ada", "only-looking");
        foreach (var path in new[] { "/admin/licenses/1", "/admin/orders/1", "/admin/plug-ins/1", "/admin/customers/1000001", "/admin/audit", "/admin/work", "/admin/events" })
        {
            await window.Page.GotoAsync(path);
            (await window.Page.Locator("main form[method=post]").CountAsync()).ShouldBe(0, path);
        }

        var token = await window.Page.Locator("[name=form-token]").First.GetAttributeAsync("value");
        var refused = await window.Page.APIRequest.PostAsync("/admin/plug-ins/1/pause", new() { Form = Form(window, ("form-token", token!), ("form-once", "x")) });
        refused.Status.ShouldBe(403);
        (await browser.Provider.Rest.GetAsync("plugins/1"))["pausedAt"].ShouldBeNull();
        await window.Page.GetByText("Sign out").ClickAsync();
        await window.SaysAsync("h1", "Sign in");
    }

    private static IFormData Form(Window window, params (string Name, string Value)[] fields)
    {
        var form = window.Page.APIRequest.CreateFormData();
        foreach (var (name, value) in fields)
        {
            form.Set(name, value);
        }

        return form;
    }
}
