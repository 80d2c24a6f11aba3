using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer.PartnerApi10.Conformance;
using Keygate.Tests.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel.SigningIn;

/// <summary>Passwords by links that come by mail, for staff and customers; roles, and members who leave.</summary>
public sealed partial class PasswordLinkTests
{
    [Theory, BothEngines]
    public async Task Who_is_invited_or_forgot_chooses_a_password_by_a_link_that_works_once(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine, new HouseSettings { Notices = true });
        using var smtp = SmtpStandIn.Start();
        using var anna = await Visitor.SignInAsync(house);
        await anna.OpenAsync("/admin/staff");
        await anna.PressAsync("Add member", ("name", "Otto"), ("login", "otto"), ("email", "otto@provider.example"), ("role", "Operator"));
        var otto = (int)(await house.GetAsync("staff"))["items"]!.AsArray()[^1]!["id"]!;

        // Nothing leads anywhere before mail and host name are known, and that is said.
        await anna.SendAsync($"/admin/staff/{otto}/password-link");
        anna.Text.ShouldContain("notices.mail-off");
        await house.PutAsync("mail", new JsonObject { ["host"] = "127.0.0.1", ["port"] = smtp.Url.Port, ["startTls"] = false, ["from"] = "keygate@provider.example" });
        await anna.OpenAsync("/admin/staff");
        await anna.SendAsync($"/admin/staff/{otto}/password-link");
        anna.Text.ShouldContain("accounts.provider-unnamed");
        await house.PutAsync("provider", new JsonObject { ["name"] = "Northwind Hosting", ["hostName"] = "shop.northwind.example", ["email"] = "office@northwind.example", ["currency"] = "EUR" });

        await anna.OpenAsync("/admin/staff");
        await anna.SendAsync($"/admin/staff/{otto}/password-link");
        anna.Text.ShouldContain("The link goes to otto@provider.example.");
        var link = await LinkAsync(house, smtp, 1, "otto@provider.example");
        link.ShouldStartWith("https://shop.northwind.example/admin/password?key=");
        using var him = Visitor.At(house.Url);
        await him.OpenAsync(new Uri(link).PathAndQuery);
        him.Text.ShouldContain("For Otto, who signs in as otto.");
        await him.PressAsync("Save the password", ("password", "short"));
        him.Text.ShouldContain("accounts.password-weak");
        await him.PressAsync("Save the password", ("password", "quite long enough"));
        him.Path.ShouldBe("/admin/sign-in");
        him.Text.ShouldContain("Sign in with it.");
        await him.SendAsync("/admin/sign-in", ("login", "otto"), ("password", "quite long enough"), ("to", "/admin"));
        him.Path.ShouldBe("/admin");
        (await him.OpenAsync(new Uri(link).PathAndQuery)).Status.ShouldBe(HttpStatusCode.Forbidden, "it works once");

        // A customer whom the staff added comes in by an invitation; another address gives nobody what is theirs.
        await anna.OpenAsync($"/admin/customers/{house.Customer}");
        await anna.PressAsync("Invite to the portal");
        var invitation = await LinkAsync(house, smtp, 2, "office@northwind.example");
        invitation.ShouldStartWith("https://shop.northwind.example/my/password?key=");
        using var customer = Visitor.At(house.Url);
        (await customer.OpenAsync(new Uri(invitation).PathAndQuery.Replace("/my/", "/admin/", StringComparison.Ordinal))).Status.ShouldBe(HttpStatusCode.Forbidden, "a customer's link makes no member");
        await customer.OpenAsync(new Uri(invitation).PathAndQuery);
        await customer.PressAsync("Save the password", ("password", "as long as theirs"));
        await customer.SendAsync("/my/sign-in", ("email", "Office@northwind.example"), ("password", "as long as theirs"));
        customer.Path.ShouldBe("/my");

        // Whoever asks for a link learns nothing of who has an account; who has one gets it, and signs in anew everywhere.
        using var stranger = Visitor.At(house.Url);
        await stranger.OpenAsync("/my/forgotten");
        await stranger.PressAsync("Send the link", ("login", "nobody@nowhere.example"));
        var told = stranger.Text;
        await stranger.OpenAsync("/my/forgotten");
        await stranger.PressAsync("Send the link", ("login", "office@northwind.example"));
        stranger.Text.ShouldBe(told);
        var forgotten = await LinkAsync(house, smtp, 3, "office@northwind.example");
        await SettledAsync(house);
        smtp.Mails.Count.ShouldBe(3, "nobody was written to for the unknown address");
        await stranger.OpenAsync(new Uri(forgotten).PathAndQuery);
        await stranger.PressAsync("Save the password", ("password", "another long one"));
        (await customer.OpenAsync("/my")).Path.ShouldStartWith("/my/sign-in", customMessage: "who had the old password is out");
        (await house.CountAsync("mails")).ShouldBe(0, "no list holds a link");
        (await house.Database.ReadAsync(s => s.GetAsync<long>("select count(*) from customer_logins where verified_at is not null", null, CancellationToken.None), CancellationToken.None)).ShouldBe(1);

        // A day later a link is too old.
        await anna.OpenAsync("/admin/staff");
        await anna.SendAsync($"/admin/staff/{otto}/password-link");
        var late = await LinkAsync(house, smtp, 4, "otto@provider.example");
        await house.AfterAsync(TimeSpan.FromHours(25));
        (await stranger.OpenAsync(new Uri(late).PathAndQuery)).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory, BothEngines]
    public async Task Another_role_holds_at_once_who_is_removed_is_out_and_one_administrator_stays(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        using var anna = await Visitor.SignInAsync(house);
        using var otto = await Visitor.SignInAsync(house, "Operator");
        var members = (await house.GetAsync("staff"))["items"]!.AsArray();
        var (hers, his) = ((int)members.Single(m => (string)m!["login"]! == "administrator-en")!["id"]!, (int)members.Single(m => (string)m!["login"]! == "operator-en")!["id"]!);
        await otto.OpenAsync("/admin/customers");
        otto.Buttons.ShouldNotBeEmpty();

        await anna.OpenAsync("/admin/staff");
        await anna.SendAsync($"/admin/staff/{his}", ("role", "Auditor"), ("email", "no address"));
        anna.Text.ShouldContain("accounts.email-invalid");
        await anna.SendAsync($"/admin/staff/{his}", ("role", "Auditor"), ("email", "otto@provider.example"));
        anna.Text.ShouldContain("otto@provider.example");
        await otto.OpenAsync("/admin/customers");
        otto.Buttons.ShouldBeEmpty("the role is another from the next page on");

        foreach (var (path, fields) in new (string, (string, string)[])[] { ($"/admin/staff/{hers}", [("role", "Operator")]), ($"/admin/staff/{hers}/remove", []) })
        {
            await anna.OpenAsync("/admin/staff");
            await anna.SendAsync(path, fields);
            anna.Status.ShouldBe(HttpStatusCode.Conflict);
            anna.Text.ShouldContain("accounts.last-administrator");
        }

        await anna.OpenAsync("/admin/staff");
        await anna.SendAsync($"/admin/staff/{his}/remove");
        anna.Text.ShouldContain("is removed.");
        (await otto.OpenAsync("/admin/customers")).Path.ShouldStartWith("/admin/sign-in");
        await otto.SendAsync("/admin/sign-in", ("login", "operator-en"), ("password", "long-enough-1"), ("to", "/admin"));
        otto.Status.ShouldBe(HttpStatusCode.Unauthorized);
        await anna.OpenAsync($"/admin/audit?subject=staff/{his}");
        anna.Text.ShouldContain("staff.removed");
        anna.Text.ShouldContain("staff.changed");
    }

    private static async Task<string> LinkAsync(OrdersHouse house, SmtpStandIn smtp, int count, string to)
    {
        await SettledAsync(house);
        smtp.Mails.Count.ShouldBe(count);
        var mail = smtp.Mails.Last().ReplaceLineEndings("\n");
        mail.ShouldContain($"To: {to}");
        var body = Encoding.UTF8.GetString(Convert.FromBase64String(mail[mail.IndexOf("\n\n", StringComparison.Ordinal)..].Replace("\n", "", StringComparison.Ordinal).TrimEnd('.')));
        return Link().Match(body).Value;
    }

    private static async Task SettledAsync(OrdersHouse house)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await house.WorkAsync()).Find(w => w.StartsWith("notices.password-link ", StringComparison.Ordinal) && !w.EndsWith(" done", StringComparison.Ordinal)) is { } open)
        {
            over.IsCancellationRequested.ShouldBeFalse(open);
            await Task.Delay(20, CancellationToken.None);
        }
    }

    [GeneratedRegex(@"https?://\S+", RegexOptions.None, 1000)]
    private static partial Regex Link();
}
