using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

/// <summary>The methods that work on one key, each with its codes, and getKeyNumbers.</summary>
public sealed class KeyMethodTests
{
    private static readonly string[] OneKeyMethods = ["retrieveKey", "activateKey", "getKeyInfo", "renewKey", "terminateKey"];

    [Theory, BothEngines]
    public async Task All_take_the_number_with_and_without_revision_and_the_activation_code(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();
        var code = (await server.KeyAsync(number)).ActivationCode;

        foreach (var method in OneKeyMethods)
        {
            foreach (var name in new[] { number, number[..13], number[..13] + ".0042", code, code.ToLowerInvariant() })
            {
                var answer = await server.CallAsync(method, name);
                answer["resultCode"].AsInt().ShouldBeLessThan(200, $"{method} {name}: {answer["resultDesc"].AsString()}");
                answer["keyNumber"].AsString().ShouldStartWith(number[..13]);
            }
        }
    }

    [Theory, BothEngines]
    public async Task All_refuse_malformed_unknown_and_foreign_keys(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();

        foreach (var method in OneKeyMethods)
        {
            (await server.CallAsync(method, "PLSK.1"))["resultCode"].AsInt().ShouldBe(410, method);
            (await server.CallAsync(method, "PLSK.99999999.0000"))["resultCode"].AsInt().ShouldBe(220, method);
            (await server.CallAsync(method, "KAV" + number[4..]))["resultCode"].AsInt().ShouldBe(220, method);
            (await server.CallAsAsync(server.OtherAuth, method, number))["resultCode"].AsInt().ShouldBe(202, method);
        }

        var key = await server.KeyAsync(number);
        (key.Revision, key.IsTerminated).ShouldBe((0, false));
    }

    [Theory, BothEngines]
    public async Task Changing_methods_refuse_problem_and_terminated_keys(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var problem = await server.BareKeyAsync();
        await server.MarkProblemAsync(problem);
        var terminated = await server.BareKeyAsync();
        await server.CallAsync("terminateKey", terminated);

        foreach (var method in new[] { "retrieveKey", "activateKey", "renewKey" })
        {
            (await server.CallAsync(method, problem))["resultCode"].AsInt().ShouldBe(221, method);
            (await server.CallAsync(method, terminated))["resultCode"].AsInt().ShouldBe(222, method);
        }

        (await server.CallAsync("terminateKey", problem))["resultCode"].AsInt().ShouldBe(221);
        (await server.CallAsync("getKeyInfo", problem))["keyInfo"].AsStruct()["problem"].AsBoolean().ShouldBeTrue();
        (await server.CallAsync("getKeyInfo", terminated))["keyInfo"].AsStruct()["terminated"].AsBoolean().ShouldBeTrue();
    }

    [Theory, BothEngines]
    public async Task RetrieveKey_gives_one_file_for_one_revision(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();

        var files = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.CallAsync("retrieveKey", number)));

        files.Select(f => Convert.ToBase64String(f["key"].AsBytes().Span)).Distinct().Count().ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task RetrieveKey_answers_227_for_the_previous_version_and_takes_the_flag_as_false(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();

        (await server.CallAsync("retrieveKey", number, true))["resultCode"].AsInt().ShouldBe(227);
        (await server.CallAsync("retrieveKey", number, false))["resultCode"].AsInt().ShouldBe(100);
        (await server.CallAsync("retrieveKey", number, 0))["resultCode"].AsInt().ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task RetrieveKey_answers_228_for_an_expired_lease_until_it_is_renewed(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();
        server.Time.AdvanceTo(Utc(2026, 4, 17));
        (await server.CallAsync("retrieveKey", number))["resultCode"].AsInt().ShouldBe(100);

        server.Time.AdvanceTo(Utc(2026, 4, 18));
        (await server.CallAsync("retrieveKey", number))["resultCode"].AsInt().ShouldBe(228);

        await server.CallAsync("renewKey", number);
        var file = await server.VerifiedAsync(await server.CallAsync("retrieveKey", number));
        (file.KeyVersion, file.ExpirationDate.ToString()).ShouldBe((1, "2026-05-18"));
    }

    [Theory, BothEngines]
    public async Task RetrieveKey_refreshes_the_file_of_a_purchase_after_its_update_date(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync("VIRTUOZZO_4", "purchase");
        await server.CallAsync("activateKey", number, "1A2B.3C4D");
        (await server.VerifiedAsync(await server.CallAsync("retrieveKey", number))).ExpirationDate.ToString().ShouldBe("2026-04-19");

        server.Time.AdvanceTo(Utc(2027, 1, 1));
        var retrieved = await server.CallAsync("retrieveKey", number);

        retrieved["keyNumber"].AsString().ShouldBe(number[..^1] + "1");
        var file = await server.VerifiedAsync(retrieved);
        (file.KeyVersion, file.ExpirationDate.ToString(), file.SusDate.ToString()).ShouldBe((1, "2027-01-19", "2027-03-09"));
        (await server.CallAsync("retrieveKey", number))["keyNumber"].AsString().ShouldBe(number[..^1] + "1");
    }

    [Theory, BothEngines]
    public async Task ActivateKey_is_asked_for_before_the_file_is_handed_out(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var cart = await server.BareKeyAsync("PINNACLE_CART");
        (await server.CallAsync("retrieveKey", cart))["resultCode"].AsInt().ShouldBe(223);
        (await server.CallAsync("getKeyInfo", cart))["keyInfo"].AsStruct()["activated"].AsBoolean().ShouldBeFalse();

        (await server.CallAsync("activateKey", cart, "https://shop.example"))["resultCode"].AsInt().ShouldBe(100);

        var file = await server.VerifiedAsync(await server.CallAsync("retrieveKey", cart));
        file.Bindings.Single().Value.ShouldBe("https://shop.example");
        var info = (await server.CallAsync("getKeyInfo", cart))["keyInfo"].AsStruct();
        info["activated"].AsBoolean().ShouldBeTrue();
        info["guid"].AsString().ShouldBe("https://shop.example");
    }

    [Theory, BothEngines]
    public async Task ActivateKey_is_110_for_the_same_data_and_refused_for_other(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync("VIRTUOZZO_4", "purchase");
        var second = await server.BareKeyAsync("VIRTUOZZO_4", "purchase");
        var plain = await server.BareKeyAsync();

        (await server.CallAsync("activateKey", number))["resultCode"].AsInt().ShouldBe(452);
        (await server.CallAsync("activateKey", number, "1A2B.3C4D"))["resultCode"].AsInt().ShouldBe(100);
        (await server.CallAsync("activateKey", number, "1A2B.3C4D"))["resultCode"].AsInt().ShouldBe(110);
        (await server.CallAsync("activateKey", number, "FFFF.0000"))["resultCode"].AsInt().ShouldBe(266);
        (await server.CallAsync("activateKey", second, "1A2B.3C4D"))["resultCode"].AsInt().ShouldBe(226);
        (await server.CallAsync("activateKey", plain))["resultCode"].AsInt().ShouldBe(110);
        (await server.CallAsync("activateKey", plain, "1A2B.3C4D"))["resultCode"].AsInt().ShouldBe(452);
        (await server.KeyAsync(number)).ActivatedFor.ShouldBe("1A2B.3C4D");
    }

    [Theory, BothEngines]
    public async Task RenewKey_adds_one_period_under_the_next_revision(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();

        var renewed = await server.CallAsync("renewKey", number);

        renewed["resultCode"].AsInt().ShouldBe(100, renewed["resultDesc"].AsString());
        renewed["keyNumber"].AsString().ShouldBe(number[..13] + ".0001");
        renewed["updateDate"].AsDateTime().ShouldBe(new DateTime(2026, 5, 8));
        renewed["expirationDate"].AsDateTime().ShouldBe(new DateTime(2026, 5, 18));
        renewed["productKey"].AsString().ShouldBe((await server.KeyAsync(number)).ActivationCode);
        renewed["resultDesc"].AsString().ShouldContain("2026-05-18");
    }

    [Theory, BothEngines]
    public async Task RenewKey_counts_every_call(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();

        var renewed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.CallAsync("renewKey", number)));

        renewed.Select(r => r["keyNumber"].AsString()[^1]).Order().ShouldBe(['1', '2', '3', '4']);
        (await server.KeyAsync(number)).UpdateDate.ShouldBe(new DateOnly(2026, 8, 6));
    }

    [Theory, BothEngines]
    public async Task RenewKey_answers_285_for_a_purchase(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync("VIRTUOZZO_4", "purchase");

        (await server.CallAsync("renewKey", number))["resultCode"].AsInt().ShouldBe(285);
    }

    [Theory, BothEngines]
    public async Task TerminateKey_ends_this_key_alone_and_is_110_without_harm(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var bundle = await server.CallAsync(
            "createKey", new XmlRpcStruct(), "northwind", "PLESK_9_FOR_VZ", new XmlRpcArray(), new XmlRpcStruct(), XmlRpcArray.Of(["KAV_FOR_PLESK"]), new XmlRpcStruct());
        var number = bundle["mainKeyNumber"].AsString();

        (await server.CallAsync("terminateKey", number))["resultCode"].AsInt().ShouldBe(100);
        (await server.CallAsync("terminateKey", number))["resultCode"].AsInt().ShouldBe(110);
        (await server.KeyAsync(number)).IsTerminated.ShouldBeTrue();
        (await server.KeyAsync(bundle["additionalKeysNumbers"].AsArray()[0].AsString())).IsTerminated.ShouldBeFalse();
    }

    [Theory, BothEngines]
    public async Task TerminateKey_answers_232_for_a_purchase(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync("VIRTUOZZO_4", "purchase");

        (await server.CallAsync("terminateKey", number))["resultCode"].AsInt().ShouldBe(232);
        (await server.KeyAsync(number)).IsTerminated.ShouldBeFalse();
    }

    [Theory, BothEngines]
    public async Task GetKeyInfo_shows_the_key_with_its_additional_keys(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var bundle = await server.CallAsync(
            "createKey", CreateKeyTests.Address(["198.51.100.24"]), "northwind", "PLESK_10_AND_LATER", XmlRpcArray.Of(["100_DOMAINS", "LANGUAGE_PACK_2"]),
            new XmlRpcStruct(), XmlRpcArray.Of(["KAV_FOR_PLESK"]), new XmlRpcStruct(), "billing");
        var number = bundle["mainKeyNumber"].AsString();

        var answer = await server.CallAsync("getKeyInfo", number);

        answer["resultCode"].AsInt().ShouldBe(100);
        answer["keyNumber"].AsString().ShouldBe(number);
        var info = answer["keyInfo"].AsStruct();

        // Every member that a published client reads without a guard.
        info["keyNumber"].AsString().ShouldBe(number);
        info["keyType"].AsString().ShouldBe("Plesk 10 for Unix/Linux (Lease)");
        info["apiKeyType"].AsString().ShouldBe("PLESK_10_AND_LATER");
        info["type"].AsString().ShouldBe("MAIN");
        info["billingType"].AsString().ShouldBe("LEASE");
        info["clientId"].AsInt().ShouldBeGreaterThan(0);
        info["createDate"].AsDateTime().ShouldBe(new DateTime(2026, 3, 9, 14, 30, 0));
        info["updateDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 9));
        info["expirationDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 19));
        info["terminated"].AsBoolean().ShouldBeFalse();
        info["problem"].AsBoolean().ShouldBeFalse();
        info["productFamily"].AsString().ShouldBe("plesk");
        info["boundIPAddress"].AsString().ShouldBe("");
        info["properties"].AsStruct().Count.ShouldBe(0);
        info["susAndSupportInfo"].AsArray().Count.ShouldBe(0);
        info["features"].AsArray().Select(f => (f.AsStruct()["apiName"].AsString(), f.AsStruct()["name"].AsString()))
            .ShouldBe([("LANGUAGE_PACK_2", "2 Language Packs"), ("100_DOMAINS", "100 Plesk domains")]);
        info.Contains("activated").ShouldBeFalse();
        info.Contains("lastReportingDate").ShouldBeFalse();
        var additional = info["additionalKeys"].AsArray().Single().AsStruct();
        additional["type"].AsString().ShouldBe("ADDITIONAL");
        additional["parentKeyNumber"].AsString().ShouldBe(number);
        additional["additionalKeys"].AsArray().Count.ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task GetKeyNumbers_finds_keys_by_addresses_given_bound_and_reported_ored(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var byMac = await server.BareKeyAsync(address: CreateKeyTests.Address([], "02:1A:2B:3C:4D:5E"));
        var byIp = await server.BareKeyAsync(address: CreateKeyTests.Address(["198.51.100.24", "2001:DB8::1"]));
        var bound = await server.BareKeyAsync();
        var reported = await server.BareKeyAsync();
        await AddAsync(server, bound, AddressSource.Bound, "203.0.113.7");
        await AddAsync(server, reported, AddressSource.Reported, "203.0.113.8");
        await server.CallAsync("terminateKey", byMac);

        (await FoundAsync(server, CreateKeyTests.Address([], "02-1a-2b-3c-4d-5e"))).ShouldBe([byMac]);
        (await FoundAsync(server, CreateKeyTests.Address(["2001:db8:0::1"]))).ShouldBe([byIp]);
        (await FoundAsync(server, CreateKeyTests.Address(["203.0.113.7"]))).ShouldBe([bound]);
        (await FoundAsync(server, CreateKeyTests.Address(["203.0.113.8", "203.0.113.9"]))).ShouldBe([reported]);
        (await FoundAsync(server, CreateKeyTests.Address(["198.51.100.24"], "02:1a:2b:3c:4d:5e"))).ShouldBe([byMac, byIp]);

        var answer = await server.CallAsync("getKeyNumbers", CreateKeyTests.Address([], "02:1a:2b:3c:4d:5e"));
        answer["resultCode"].AsInt().ShouldBe(100);
        answer["detailResultCode"].AsInt().ShouldBe(0);
        var info = answer["keyInfos"].AsArray().Single().AsStruct();
        info["keyNumber"].AsString().ShouldBe(byMac);
        info["type"].AsString().ShouldBe("MAIN");
        info["terminated"].AsBoolean().ShouldBeTrue();
        info["createDate"].AsDateTime().ShouldBe(new DateTime(2026, 3, 9, 14, 30, 0));
    }

    [Theory, BothEngines]
    public async Task GetKeyNumbers_answers_101_for_nothing_and_for_what_is_not_the_callers(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        await server.BareKeyAsync(address: CreateKeyTests.Address(["198.51.100.24"]));

        (await server.CallAsync("getKeyNumbers", CreateKeyTests.Address([])))["resultCode"].AsInt().ShouldBe(101);
        (await server.CallAsync("getKeyNumbers", CreateKeyTests.Address(["198.51.100.25"])))["resultCode"].AsInt().ShouldBe(101);
        (await server.CallAsAsync(server.OtherAuth, "getKeyNumbers", CreateKeyTests.Address(["198.51.100.24"])))["resultCode"].AsInt().ShouldBe(101);
        (await server.CallAsync("getKeyNumbers", 7))["resultCode"].AsInt().ShouldBe(401);
        (await server.CallAsync("getKeyNumbers", CreateKeyTests.Address(["host"])))["resultCode"].AsInt().ShouldBe(405);
        (await server.CallAsync("getKeyNumbers", CreateKeyTests.Address([], "zz:00:00:00:00:00")))["resultCode"].AsInt().ShouldBe(406);
    }

    [Theory, BothEngines]
    public async Task GetAvailableKeyTypesAndFeatures_lists_what_the_client_may_order(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        var answer = await server.CallAsync("getAvailableKeyTypesAndFeatures", "northwind");

        answer["resultCode"].AsInt().ShouldBe(100);
        var keyTypes = answer["keyTypes"].AsArray().Select(v => v.AsString()).ToList();
        keyTypes.Count.ShouldBe(15);
        keyTypes.ShouldContain("KAV_FOR_PLESK");
        var features = answer["features"].AsArray().Select(v => v.AsString()).ToList();
        features.ShouldContain("30_DOMAINS");
        features.ShouldContain("30_DOMAINS_TO_100_DOMAINS");
        (await server.CallAsync("getAvailableKeyTypesAndFeatures", "contoso"))["resultCode"].AsInt().ShouldBe(202);
        (await server.CallAsync("getAvailableKeyTypesAndFeatures", "nobody"))["resultCode"].AsInt().ShouldBe(250);
    }

    private static DateTimeOffset Utc(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);

    private static async Task<List<string>> FoundAsync(TestKeyServer server, XmlRpcStruct address) =>
        [.. (await server.CallAsync("getKeyNumbers", address))["keyNumbers"].AsArray().Select(v => v.AsString()).Order(StringComparer.Ordinal)];

    private static async Task AddAsync(TestKeyServer server, string number, AddressSource source, string address)
    {
        var key = await server.KeyAsync(number);
        await server.Database.WriteAsync(async tx =>
        {
            await server.Get<KeyStore>().AddAddressesAsync(tx, key.Id, source, [address], CancellationToken.None);
            return 0;
        }, CancellationToken.None);
    }
}
