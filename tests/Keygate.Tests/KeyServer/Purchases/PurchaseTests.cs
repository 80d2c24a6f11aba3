using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Verification;
using Keygate.Work;
using Keygate.XmlRpc;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Purchases;

/// <summary>We as the vendor of a foreign Key Administrator: another key server's vendor client over a socket, and raw forms as others send them.</summary>
public sealed class PurchaseTests
{
    private const string List =
        """
        { "format": "keygate-price-list/1", "name": "hosting", "keyTypes": [
          { "id": "MAILER-50", "name": "Mailer", "product": "Mailer", "prefix": "ACME", "billing": ["lease"], "period": "1 month", "autoRenew": true, "features": ["M50"] },
          { "id": "MAILER-250", "name": "Mailer, larger", "product": "Mailer", "prefix": "ACME", "billing": ["lease"], "period": "1 month", "features": ["M250"] },
          { "id": "MAILER-EVER", "name": "Mailer for ever", "product": "Mailer", "prefix": "ACME", "billing": ["purchase"], "period": "1 month" },
          { "id": "BOUND", "name": "Bound", "product": "Bound", "prefix": "ACME", "billing": ["lease"], "period": "1 month", "activation": "hardwareId" },
          { "id": "FOREIGN", "name": "Foreign", "product": "Foreign", "prefix": "EXT", "billing": ["lease"], "period": "1 month", "vendor": "somebody" } ],
          "groups": [ { "id": "BOXES", "description": "Mailboxes" } ],
          "features": [
            { "id": "M50", "name": "50", "group": "BOXES", "sort": 1, "keyTypes": ["MAILER-50", "MAILER-250"] },
            { "id": "M250", "name": "250", "group": "BOXES", "sort": 2, "keyTypes": ["MAILER-50", "MAILER-250"] } ] }
        """;

    private const string ConstantsList =
        """
        { "format": "keygate-price-list/1", "name": "hosting", "keyTypes": [
          { "id": "WALL", "name": "Wall", "product": "Wall", "prefix": "ACME", "billing": ["lease", "purchase"], "period": "1 month", "skus": { "lease": "WALL-1M", "purchase": "WALL-EVER" } },
          { "id": "WALL-PRO", "name": "Wall Pro", "product": "Wall", "prefix": "ACME", "billing": ["lease"], "period": "1 month", "skus": { "lease": "WALL-PRO-1M" } } ],
          "groups": [ { "id": "SEATS", "description": "Seats" } ],
          "features": [
            { "id": "M50", "name": "50", "keyTypes": ["WALL"] },
            { "id": "RULES", "name": "Rules", "keyTypes": ["WALL"], "skus": { "lease": "FT-RULES-1M" } },
            { "id": "SEATS-10", "name": "10", "group": "SEATS", "sort": 1, "keyTypes": ["WALL", "WALL-PRO"], "conflicts": ["LOGS"] },
            { "id": "SEATS-50", "name": "50", "group": "SEATS", "sort": 2, "keyTypes": ["WALL", "WALL-PRO"], "skus": { "lease": "FT-SEATS-50-1M" } },
            { "id": "LOGS", "name": "Logs", "keyTypes": ["WALL-PRO"] } ],
          "upgradePlans": [ { "id": "NO-RULES", "from": "RULES" }, { "id": "MORE-UPDATES", "sus": "renew", "susMonths": 12 } ] }
        """;

    private const string TheirList =
        """
        { "format": "keygate-price-list/1", "name": "hosting", "keyTypes": [
          { "id": "MAIL", "name": "Mailer", "product": "Mailer", "prefix": "EXT", "billing": ["lease"], "period": "1 month", "vendor": "acme", "vendorProduct": "MAILER-50" },
          { "id": "MAIL_PRO", "name": "Mailer Pro", "product": "Mailer", "prefix": "EXT", "billing": ["lease"], "period": "1 month", "vendor": "acme", "vendorProduct": "MAILER-250" },
          { "id": "NONE", "name": "None", "product": "Mailer", "prefix": "EXT", "billing": ["lease"], "period": "1 month", "vendor": "acme", "vendorProduct": "NO-SUCH" } ],
          "upgradePlans": [ { "id": "TO_PRO", "from": "MAIL", "to": "MAIL_PRO" } ] }
        """;

    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task A_foreign_key_server_buys_renews_upgrades_and_ends_our_license_and_its_file_carries_it(Engine engine)
    {
        await using var vendor = await VendorAsync(engine);
        await using var administrator = await AdministratorAsync(vendor);
        var number = await OrderAsync(administrator, "MAIL");
        var ours = await OnlyKeyAsync(vendor);
        (ours.KeyType, ours.AutoRenew, ours.UpdateDate).ShouldBe(("MAILER-50", false, new DateOnly(2026, 4, 9)));
        (await CarriedAsync(administrator, vendor, number)).ShouldSatisfyAllConditions(l => l.KeyNumber.ShouldBe(ours.Number.Stem), l => l.Features.ShouldBe(["M50"]), l => l.ExpirationDate.ShouldBe((LicenseDate)ours.ExpirationDate));

        vendor.Time.Advance(new DateTimeOffset(ours.UpdateDate, TimeOnly.MinValue, TimeSpan.Zero) - vendor.Time.GetUtcNow());
        await CodeAsync(administrator, 100, "renewKey", number);
        (await OnlyKeyAsync(vendor)).UpdateDate.ShouldBe(new DateOnly(2026, 5, 9));
        (await CarriedAsync(administrator, vendor, number)).KeyVersion.ShouldBe(1);

        await CodeAsync(administrator, 100, "upgradeKey", number, "TO_PRO");
        (await CarriedAsync(administrator, vendor, number)).ShouldSatisfyAllConditions(l => l.KeyType.ShouldBe("MAILER-250"), l => l.Features.ShouldBe(["M250"]));

        await CodeAsync(administrator, 287, "createKey", "NONE");
        await CodeAsync(administrator, 100, "terminateKey", number);
        (await OnlyKeyAsync(vendor)).IsTerminated.ShouldBeTrue();
        (await HistoryAsync(vendor, ours.Id)).ShouldBe(["created", "sold", "renewed", "upgraded", "terminated"]);
    }

    [Theory, BothEngines]
    public async Task An_administrator_who_lost_the_answer_gets_the_license_that_was_sold_and_no_second_one(Engine engine)
    {
        await using var vendor = await VendorAsync(engine);
        await using var administrator = await AdministratorAsync(vendor);

        // All that the administrator asks has been asked and carried out before, and nobody saw the answers.
        var lost = await AskAsync(vendor, ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "00000001"), ("PRODUCT_ID", "MAILER-50"));
        var number = await OrderAsync(administrator, "MAIL");
        number.ShouldStartWith("EXT.00000001");
        (await CarriedOctetsAsync(administrator, number)).ShouldBe(lost.Body);

        lost = await AskAsync(vendor, ("APS_ACTION", "RENEW"), ("PURCHASE_ID", "00000001"), ("PREVIOUS_LICENSE_BODY", Encoding.UTF8.GetString(lost.Body)));
        await CodeAsync(administrator, 100, "renewKey", number);
        (await CarriedOctetsAsync(administrator, number)).ShouldBe(lost.Body);
        (await OnlyKeyAsync(vendor)).UpdateDate.ShouldBe(new DateOnly(2026, 5, 9));

        lost = await AskAsync(vendor, ("APS_ACTION", "UPGRADE"), ("PURCHASE_ID", "00000001"), ("PRODUCT_ID", "MAILER-250"));
        await CodeAsync(administrator, 100, "upgradeKey", number, "TO_PRO");
        (await CarriedOctetsAsync(administrator, number)).ShouldBe(lost.Body);
        (await OnlyKeyAsync(vendor)).Revision.ShouldBe(2);
    }

    [Theory, BothEngines]
    public async Task A_question_asked_many_times_at_once_is_one_purchase_and_one_term(Engine engine)
    {
        await using var vendor = await VendorAsync(engine);
        Task<Reply[]> ManyAsync(params (string, string)[] fields) => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(vendor, fields)));

        var bought = await ManyAsync(("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "00123456"), ("PRODUCT_ID", "MAILER-50"), ("REG_NAME", "54321"), ("UNKNOWN_FIELD", "x"));
        bought.ShouldAllBe(r => r.Status == HttpStatusCode.OK && r.Type == "application/octet-stream" && r.Expiration == "Sun, 19 Apr 2026 00:00:00 GMT");
        bought.Select(r => Convert.ToHexString(r.Body)).Distinct().ShouldHaveSingleItem();
        var key = await OnlyKeyAsync(vendor);
        (await VerifiedAsync(vendor, bought[0].Body)).KeyNumber.ShouldBe(key.Number.Stem);

        // The body in base64, as some administrators keep it.
        var previous = Convert.ToBase64String(bought[0].Body);
        var renewed = await ManyAsync(("APS_ACTION", "RENEW"), ("PURCHASE_ID", "00123456"), ("PRODUCT_ID", "MAILER-50"), ("PREVIOUS_LICENSE_BODY", previous));
        renewed.Select(r => Convert.ToHexString(r.Body)).Distinct().ShouldHaveSingleItem();
        ((await OnlyKeyAsync(vendor)).UpdateDate, renewed[0].Expiration).ShouldBe((new DateOnly(2026, 5, 9), "Tue, 19 May 2026 00:00:00 GMT"));

        // Without a body the date that is asked for says it, in both spellings; without both, whether the key is due.
        await ManyAsync(("APS_ACTION", "RENEW"), ("PURCHASE_ID", "00123456"), ("EXPIRY_DATE", "19/06/2026"));
        await ManyAsync(("APS_ACTION", "RENEW"), ("PURCHASE_ID", "00123456"), ("EXPIRY_DATE", @"19\06\2026"));
        (await OnlyKeyAsync(vendor)).UpdateDate.ShouldBe(new DateOnly(2026, 6, 9));
        await ManyAsync(("APS_ACTION", "RENEW"), ("PURCHASE_ID", "00123456"), ("PREVIOUS_LICENSE_BODY", "none of ours"));
        (await OnlyKeyAsync(vendor)).UpdateDate.ShouldBe(new DateOnly(2026, 6, 9));
        vendor.Time.Advance(TimeSpan.FromDays(92));
        await ManyAsync(("APS_ACTION", "RENEW"), ("PURCHASE_ID", "00123456"));
        (await OnlyKeyAsync(vendor)).UpdateDate.ShouldBe(new DateOnly(2026, 7, 9));

        var upgraded = await ManyAsync(("APS_ACTION", "UPGRADE"), ("PURCHASE_ID", "00123456"), ("PRODUCT_ID", "MAILER-250"));
        upgraded.Select(r => Convert.ToHexString(r.Body)).Distinct().ShouldHaveSingleItem();
        var ended = await ManyAsync(("APS_ACTION", "TERMINATE"), ("PURCHASE_ID", "00123456"), ("APS_TERMINATION_DATE", "09/06/2026"));
        ended.ShouldAllBe(r => r.Status == HttpStatusCode.NoContent && r.Body.Length == 0);
        (await HistoryAsync(vendor, key.Id)).ShouldBe(["created", "sold", "renewed", "renewed", "renewed", "upgraded", "terminated"]);

        // For the same number nothing else is sold, and what was ended stays so.
        await RefusedAsync(vendor, HttpStatusCode.BadRequest, "an order of MAILER-50, and an order of MAILER-250", ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "00123456"), ("PRODUCT_ID", "MAILER-250"));
        await RefusedAsync(vendor, HttpStatusCode.BadRequest, "is terminated", ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "00123456"), ("PRODUCT_ID", "MAILER-50"));
        await RefusedAsync(vendor, HttpStatusCode.BadRequest, "is terminated", ("APS_ACTION", "RENEW"), ("PURCHASE_ID", "00123456"));
        (await vendor.CountKeysAsync()).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task A_signed_anew_license_is_renewed_all_the_same_and_no_product_or_sweep_prolongs_what_an_administrator_pays(Engine engine)
    {
        await using var vendor = await VendorAsync(engine);
        var bought = await AskAsync(vendor, ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "7"), ("PRODUCT_ID", "MAILER-50"));
        var key = await OnlyKeyAsync(vendor);
        vendor.Time.Advance(new DateTimeOffset(key.UpdateDate, TimeOnly.MinValue, TimeSpan.Zero) - vendor.Time.GetUtcNow());
        await vendor.WorkAsync();
        var refreshed = await vendor.Get<RefreshLicenseHandler>().HandleAsync(new() { KeyNumber = key.Number.ToString(), UpdateTicket = key.UpdateTicket, Usage = new(1, 2, 3) }, None);
        refreshed.Value.Number.ShouldBe(key.Number.ToString());
        (await OnlyKeyAsync(vendor)).UpdateDate.ShouldBe(key.UpdateDate);

        // The signing key was stolen: our file is another one, and the administrator has the first.
        var stolen = (await vendor.Get<SigningRing>().ListAsync(None)).Single(k => k.Purpose == SigningKeyPurpose.License).Name;
        await Trust.Product.RotateAsync(vendor);
        (await vendor.Get<SignAnewHandler>().HandleAsync(stolen, "issuer", None)).Value.Signed.ShouldBe(1);
        var renewed = await AskAsync(vendor, ("APS_ACTION", "RENEW"), ("PURCHASE_ID", "7"), ("PREVIOUS_LICENSE_BODY", Encoding.UTF8.GetString(bought.Body)));
        (await VerifiedAsync(vendor, renewed.Body)).KeyVersion.ShouldBe(2);
        (await OnlyKeyAsync(vendor)).UpdateDate.ShouldBe(new DateOnly(2026, 5, 9));

        var info = await AskAsync(vendor, ("APS_ACTION", "GET-INFO"), ("PURCHASE_ID", "7"), ("APS_PROTOCOL_MODEL", "3"));
        Encoding.UTF8.GetString(info.Body).ShouldBe("""{"version":"isv-reportable-1","usage":{"resellers":1,"clients":2,"domains":3}}""");
    }

    [Theory, BothEngines]
    public async Task Test_orders_are_marked_tokens_are_bodies_too_and_a_bound_license_moves_with_its_machine(Engine engine)
    {
        await using var vendor = await VendorAsync(engine);
        await AskAsync(vendor, ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "1"), ("PRODUCT_ID", "MAILER-EVER"), ("APS_TEST_MODE", "Y"));
        await RefusedAsync(vendor, HttpStatusCode.BadRequest, "a test order of MAILER-EVER, and an order", ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "1"), ("PRODUCT_ID", "MAILER-EVER"), ("APS_TEST_MODE", "N"));
        await RefusedAsync(vendor, HttpStatusCode.BadRequest, "ACTIVATION_DATA", ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "2"), ("PRODUCT_ID", "BOUND"), ("ACTIVATION_DATA", "192.0.2.7"));
        var bound = await AskAsync(vendor, "/vendor/v1/token", ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "2"), ("PRODUCT_ID", "BOUND"), ("ACTIVATION_DATA", "1A2B.3C4D 192.0.2.7 2001:DB8::1"));
        (await VerifiedAsync(vendor, bound.Body)).Bindings.ShouldBe([new LicenseBinding(BindingKind.HardwareId, "1A2B.3C4D")]);
        await RefusedAsync(vendor, HttpStatusCode.BadRequest, "holds another active license", ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "3"), ("PRODUCT_ID", "BOUND"), ("ACTIVATION_DATA", "1A2B.3C4D"));
        var moved = await AskAsync(vendor, "/vendor/v1/token", ("APS_ACTION", "RENEW"), ("PURCHASE_ID", "2"), ("ACTIVATION_DATA", "5E6F.7A8B"), ("PREVIOUS_LICENSE_BODY", Encoding.ASCII.GetString(bound.Body)));
        (await VerifiedAsync(vendor, moved.Body)).ShouldSatisfyAllConditions(l => l.Bindings.ShouldBe([new LicenseBinding(BindingKind.HardwareId, "5E6F.7A8B")]), l => l.KeyVersion.ShouldBe(2));

        // Ended too, though purchased: the administrator says so and pays no more.
        (await AskAsync(vendor, ("APS_ACTION", "TERMINATE"), ("PURCHASE_ID", "1"))).Status.ShouldBe(HttpStatusCode.NoContent);
        var rows = await vendor.Database.ReadAsync(s => vendor.Get<PurchaseStore>().PageAsync(s, null, null, null, long.MaxValue, 10, None), None);
        rows.Select(r => (r.Client, r.PurchaseId, r.Product, r.Test, r.TerminatedAt is not null)).ShouldBe([("northwind", "2", "BOUND", false, false), ("northwind", "1", "MAILER-EVER", true, true)]);
        (await vendor.Database.ReadAsync(s => vendor.Get<PurchaseStore>().PageAsync(s, rows[0].ClientId, "1", true, long.MaxValue, 10, None), None)).ShouldHaveSingleItem();
        (await vendor.CountKeysAsync()).ShouldBe(2);
    }

    [Theory, BothEngines]
    public async Task Products_are_named_by_constants_too_and_an_upgrade_names_a_feature_or_plan(Engine engine)
    {
        await using var vendor = await VendorAsync(engine);
        await vendor.DoAsync(tx => vendor.Get<ImportPriceListHandler>().HandleAsync(tx, Encoding.UTF8.GetBytes(ConstantsList), TestKeyServer.Staff, None));
        async Task<LicenseFile> UpgradedAsync(string purchase, string product)
        {
            (string, string)[] question = [("APS_ACTION", "UPGRADE"), ("PURCHASE_ID", purchase), ("PRODUCT_ID", product)];
            var (one, again) = (await AskAsync(vendor, question), await AskAsync(vendor, question));
            again.Body.ShouldBe(one.Body, $"{product}, asked again");
            return await VerifiedAsync(vendor, one.Body);
        }

        // The constant says how it is paid as well.
        await AskAsync(vendor, ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "1"), ("PRODUCT_ID", "WALL-1M"));
        var ever = await VerifiedAsync(vendor, (await AskAsync(vendor, ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "2"), ("PRODUCT_ID", "WALL-EVER"))).Body);
        (ever.KeyType, (await vendor.KeyAsync(ever.KeyNumber + ".0000")).Billing).ShouldBe(("WALL", BillingType.Purchase));
        await RefusedAsync(vendor, HttpStatusCode.BadRequest, "an order of WALL-1M, and an order of WALL-EVER", ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "1"), ("PRODUCT_ID", "WALL-EVER"));
        await RefusedAsync(vendor, HttpStatusCode.BadRequest, "Unknown base keytype", ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "3"), ("PRODUCT_ID", "FT-RULES-1M"));

        // A feature by constant and by identifier, the larger and the smaller of a group, and a plan; asked again, each changes nothing.
        (await UpgradedAsync("1", "FT-RULES-1M")).Features.ShouldBe(["RULES"]);
        (await UpgradedAsync("1", "SEATS-10")).Features.ShouldBe(["RULES", "SEATS-10"]);
        (await UpgradedAsync("1", "FT-SEATS-50-1M")).Features.ShouldBe(["RULES", "SEATS-50"]);
        (await UpgradedAsync("1", "SEATS-10")).Features.ShouldBe(["RULES", "SEATS-10"]);
        var last = await UpgradedAsync("1", "NO-RULES");
        (last.Features.ShouldHaveSingleItem(), last.KeyVersion).ShouldBe(("SEATS-10", 5));
        (await UpgradedAsync("1", "WALL-PRO-1M")).ShouldSatisfyAllConditions(l => l.KeyType.ShouldBe("WALL-PRO"), l => l.Features.ShouldBe(["SEATS-10"]), l => l.KeyVersion.ShouldBe(6));

        foreach (var (product, reason) in new[]
        {
            ("NO-SUCH", "NO-SUCH is not on offer"), ("WALL-EVER", "WALL-EVER is paid otherwise than ACME"), ("M50", "M50 is not a feature of WALL-PRO"), ("LOGS", "SEATS-10 and LOGS exclude each other"), ("MORE-UPDATES", "Ask for RENEW"),
        })
        {
            await RefusedAsync(vendor, HttpStatusCode.BadRequest, reason, ("APS_ACTION", "UPGRADE"), ("PURCHASE_ID", "1"), ("PRODUCT_ID", product));
        }

        (await VerifiedAsync(vendor, (await AskAsync(vendor, ("APS_ACTION", "RENEW"), ("PURCHASE_ID", "1"), ("EXPIRY_DATE", "19/04/2026"))).Body)).KeyVersion.ShouldBe(6);
        (await vendor.CountKeysAsync()).ShouldBe(2);
    }

    [Theory, BothEngines]
    public async Task Who_is_no_login_of_ours_or_asks_for_what_there_is_not_is_refused_with_a_status_and_a_reason(Engine engine)
    {
        await using var vendor = await VendorAsync(engine);
        await AskAsync(vendor, ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "1"), ("PRODUCT_ID", "MAILER-50"));
        var before = await OnlyKeyAsync(vendor);

        foreach (var (status, reason, fields) in new (HttpStatusCode, string, (string, string)[])[]
        {
            (HttpStatusCode.BadRequest, "APS_ACTION is missing. PURCHASE_ID is missing.", []),
            (HttpStatusCode.BadRequest, "APS_ACTION is none of", [("APS_ACTION", "STEAL"), ("PURCHASE_ID", "1")]),
            (HttpStatusCode.BadRequest, "PRODUCT_ID is missing", [("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "2")]),
            (HttpStatusCode.BadRequest, "EXPIRY_DATE is no date", [("APS_ACTION", "RENEW"), ("PURCHASE_ID", "1"), ("EXPIRY_DATE", "2026-06-19")]),
            (HttpStatusCode.BadRequest, "Unknown base keytype", [("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "2"), ("PRODUCT_ID", "NO-SUCH")]),
            (HttpStatusCode.BadRequest, "somebody", [("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "2"), ("PRODUCT_ID", "FOREIGN")]),
            (HttpStatusCode.BadRequest, "MAILER-EVER is not on offer", [("APS_ACTION", "UPGRADE"), ("PURCHASE_ID", "1"), ("PRODUCT_ID", "MAILER-EVER")]),
            (HttpStatusCode.NotFound, "no purchase 9", [("APS_ACTION", "RENEW"), ("PURCHASE_ID", "9")]),
            (HttpStatusCode.NotFound, "no purchase 9", [("APS_ACTION", "TERMINATE"), ("PURCHASE_ID", "9")]),
            (HttpStatusCode.NotFound, "no purchase 9", [("APS_ACTION", "GET-INFO"), ("PURCHASE_ID", "9")]),
        })
        {
            await RefusedAsync(vendor, status, reason, fields);
        }

        // Another client's login knows nothing of it, by whatever number.
        var other = $"{vendor.OtherAuth["login"].AsString()}:{vendor.OtherAuth["password"].AsString()}";
        foreach (var action in new[] { "RENEW", "TERMINATE", "GET-INFO" })
        {
            (await PostAsync(vendor, "/vendor/v1", other, ("APS_ACTION", action), ("PURCHASE_ID", "1"))).Status.ShouldBe(HttpStatusCode.NotFound);
        }

        foreach (var credentials in new[] { "", "northwind-api:wrong", "nobody:x" })
        {
            var shut = await PostAsync(vendor, "/vendor/v1", credentials, ("APS_ACTION", "TERMINATE"), ("PURCHASE_ID", "1"));
            (shut.Status, shut.Challenge).ShouldBe((HttpStatusCode.Unauthorized, "Basic"));
        }

        await vendor.DoAsync(tx => vendor.Get<ChangeLoginHandler>().HandleAsync(
            tx, before.ClientId, LoginId.Of(1), new() { Role = LoginRole.Standard, DeniedMethods = ["createKey"] }, None));
        (await PostAsync(vendor, "/vendor/v1", Credentials(vendor), ("APS_ACTION", "RENEW"), ("PURCHASE_ID", "1"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(vendor, "/vendor/v1", Credentials(vendor), ("APS_ACTION", "PURCHASE"), ("PURCHASE_ID", "2"), ("PRODUCT_ID", "MAILER-50"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(vendor, "/vendor/v1", Credentials(vendor), ("APS_ACTION", "GET-INFO"), ("PURCHASE_ID", "1"))).Status.ShouldBe(HttpStatusCode.OK);
        (await OnlyKeyAsync(vendor)).ShouldBe(before);

        using var json = new StringContent("{}", Encoding.UTF8, "application/json");
        (await SendAsync(vendor, "/vendor/v1", Credentials(vendor), json)).Status.ShouldBe(HttpStatusCode.BadRequest);
        using var large = new StringContent("A=" + new string('x', 3 << 20), Encoding.UTF8, "application/x-www-form-urlencoded");
        (await SendAsync(vendor, "/vendor/v1", Credentials(vendor), large)).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var many = new StringContent(string.Join('&', Enumerable.Range(0, 200).Select(i => $"f{i}=1")), Encoding.UTF8, "application/x-www-form-urlencoded");
        (await SendAsync(vendor, "/vendor/v1", Credentials(vendor), many)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory, BothEngines]
    public async Task Garbage_never_crashes_the_endpoint_and_sells_nothing_that_was_not_ordered(Engine engine)
    {
        const int Seed = 20261125;
        var random = new Random(Seed);
        await using var vendor = await VendorAsync(engine);
        string[] names = ["APS_ACTION", "PURCHASE_ID", "PRODUCT_ID", "APS_TEST_MODE", "ACTIVATION_DATA", "PREVIOUS_LICENSE_BODY", "EXPIRY_DATE", "REG_NAME", "APS_TERMINATION_DATE", "X", "%00", "%FF%FE"];
        string[] values = ["PURCHASE", "RENEW", "UPGRADE", "TERMINATE", "GET-INFO", "1", "2", "MAILER-50", "BOUND", "Y", "192.0.2.1+A1", "%00", "%ED%A0%80", "%FF", "%", "%zz", "31/02/2026", "09/06/9999", new('9', 400), new('A', 5000), "%27+or+1=1+--", ""];
        using var http = await vendor.PinnedAsync();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Credentials(vendor))));

        for (var i = 0; i < 250; i++)
        {
            var form = string.Join('&', Enumerable.Range(0, random.Next(9)).Select(_ => $"{names[random.Next(names.Length)]}={values[random.Next(values.Length)]}"));
            using var content = new StringContent(random.Next(20) == 0 ? form[..(form.Length / 2)] + "&&=&" : form, Encoding.ASCII, "application/x-www-form-urlencoded");

            using var answer = await http.PostAsync(new Uri(vendor.Url, random.Next(2) == 0 ? "/vendor/v1" : "/vendor/v1/token"), content);

            ((int)answer.StatusCode).ShouldBeInRange(200, 499, $"seed {Seed}, form {i}: {form} -> {await answer.Content.ReadAsStringAsync()}");
        }

        var sold = await vendor.Database.ReadAsync(s => s.GetAsync<int>("select count(*) from purchases", null, None), None);
        (await vendor.CountKeysAsync()).ShouldBe(sold);
    }

    private static async Task<TestKeyServer> VendorAsync(Engine engine)
    {
        var server = await TestKeyServer.StartAsync(engine);
        await server.DoAsync(tx => server.Get<ImportPriceListHandler>().HandleAsync(tx, Encoding.UTF8.GetBytes(List), TestKeyServer.Staff, None));
        return server;
    }

    // Another key server, which knows its vendor by address and login alone.
    private static async Task<TestKeyServer> AdministratorAsync(TestKeyServer vendor)
    {
        var server = await TestKeyServer.StartAsync(Engine.Sqlite, clock: vendor.Time);
        await server.DoAsync(tx => server.Get<AddVendorHandler>().HandleAsync(
            tx, new() { Name = "acme", Url = new Uri(vendor.PlainUrl, "/vendor/v1").ToString(), Credentials = Credentials(vendor), Repeats = true, ReportsUsage = true }, TestKeyServer.Staff, None));
        await server.DoAsync(tx => server.Get<ImportPriceListHandler>().HandleAsync(tx, Encoding.UTF8.GetBytes(TheirList), TestKeyServer.Staff, None));
        server.Services.GetRequiredKeyedService<WorkEngine>(KeyServerModule.DatabaseKey).Start();
        return server;
    }

    private static string Credentials(TestKeyServer vendor) => $"northwind-api:{vendor.Password}";

    private static async Task<string> OrderAsync(TestKeyServer server, string keyType)
    {
        var answer = await server.CallAsync("createKey", new XmlRpcStruct(), "northwind", keyType, new XmlRpcArray(), "billing");
        answer["resultCode"].AsInt().ShouldBe(100, answer["resultDesc"].AsString());
        return answer["mainKeyNumber"].AsString();
    }

    private static async Task CodeAsync(TestKeyServer server, int code, string method, params string[] arguments)
    {
        XmlRpcValue[] all = method == "createKey" ? [new XmlRpcStruct(), "northwind", arguments[0], new XmlRpcArray(), "billing"] : [.. arguments.Select(a => (XmlRpcValue)a)];
        var answer = await server.CallAsync(method, all);
        answer["resultCode"].AsInt().ShouldBe(code, $"{method}: {answer["resultDesc"].AsString()}");
    }

    private static async Task<KeyRow> OnlyKeyAsync(TestKeyServer vendor) =>
        (await vendor.Database.ReadAsync(s => vendor.Get<KeyStore>().PageAsync(s, null, null, null, 10, None), None)).ShouldHaveSingleItem();

    private static async Task<List<string>> HistoryAsync(TestKeyServer vendor, KeyId key) =>
        [.. (await vendor.Database.ReadAsync(s => vendor.Get<KeyStore>().HistoryAsync(s, key, None), None)).Select(h => h.Act)];

    // The administrator's own signed file, and in it our license as its products find it.
    private static async Task<byte[]> CarriedOctetsAsync(TestKeyServer administrator, string number) =>
        (await administrator.VerifiedAsync(await administrator.CallAsync("retrieveKey", number))).KeyBody!;

    private static async Task<LicenseFile> CarriedAsync(TestKeyServer administrator, TestKeyServer vendor, string number) =>
        await VerifiedAsync(vendor, await CarriedOctetsAsync(administrator, number));

    private static async Task<LicenseFile> VerifiedAsync(TestKeyServer vendor, byte[] body)
    {
        var verified = new LicenseVerifier(await vendor.Get<SigningRing>().TrustAsync(None)).Verify(body, vendor.Time.GetUtcNow());
        verified.IsUsable.ShouldBeTrue(verified.Reason);
        return verified.License!;
    }

    private static Task<Reply> AskAsync(TestKeyServer vendor, params (string Name, string Value)[] fields) => AskAsync(vendor, "/vendor/v1", fields);

    private static async Task<Reply> AskAsync(TestKeyServer vendor, string path, params (string Name, string Value)[] fields)
    {
        var reply = await PostAsync(vendor, path, Credentials(vendor), fields);
        ((int)reply.Status).ShouldBeLessThan(300, Encoding.UTF8.GetString(reply.Body));
        return reply;
    }

    private static async Task RefusedAsync(TestKeyServer vendor, HttpStatusCode status, string reason, params (string Name, string Value)[] fields)
    {
        var reply = await PostAsync(vendor, "/vendor/v1", Credentials(vendor), fields);
        var words = Encoding.UTF8.GetString(reply.Body);
        reply.Status.ShouldBe(status, words);
        (reply.Type, words.Count(c => c == '\n')).ShouldBe(("text/plain", 1));
        words.ShouldContain(reason);
    }

    private static async Task<Reply> PostAsync(TestKeyServer vendor, string path, string credentials, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        return await SendAsync(vendor, path, credentials, form);
    }

    private static async Task<Reply> SendAsync(TestKeyServer vendor, string path, string credentials, HttpContent content)
    {
        using var http = await vendor.PinnedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vendor.Url, path)) { Content = content };
        if (credentials.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        using var answer = await http.SendAsync(request);
        return new Reply(
            answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(), answer.Content.Headers.ContentType?.MediaType ?? "",
            answer.Headers.TryGetValues("X-APS-Expiration-Date", out var dates) ? dates.Single() : "", answer.Headers.WwwAuthenticate.FirstOrDefault()?.Scheme ?? "");
    }

    private sealed record Reply(HttpStatusCode Status, byte[] Body, string Type, string Expiration, string Challenge);
}
