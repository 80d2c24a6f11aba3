using System.Net;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.SystemScreens;

/// <summary>Staff, tokens, audit trail and work queue at the screens.</summary>
public sealed class SystemScreensTests
{
    [Theory, BothEngines]
    public async Task An_administrator_adds_staff_and_tokens_which_are_shown_once_and_everybody_reads_what_was_done(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine, new HouseSettings { Notices = true });
        using var anna = await Visitor.SignInAsync(house);
        await anna.OpenAsync("/admin/staff");
        anna.Buttons.ShouldBe(["Add member", "Save", "Remove"]);
        await anna.PressAsync("Add member", ("name", "Otto"), ("login", "o t t o"));
        anna.Text.ShouldContain("accounts.login-invalid");
        anna.Html.ShouldContain("value=\"Otto\"");
        await anna.PressAsync("Add member", ("login", "otto"), ("role", "Operator"));
        var password = anna.Once;
        password.Length.ShouldBeGreaterThan(15);
        (await anna.OpenAsync("/admin/staff")).Html.ShouldNotContain(password);

        await anna.OpenAsync("/admin/tokens");
        await anna.PressAsync("Make a token", ("name", ""));
        anna.Text.ShouldContain("accounts.field-missing");
        await anna.PressAsync("Make a token", ("name", "nightly export"));
        var token = anna.Once;
        token.ShouldStartWith("kg");
        (await house.StatusAsync("customers", token)).ShouldBe(HttpStatusCode.OK);
        (await anna.OpenAsync("/admin/tokens")).Html.ShouldNotContain(token);
        anna.Buttons.ShouldBe(["Make a token", .. Enumerable.Repeat("Revoke", (int)await house.CountAsync("api_tokens"))]);
        await anna.SendAsync("/admin/tokens/2/revoke");
        anna.Text.ShouldContain("The token is revoked.");
        (await house.StatusAsync("customers", token)).ShouldBe(HttpStatusCode.Unauthorized);

        using var otto = Visitor.At(house.Url);
        await otto.OpenAsync("/admin");
        await otto.SendAsync("/admin/sign-in", ("login", "otto"), ("password", password), ("to", "/admin/audit"));
        otto.Text.ShouldContain("token.revoked");
        otto.Text.ShouldContain("staff.added");
        otto.Html.ShouldNotContain("/admin/staff", customMessage: "the menu leads nowhere that is refused");
        (await anna.OpenAsync("/admin/audit")).Html.ShouldContain("/admin/staff");
        (await otto.OpenAsync("/admin/audit?subject=token/2")).Text.ShouldNotContain("staff.added");
        foreach (var path in new[] { "/admin/staff", "/admin/tokens" })
        {
            (await otto.OpenAsync(path)).Status.ShouldBe(HttpStatusCode.Forbidden, path);
            otto.Text.ShouldContain("accounts.role-insufficient");
        }

        var before = await house.CountAsync("staff");
        await otto.OpenAsync("/admin/customers");
        await otto.SendAsync("/admin/staff", ("name", "Eve"), ("login", "eve"), ("role", "Administrator"));
        otto.Status.ShouldBe(HttpStatusCode.Forbidden);
        (await house.CountAsync("staff")).ShouldBe(before);

        (await otto.OpenAsync("/admin/events?topic=order.placed")).Text.ShouldContain("Nothing has happened yet.");
        await house.PaidAsync(await house.PlanAsync(p => p["hostingGate"] = "Callback"));
        await house.AfterAsync(TimeSpan.FromSeconds(1));
        (await otto.OpenAsync("/admin/work?state=waiting")).Text.ShouldContain("orders.host");
        (await otto.OpenAsync("/admin/work?state=stopped")).Text.ShouldContain("Nothing is there in this state.");
        await house.UntilAsync("events?topic=order.paid", e => e["items"]!.AsArray().Count > 0);
        await otto.OpenAsync("/admin/events");
        foreach (var topic in new[] { "order.placed", "order.paid" })
        {
            otto.Text.ShouldContain(topic);
        }

        otto.Text.IndexOf("order.paid", StringComparison.Ordinal).ShouldBeLessThan(otto.Text.IndexOf("order.placed", StringComparison.Ordinal), "the newest stands first");
        (await otto.OpenAsync("/admin/events?topic=order.placed")).Text.ShouldNotContain("order.paid");
        using var auditor = await Visitor.SignInAsync(house, "Auditor");
        foreach (var path in new[] { "/admin/audit", "/admin/work", "/admin/events" })
        {
            (await auditor.OpenAsync(path)).Status.ShouldBe(HttpStatusCode.OK, path);
            auditor.Buttons.ShouldBeEmpty(path);
        }
    }
}
