using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.BadInput;

/// <summary>Broken files: the place and the reason in one sentence with the remedy, on REST and on the command line, and nothing is taken of them.</summary>
[Trait("Needs", "Processes")]
public sealed class BadFileTests
{
    [Fact]
    public async Task A_broken_catalog_or_price_list_file_is_refused_with_line_and_reason_and_nothing_is_taken_of_it()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite);
        var catalog = await File.ReadAllTextAsync(Path.Combine(Programs.Samples, "hosting", "catalog.json"));
        var prices = await File.ReadAllTextAsync(Path.Combine(Programs.Samples, "hosting", "price-list.json"));
        (string Name, HttpMethod Method, string Path, string[] Command, string Text, string Line)[] broken =
        [
            ("catalog, cut short", HttpMethod.Put, "catalog", ["catalog", "import"], catalog[..^200], $"Line {Lines(catalog[..^200])}"),
            ("catalog, a comma too many", HttpMethod.Put, "catalog", ["catalog", "import"], After(catalog, "\"sort\": 10,", ","), $"Line {LineOf(catalog, "\"sort\": 10,")}"),
            ("catalog, a member of another name", HttpMethod.Put, "catalog", ["catalog", "import"], catalog.Replace("\"apsLicenseType\"", "\"apsType\"", StringComparison.Ordinal), $"Line {LineOf(catalog, "\"apsLicenseType\"")}"),
            ("catalog, a group that is not there", HttpMethod.Put, "catalog", ["catalog", "import"], First(catalog, "\"group\": \"DOMAIN_LIMIT\"", "\"group\": \"DISK_LIMIT\""), $"Line {LineOf(catalog, "\"group\": \"DOMAIN_LIMIT\"")}"),
            ("price list, cut short", HttpMethod.Post, "keyserver/price-lists", ["keyserver", "price-list", "import"], prices[..^200], "Line "),
            ("price list, a period that cannot be", HttpMethod.Post, "keyserver/price-lists", ["keyserver", "price-list", "import"], First(prices, "\"30 days\"", "\"thirty days\""), $"Line {LineOf(prices, "\"30 days\"")}"),
        ];
        var before = (await provider.Rest.GetTextAsync("catalog"), await provider.Rest.GetTextAsync("keyserver/price-lists/hosting"));

        foreach (var (name, method, path, command, text, line) in broken)
        {
            var (status, problem) = await provider.Rest.SendTextAsync(method, path, text);
            ((int)status).ShouldBeInRange(400, 499, name);
            var detail = (string)problem["detail"]!;
            detail.ShouldContain(line, Case.Insensitive, name);
            detail.Length.ShouldBeGreaterThan(line.Length + 5, name);
            ((string)problem["remedy"]!).ShouldNotBeNullOrWhiteSpace(name);

            var file = Path.Combine(provider.Data, "broken.json");
            await File.WriteAllTextAsync(file, text);
            var (exit, said) = await provider.CommandAsync([.. command, file]);
            exit.ShouldBe(1, $"{name}: {said}");
            said.ShouldContain(detail, customMessage: name);
            said.ShouldContain((string)problem["remedy"]!, customMessage: name);
        }

        (await provider.Rest.GetTextAsync("catalog"), await provider.Rest.GetTextAsync("keyserver/price-lists/hosting")).ShouldBe(before);
    }

    [Fact]
    public async Task A_license_file_cut_short_is_refused_by_the_verifier_and_by_the_upload_which_waits_for_the_whole_one()
    {
        await using var provider = await DemoProvider.StartAsync(Engine.Sqlite);
        var whole = await File.ReadAllBytesAsync((string)provider.Demo["licenseFile"]!);
        var trust = (string)provider.Demo["trust"]!;
        var cut = Path.Combine(provider.Data, "cut.xml");
        foreach (var length in new[] { 0, 1, whole.Length / 2, whole.Length - 1 })
        {
            await File.WriteAllBytesAsync(cut, whole[..length]);
            var (exit, said) = await provider.CommandAsync("verify", cut, "--trust", trust);
            exit.ShouldBe(1, said);
            said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2, said);
        }

        // An order by hand: the request waits for its file.
        var (_, plugin) = await provider.Rest.PostAsync("plugins", new JsonObject { ["name"] = "By hand", ["kind"] = "issuer.offline", ["settings"] = new JsonObject() });
        var (ticked, _) = await provider.Rest.SendAsync(HttpMethod.Put, $"plugins/{plugin["id"]}/offer", new JsonObject
        {
            ["keyTypes"] = new JsonArray("PLESK_10_AND_LATER_FOR_VZ"), ["features"] = new JsonArray("30_DOMAINS"),
        });
        ticked.ShouldBe(System.Net.HttpStatusCode.OK);
        var order = await provider.OrderAndPayAsync(await provider.PlanOverAsync((int)plugin["id"]!, null), "PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS");
        var waiting = await provider.UntilAsync(order, o => o["licenses"]!.AsArray().Count == 1);
        var license = (int)waiting["licenses"]![0]!["id"]!;
        var bought = await BuyAsync(provider);
        var bad = bought[..(bought.Length / 2)];

        var (status, problem) = await provider.Rest.PostAsync($"licenses/{license}/upload", new JsonObject
        {
            ["files"] = new JsonArray(new JsonObject { ["name"] = "cut.xml", ["content"] = Convert.ToBase64String(bad) }),
        });
        ((int)status).ShouldBeInRange(400, 499, problem.ToString());
        ((string)problem["remedy"]!).ShouldNotBeNullOrWhiteSpace();
        await File.WriteAllBytesAsync(cut, bad);
        var (refused, words) = await provider.CommandAsync("license", "upload", $"{license}", cut);
        refused.ShouldBe(1, words);
        words.ShouldContain((string)problem["detail"]!);
        words.ShouldContain((string)problem["remedy"]!);
        ((string)(await provider.Rest.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Pending");

        await File.WriteAllBytesAsync(cut, bought);
        var (taken, answer) = await provider.CommandAsync("license", "upload", $"{license}", cut);
        taken.ShouldBe(0, answer);
        await provider.UntilAsync(order, o => (string)o["state"]! == "CP");
        (await provider.Rest.CountAsync("licenses")).ShouldBe(2);
    }

    // The key that a person would be sent: bought at the key server itself.
    private static async Task<byte[]> BuyAsync(DemoProvider provider)
    {
        var made = await provider.PartnerAsync("createKey", DemoProvider.Address, "northwind", "PLESK_10_AND_LATER_FOR_VZ", XmlRpcArray.Of(["30_DOMAINS"]), "billing");
        var file = await provider.PartnerAsync("retrieveKey", made["mainKeyNumber"]);
        return file["key"].AsBytes().ToArray();
    }

    private static int Lines(string text) => text.Split('\n').Length;

    private static int LineOf(string text, string what) => Lines(text[..text.IndexOf(what, StringComparison.Ordinal)]);

    private static string After(string text, string what, string more) => First(text, what, what + more);

    private static string First(string text, string what, string instead)
    {
        var at = text.IndexOf(what, StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, at), instead, text.AsSpan(at + what.Length));
    }
}
