using System.Text;
using Keygate.KeyServer;
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
    [InlineData("hosting", 8, 10)]
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
}
