using System.Text;
using Keygate.KeyServer;
using Keygate.Kernel;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PriceLists;

public sealed class PriceListFileTests
{
    private const string Good = """
        {
          "format": "keygate-price-list/1",
          "name": "acme",
          "keyTypes": [
            { "id": "MAILER", "name": "Acme Mailer", "product": "Acme Mailer", "prefix": "ACME", "billing": ["lease"], "period": "1 month" }
          ],
          "features": [
            { "id": "BIG", "name": "Big", "group": "SIZE", "keyTypes": ["MAILER"] }
          ],
          "groups": [
            { "id": "SIZE", "description": "Size", "mandatory": true }
          ]
        }
        """;

    [Theory]
    [InlineData("hosting", 15, 15)]
    [InlineData("vendor", 2, 4)]
    public void Reads_the_samples(string name, int keyTypes, int features)
    {
        var file = PriceListFile.Read(TestKeyServer.Sample(name)).Value;

        file.Name.ShouldBe(name);
        file.Items.KeyTypes.Count.ShouldBe(keyTypes);
        file.Items.Features.Count.ShouldBe(features);
    }

    [Fact]
    public void Fills_in_what_a_file_leaves_out()
    {
        var mailer = PriceListFile.Read(Encoding.UTF8.GetBytes(Good)).Value.Items.KeyTypes.Single();

        mailer.Type.ShouldBe(KeyKind.Main);
        mailer.Family.ShouldBe("acme");
        mailer.FileExtension.ShouldBe("xml");
        mailer.Activation.ShouldBe(ActivationRule.None);
        mailer.SusMonthsFor(BillingType.Lease).ShouldBe(0);
    }

    [Fact]
    public void Takes_comments_trailing_commas_and_a_byte_order_mark()
    {
        var text = "\uFEFF" + Good.Replace("\"name\": \"acme\",", "// whose\n\"name\": \"acme\",", StringComparison.Ordinal).Replace("true }", "true, }", StringComparison.Ordinal);

        PriceListFile.Read(Encoding.UTF8.GetBytes(text)).IsDone.ShouldBeTrue();
    }

    [Theory]
    [InlineData("\"mandatory\": true }", "\"mandatory\": true", 12)]
    [InlineData("\"mandatory\": true", "\"mandatory\": yes", 11)]
    [InlineData("\"period\": \"1 month\"", "\"period\": \"1 moon\"", 5)]
    [InlineData("\"prefix\": \"ACME\"", "\"prefix\": \"acme!\"", 5)]
    [InlineData("\"prefix\": \"ACME\", ", "", 5)]
    [InlineData("[\"lease\"]", "[\"rent\"]", 5)]
    [InlineData("[\"lease\"]", "[]", 5)]
    [InlineData("\"group\": \"SIZE\"", "\"group\": \"SIZES\"", 8)]
    [InlineData("[\"MAILER\"]", "[\"MAILERS\"]", 8)]
    [InlineData("\"description\": \"Size\"", "\"description\": 7", 11)]
    [InlineData("\"mandatory\"", "\"mandatroy\"", 11)]
    [InlineData("\"name\": \"acme\"", "\"name\": \"acme\", \"name\": \"acme\"", 3)]
    [InlineData("\"features\": [", "\"features\": {", 8)]
    public void Refuses_a_broken_file_with_the_line(string good, string broken, int line)
    {
        Good.ShouldContain(good);

        var error = PriceListFile.Read(Encoding.UTF8.GetBytes(Good.Replace(good, broken, StringComparison.Ordinal))).Error.ShouldNotBeNull();

        error.Code.ShouldBe(KeyServerErrors.PriceListBroken.Code);
        error.Detail.ShouldStartWith($"Line {line}: ", customMessage: error.Detail);
    }

    [Fact]
    public void Names_all_faults_at_once()
    {
        var text = Good.Replace("1 month", "1 moon", StringComparison.Ordinal).Replace("\"mandatory\": true", "\"mandatory\": 1", StringComparison.Ordinal);

        var error = PriceListFile.Read(Encoding.UTF8.GetBytes(text)).Error.ShouldNotBeNull();

        new[] { error }.Concat(error.Others).Select(e => e.Detail).ShouldBe(
        [
            "Line 5: \"1 moon\" is no period: write \"30 days\" or \"1 month\".",
            "Line 11: \"mandatory\" of group SIZE must be true or false.",
        ]);
    }

    [Fact]
    public void Refuses_an_item_that_stands_twice_with_both_lines()
    {
        var text = Good.Replace("\"mandatory\": true }", "\"mandatory\": true },\n{ \"id\": \"SIZE\", \"description\": \"again\" }", StringComparison.Ordinal);

        PriceListFile.Read(Encoding.UTF8.GetBytes(text)).Error!.Detail.ShouldBe("Line 12: \"SIZE\" stands twice; it stood in line 11 already.");
    }

    [Fact]
    public void Refuses_another_format() =>
        PriceListFile.Read(Encoding.UTF8.GetBytes(Good.Replace("list/1", "list/2", StringComparison.Ordinal))).Error!.Detail
            .ShouldBe("Line 1: The format is \"keygate-price-list/2\"; this program reads \"keygate-price-list/1\".");

    [Fact]
    public void Never_throws_whatever_is_cut_off()
    {
        var bytes = TestKeyServer.Sample("vendor");
        for (var length = 0; length < bytes.Length - 2; length += 7)
        {
            PriceListFile.Read(bytes.AsMemory(0, length)).IsDone.ShouldBeFalse();
        }

        PriceListFile.Read(new byte[] { 0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D }).IsDone.ShouldBeFalse();
        PriceListFile.Read("7"u8.ToArray()).IsDone.ShouldBeFalse();
    }

    [Fact]
    public void Reads_what_decides_over_orders_upgrades_and_exports()
    {
        var file = PriceListFile.Read("""
            {
              "format": "keygate-price-list/1", "name": "full", "currency": "USD",
              "keyTypes": [
                { "id": "A", "name": "A", "product": "A", "prefix": "A", "kind": "main", "billing": ["lease", "purchase"], "period": "1 month", "version": "2",
                  "previousVersion": "1", "editions": { "web-host": "A" }, "activationsPerMonth": 3, "els": true, "features": ["F"], "additional": ["X"], "prices": { "lease": 1200 }, "skus": { "lease": "A-1M" },
                  "validFrom": "2026-01-01", "validUntil": "2026-12-31" },
                { "id": "X", "name": "X", "product": "X", "prefix": "X", "kind": "additional", "billing": ["lease"], "period": "1 month", "orderable": false,
                  "exportable": false, "suspendable": false, "trial": true, "conflicts": ["A"] }
              ],
              "features": [
                { "id": "F", "name": "F", "keyTypes": ["A"] },
                { "id": "G", "name": "G", "keyTypes": ["A"], "additional": ["X"], "conflicts": ["F"], "countable": true }
              ],
              "upgradePlans": [
                { "id": "F_OFF", "from": "F" },
                { "id": "SUS_RENEWAL", "sus": "renew", "susMonths": 12, "billing": ["purchase"], "accounts": ["client"] },
                { "id": "F_TO_G", "from": "F", "to": "G", "requiresSus": true }
              ]
            }
            """u8.ToArray()).Value;

        file.Currency.ShouldBe("USD");
        var (a, x) = (file.Items.KeyTypes[0], file.Items.KeyTypes[1]);
        (a.PreviousVersion, a.Editions["web-host"], a.Prices[BillingType.Lease], a.Skus[BillingType.Lease], a.ValidFrom, a.ValidUntil)
            .ShouldBe(("1", "A", 1200, "A-1M", new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31)));
        (a.ActivationsPerMonth, a.Els, x.ActivationsPerMonth, x.Els).ShouldBe((3, true, 10, false));
        (a.Orderable, a.Exportable, a.Suspendable, a.Trial).ShouldBe((true, true, true, false));
        (x.Orderable, x.Exportable, x.Suspendable, x.Trial).ShouldBe((false, false, false, true));
        (file.Items.Features[1].Countable, file.Items.Features[1].Additional.Single(), file.Items.Features[1].Conflicts.Single()).ShouldBe((true, "X", "F"));
        file.Items.UpgradePlans.Select(p => (p.From, p.To, p.Sus, p.SusMonths, p.RequiresSus))
            .ShouldBe([("F", null, SusAct.None, 0, false), (null, null, SusAct.Renew, 12, false), ("F", "G", SusAct.None, 0, true)]);

        // What was stored reads back the same.
        Json.Read<KeyTypeItem>(Json.Write<object>(a)).Prices.ShouldBe(a.Prices);
    }

    [Theory]
    [InlineData("{ \"id\": \"P\", \"to\": \"A\" }", "\"from\" is missing")]
    [InlineData("{ \"id\": \"P\", \"from\": \"A\" }", "must be a feature of this list")]
    [InlineData("{ \"id\": \"P\", \"sus\": \"renew\" }", "\"susMonths\" must lie between 1 and 120")]
    [InlineData("{ \"id\": \"P\", \"sus\": \"renew\", \"susMonths\": 1, \"from\": \"A\", \"to\": \"A\" }", "neither \"from\" nor \"to\"")]
    [InlineData("{ \"id\": \"P\", \"from\": \"A\", \"to\": \"A\", \"validFrom\": \"soon\" }", "\"soon\" is no date")]
    [InlineData("{ \"id\": \"P\", \"from\": \"A\", \"to\": \"A\", \"prices\": { \"rent\": 1 } }", "\"rent\" is no billing type")]
    public void Refuses_plans_that_say_nothing_that_can_be_done(string plan, string reason)
    {
        var text = $$"""
            { "format": "keygate-price-list/1", "name": "l",
              "keyTypes": [{ "id": "A", "name": "A", "product": "A", "prefix": "A", "billing": ["lease"], "period": "1 month" }],
              "upgradePlans": [{{plan}}] }
            """;

        PriceListFile.Read(Encoding.UTF8.GetBytes(text)).Error.ShouldNotBeNull().Detail.ShouldContain(reason);
    }

    [Theory]
    [InlineData("\"skus\": { \"lease\": \"SMALL\" }, \"billing\": [\"lease\"]", "Line 2: ONE: The constant \"SMALL\" is taken by SIZED already.")]
    [InlineData("\"skus\": { \"purchase\": \"ONE-P\" }, \"billing\": [\"lease\"]", "Line 2: ONE: It has the constant \"ONE-P\" for purchase, but is not offered so.")]
    [InlineData("\"editions\": { \"web-pro\": \"F\" }, \"billing\": [\"lease\"]", "Line 2: ONE: \"F\", the edition web-pro, is no main key type of this list.")]
    [InlineData("\"activationsPerMonth\": -1, \"billing\": [\"lease\"]", "Line 2: \"activationsPerMonth\" of key type ONE must lie between 0 and 1000000.")]
    public void Refuses_what_would_make_a_constant_or_edition_ambiguous(string members, string refusal)
    {
        var text = $$"""
            { "format": "keygate-price-list/1", "name": "skus", "keyTypes": [{ "id": "SIZED", "name": "S", "product": "S", "prefix": "S", "billing": ["lease"], "period": "1 month", "skus": { "lease": "SMALL" } },
              { "id": "ONE", "name": "1", "product": "S", "prefix": "S", "period": "1 month", {{members}} }],
              "features": [{ "id": "F", "name": "F", "keyTypes": ["ONE"] }] }
            """;

        PriceListFile.Read(Encoding.UTF8.GetBytes(text)).Error!.Detail.ShouldBe(refusal);
    }
}
