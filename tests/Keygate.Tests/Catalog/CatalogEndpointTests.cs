using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Catalog;

/// <summary>The catalog over REST, in the very server that an operator runs.</summary>
public sealed class CatalogEndpointTests
{
    [Theory, BothEngines]
    public async Task Imports_lists_shows_and_exports(Engine engine)
    {
        await using var host = await HostUnderTest.StartAsync(engine);

        var preview = await PutAsync(host, "/catalog?preview=true", Catalogs.Sample("hosting"));
        preview.Status.ShouldBe(200, preview.Text);
        (await host.GetAsync("/license-classes")).Json!["items"]!.AsArray().ShouldBeEmpty();

        var imported = await PutAsync(host, "/catalog", Catalogs.Sample("hosting"));
        imported.Json!.ToJsonString().ShouldBe(preview.Json!.ToJsonString());
        ((string?)imported.Json!["changes"]![0]!["change"]).ShouldBe("Added");
        (await PostAsync(host, "/catalog", Catalogs.Sample("hosting"))).Json!["changes"]!.AsArray().ShouldBeEmpty();

        (await host.GetAsync("/catalog")).Text.ShouldBe(Encoding.UTF8.GetString(Catalogs.Sample("hosting")));
        var shown = (await host.GetAsync("/license-classes/VIRTUOZZO_4")).Json!;
        ((string?)shown["billType"], (string?)shown["activation"], (bool?)shown["isAdditional"]).ShouldBe(("Purchase", "HardwareId", false));
        var plesk = (await host.GetAsync("/license-classes/PLESK_9_FOR_VZ")).Json!;
        plesk["addOns"]!.AsArray().Select(a => (string?)a).ShouldBe(["KAV_FOR_PLESK"]);
        plesk["features"]!.AsArray().Select(a => (string?)a).ShouldBe(["LANGUAGE_PACK_1", "LANGUAGE_PACK_2", "LANGUAGE_PACK_3", "LANGUAGE_PACK_4", "PLESK_RELOADED_POWER_PACK_LIGHT"]);
        ((string?)(await host.GetAsync("/features/30_DOMAINS")).Json!["category"]).ShouldBe("Domain Limit");
        (await host.GetAsync("/feature-groups/DOMAIN_LIMIT")).Json!["features"]!.AsArray().Count.ShouldBe(5);
        (await host.GetAsync("/add-ons")).Json!["items"]!.AsArray().Count.ShouldBe(5);
        ((string?)(await host.GetAsync("/upgrade-options/30_DOMAINS/100_DOMAINS")).Json!["plan"]).ShouldBe("30_DOMAINS_TO_100_DOMAINS");
    }

    [Fact]
    public async Task Answers_a_broken_file_with_line_and_reason()
    {
        await using var host = await HostUnderTest.StartAsync();
        var file = Encoding.UTF8.GetString(Catalogs.Sample("vendor")).Replace("\"sort\": 20", "\"sort\": \"20\"", StringComparison.Ordinal).Replace("\"mandatory\": true", "\"mandatory\": 1", StringComparison.Ordinal);

        var reply = (await PutAsync(host, "/catalog", Encoding.UTF8.GetBytes(file))).ShouldBeProblem(400, "catalog.file-member-wrong");

        ((string?)reply.Json!["detail"]).ShouldBe("Line 8: featureGroups[0].mandatory must be true or false");
        ((string?)reply.Json!["errors"]!.AsArray().ShouldHaveSingleItem()!["detail"]).ShouldBe("Line 50: features[1].sort must be a whole number");
        (await PutAsync(host, "/catalog", [])).ShouldBeProblem(400, "catalog.file-broken");
        (await PutAsync(host, "/catalog", new byte[9 * 1024 * 1024])).ShouldBeProblem(429, "catalog.file-too-large");
        (await host.GetAsync("/license-classes")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_by_code_and_keeps_the_archived_apart()
    {
        await using var host = await HostUnderTest.StartAsync();
        await PutAsync(host, "/catalog", Catalogs.Sample("hosting"));

        var seen = new List<string?>();
        string? cursor = null;
        do
        {
            var page = (await host.GetAsync($"/features?limit=4{(cursor is null ? "" : $"&cursor={cursor}")}")).Json!;
            seen.AddRange(page["items"]!.AsArray().Select(f => (string?)f!["id"]));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);
        seen.Count.ShouldBe(10);
        seen.ShouldBe(seen.Order(StringComparer.Ordinal));

        (await host.GetAsync("/features?cursor=garbage")).ShouldBeProblem(400, "kernel.cursor-foreign").Field.ShouldBe("cursor");
        (await host.PostAsync("/features/LANGUAGE_PACK_4/archive", "")).Json!["changes"]!.AsArray().Count.ShouldBe(1);
        (await host.GetAsync("/features?archived=true")).Json!["items"]!.AsArray().Select(f => (string?)f!["id"]).ShouldBe(["LANGUAGE_PACK_4"]);
        ((string?)(await host.GetAsync("/features/LANGUAGE_PACK_4")).Json!["archivedAt"]).ShouldNotBeNull();
        (await host.PostAsync("/features/LANGUAGE_PACK_4/put-back", "")).Status.ShouldBe(200);
        (await host.GetAsync("/features?archived=true")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Adds_one_thing_after_another()
    {
        await using var host = await HostUnderTest.StartAsync();

        Ok(await host.PostAsync("/feature-groups", """{"id": "SEATS", "description": "Seats", "mandatory": true}"""));
        Ok(await host.PostAsync("/license-classes", """{"keyType": "ACME", "name": "Acme 1", "product": "Acme", "version": "1", "billType": "Lease"}"""));
        Ok(await host.PostAsync("/license-classes", """{"keyType": "ACME_SPELL", "name": "Spelling", "product": "Spelling", "billType": "Lease", "isAdditional": true}"""));
        Ok(await host.PostAsync("/features", """{"id": "5_SEATS", "name": "5 seats", "group": "SEATS", "sort": 5, "classes": ["ACME"]}"""));
        Ok(await host.PostAsync("/features", """{"id": "9_SEATS", "name": "9 seats", "group": "SEATS", "sort": 9}"""));
        Ok(await PutAsync(host, "/license-classes/ACME/features/9_SEATS", []));
        Ok(await host.PostAsync("/add-ons", """{"parent": "ACME", "addOn": "ACME_SPELL"}"""));
        Ok(await host.PostAsync("/upgrade-options", """{"from": "5_SEATS", "to": "9_SEATS", "plan": "5_TO_9"}"""));
        Ok(await host.PostAsync("/add-ons/ACME/ACME_SPELL/archive", ""));

        var shown = (await host.GetAsync("/license-classes/ACME")).Json!;
        shown["features"]!.AsArray().Select(f => (string?)f).ShouldBe(["5_SEATS", "9_SEATS"]);
        shown["addOns"]!.AsArray().ShouldBeEmpty();
        ((string?)(await host.GetAsync("/add-ons/ACME/ACME_SPELL")).Json!["archivedAt"]).ShouldNotBeNull();
    }

    [Fact]
    public async Task Refuses_with_code_field_and_remedy()
    {
        await using var host = await HostUnderTest.StartAsync();
        await PutAsync(host, "/catalog", Catalogs.Sample("vendor"));

        var faults = (await host.PostAsync("/license-classes", """{"keyType": "A B", "name": "", "product": "P"}""")).ShouldBeProblem(400, "catalog.value-missing");
        faults.Field.ShouldBe("billType");
        faults.Json!["errors"]!.AsArray().Select(e => (string?)e!["field"]).ShouldBe(["keyType", "name"]);
        (await host.PostAsync("/license-classes", """{"keyType": null, "name": null, "product": null, "billType": "Lease"}""")).ShouldBeProblem(400, "kernel.request-invalid").Field.ShouldBe("keyType");
        (await host.PostAsync("/license-classes", """{"keyType": "A", "name": "A", "product": "A", "billType": "Lease", "features": [null]}""")).ShouldBeProblem(400, "catalog.value-missing").Field.ShouldBe("features");
        (await host.PostAsync("/feature-groups/MAILBOXES/archive", "")).ShouldBeProblem(409, "catalog.group-in-use");
        (await host.PostAsync("/add-ons", """{"parent": "ACME_MAILER_3", "addOn": "ACME_MAILER_3_PERPETUAL"}""")).ShouldBeProblem(400, "catalog.add-on-not-additional").Field.ShouldBe("addOn");
        (await host.PostAsync("/upgrade-options", """{"from": "250_MAILBOXES", "to": "50_MAILBOXES", "plan": "LESS"}""")).ShouldBeProblem(400, "catalog.upgrade-against-sort").Field.ShouldBe("to");
        foreach (var path in new[] { "/license-classes/NONE", "/features/NONE", "/feature-groups/NONE", "/add-ons/A/B", "/upgrade-options/A/B" })
        {
            (await host.GetAsync(path)).ShouldBeProblem(404, "catalog.entry-not-found");
            (await host.PostAsync(path + "/archive", "")).ShouldBeProblem(404, "catalog.entry-not-found");
        }
    }

    [Fact]
    public async Task Answers_a_repeat_under_the_same_key_with_the_first_answer()
    {
        await using var host = await HostUnderTest.StartAsync();

        var first = await PutAsync(host, "/catalog", Catalogs.Sample("vendor"), "import-1");
        var again = await PutAsync(host, "/catalog", Catalogs.Sample("vendor"), "import-1");

        again.Replayed.ShouldBeTrue();
        JsonNode.DeepEquals(again.Json, first.Json).ShouldBeTrue();
        (await PutAsync(host, "/catalog", Catalogs.Sample("hosting"), "import-1")).ShouldBeProblem(400, "accounts.idempotency-key-reused");
    }

    private static void Ok(Reply reply) => reply.Status.ShouldBe(200, reply.Text);

    private static Task<Reply> PutAsync(HostUnderTest host, string path, byte[] body, string? key = null) => SendAsync(host, HttpMethod.Put, path, body, key);

    private static Task<Reply> PostAsync(HostUnderTest host, string path, byte[] body) => SendAsync(host, HttpMethod.Post, path, body, null);

    private static async Task<Reply> SendAsync(HostUnderTest host, HttpMethod method, string path, byte[] body, string? key)
    {
        using var request = new HttpRequestMessage(method, "/api/v1" + path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await Reply.OfAsync(host.Client.SendAsync(request));
    }
}
