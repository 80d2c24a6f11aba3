using Keygate.KeyServer;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Verification;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

public sealed class CreateKeyTests
{
    [Theory, BothEngines]
    public async Task Makes_a_lease_and_hands_out_its_signed_file(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        var created = await server.CallAsync("createKey", Address(["198.51.100.24"]), "northwind", "PLESK_10_AND_LATER", Plans("30_DOMAINS"), "billing");

        created["resultCode"].AsInt().ShouldBe(100, created["resultDesc"].AsString());
        var number = created["mainKeyNumber"].AsString();
        number.ShouldMatch(@"^PLSK\.\d{8}\.0000$");
        created["updateDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 9));
        created["expirationDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 19));
        created["susDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 9));
        created["productKey"].AsString().ShouldMatch("^[A-Z0-9]{6}(-[A-Z0-9]{6}){4}$");
        created["additionalKeysNumbers"].AsArray().Count.ShouldBe(0);

        var retrieved = await server.CallAsync("retrieveKey", number);
        retrieved["resultCode"].AsInt().ShouldBe(100, retrieved["resultDesc"].AsString());
        retrieved["keyNumber"].AsString().ShouldBe(number);
        retrieved["keyExtension"].AsString().ShouldBe("xml");
        var license = await server.VerifiedAsync(retrieved);
        license.KeyNumber.ShouldBe(number[..13]);
        license.KeyVersion.ShouldBe(0);
        license.KeyType.ShouldBe("PLESK_10_AND_LATER");
        license.Features.ShouldBe(["30_DOMAINS"]);
        license.Product.ShouldBe("Plesk");
        license.ProductVersion.ShouldBe("10");
        license.Owner.ShouldBe("Northwind Hosting");
        license.StartDate.ToString().ShouldBe("2026-03-09");
        license.UpdateDate.ToString().ShouldBe("2026-04-09");
        license.ExpirationDate.ToString().ShouldBe("2026-04-19");
        license.SusDate.ToString().ShouldBe("2026-04-09");
        license.UpdateTicket.ShouldNotBeNull().Length.ShouldBe(32);
        license.Bindings.ShouldBeEmpty();
        license.Properties.ShouldBe([new LicenseProperty("domains-max", "integer", "30")]);
    }

    [Theory, BothEngines]
    public async Task Makes_a_purchase_with_a_year_of_updates_and_a_file_that_is_refreshed(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        var created = await server.CallAsync(
            "createKey", Address([]), "northwind", "VIRTUOZZO_4", Plans(), "PURCHASE");

        created["resultCode"].AsInt().ShouldBe(100, created["resultDesc"].AsString());
        created["susDate"].AsDateTime().ShouldBe(new DateTime(2027, 3, 9));
        created["expirationDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 19));
        (await server.KeyAsync(created["mainKeyNumber"].AsString())).Billing.ShouldBe(BillingType.Purchase);
    }

    [Theory, BothEngines]
    public async Task Makes_a_bundle_in_the_forms_of_eight_and_nine_arguments(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        var eight = await server.CallAsync(
            "createKey", Address(["198.51.100.24"]), "northwind", "PLESK_9_FOR_VZ", Plans("LANGUAGE_PACK_2"), new XmlRpcStruct(), Plans("KAV_FOR_PLESK"), new XmlRpcStruct());
        var nine = await server.CallAsync(
            "createKey", Address([]), "northwind", "PLESK_9_FOR_VZ", Plans(), new XmlRpcStruct(), Plans("KAV_FOR_PLESK"), new XmlRpcStruct(), "billing");

        eight["resultCode"].AsInt().ShouldBe(100, eight["resultDesc"].AsString());
        var additional = eight["additionalKeysNumbers"].AsArray().Single().AsString();
        additional.ShouldStartWith("KAV.");
        eight["resultDesc"].AsString().ShouldContain(additional);
        var attached = await server.KeyAsync(additional);
        attached.ParentId.ShouldBe((await server.KeyAsync(eight["mainKeyNumber"].AsString())).Id);
        attached.Kind.ShouldBe(KeyKind.Additional);
        nine["resultCode"].AsInt().ShouldBe(100, nine["resultDesc"].AsString());
        (await server.CountKeysAsync()).ShouldBe(4);

        // The numbers of both prefixes come from one sequence.
        new[] { eight, nine }.SelectMany(a => new[] { a["mainKeyNumber"].AsString(), a["additionalKeysNumbers"].AsArray()[0].AsString() })
            .Select(n => n.Split('.')[1]).Distinct().Count().ShouldBe(4);
    }

    [Theory, BothEngines]
    public async Task Takes_what_sloppy_clients_send(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var client = (await server.Database.ReadAsync(s => server.Get<ClientStore>().FindAsync(s, "northwind", CancellationToken.None), CancellationToken.None))!.Id.Value;

        // Four arguments, an empty array for a struct, an empty string for ips, one text for them, the client by number, plans as an empty struct.
        XmlRpcArray[] calls =
        [
            [server.Auth, new XmlRpcStruct(), "northwind", "PLESK_9_FOR_VZ"],
            [server.Auth, new XmlRpcArray(), "northwind", "PLESK_9_FOR_VZ", new XmlRpcArray()],
            [server.Auth, new XmlRpcStruct { ["ips"] = "" }, client, "PLESK_9_FOR_VZ", new XmlRpcArray(), "billing"],
            [server.Auth, new XmlRpcStruct { ["ips"] = "198.51.100.24" }, $"{client}", "PLESK_9_FOR_VZ", new XmlRpcStruct(), "BILLING"],
            [server.Auth, new XmlRpcStruct { ["ips"] = new XmlRpcArray() }, "northwind", "PLESK_9_FOR_VZ", "", new XmlRpcArray(), "", new XmlRpcArray()],
        ];
        foreach (var call in calls)
        {
            var answer = (await server.ReplyAsync("createKey", call)).Value.AsStruct();
            answer["resultCode"].AsInt().ShouldBe(100, answer["resultDesc"].AsString());
        }

        (await server.CallAsync("getKeyNumbers", new XmlRpcStruct { ["ips"] = "198.51.100.24" }))["keyNumbers"].AsArray().Count.ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Makes_another_key_for_every_call(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        var numbers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.BareKeyAsync(address: Address(["198.51.100.24"]))));

        numbers.Distinct().Count().ShouldBe(8);
        (await server.CountKeysAsync()).ShouldBe(8);
    }

    [Theory, BothEngines]
    public async Task Attaches_an_additional_key_to_an_existing_one_with_101(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var parent = await server.BareKeyAsync();

        var answer = await AttachAsync(server, parent[..13]);

        answer["resultCode"].AsInt().ShouldBe(101, answer["resultDesc"].AsString());
        var number = answer["mainKeyNumber"].AsString();
        number.ShouldStartWith("KAV.");
        (await server.KeyAsync(number)).ParentId.ShouldBe((await server.KeyAsync(parent)).Id);
        (await AttachAsync(server, parent))["resultCode"].AsInt().ShouldBe(255);
    }

    [Theory, BothEngines]
    public async Task Refuses_a_parent_that_cannot_have_the_key(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var virtuozzo = await server.BareKeyAsync("VIRTUOZZO_4", "purchase");
        var problem = await server.BareKeyAsync();
        await server.MarkProblemAsync(problem);
        var terminated = await server.BareKeyAsync();
        await server.CallAsync("terminateKey", terminated);
        var foreign = (await server.CallAsAsync(server.OtherAuth, "createKey", Address([]), "contoso", "PLESK_9_FOR_VZ"))["mainKeyNumber"].AsString();
        var main = await server.BareKeyAsync();
        var before = await server.CountKeysAsync();

        (await AttachAsync(server, virtuozzo))["resultCode"].AsInt().ShouldBe(245);
        (await AttachAsync(server, "PLSK.99999999"))["resultCode"].AsInt().ShouldBe(220);
        (await AttachAsync(server, foreign))["resultCode"].AsInt().ShouldBe(202);
        (await AttachAsync(server, problem))["resultCode"].AsInt().ShouldBe(221);
        (await AttachAsync(server, terminated))["resultCode"].AsInt().ShouldBe(222);
        (await AttachAsync(server, "nonsense"))["resultCode"].AsInt().ShouldBe(410);
        (await AttachAsync(server, main, "PLESK_9_FOR_VZ"))["resultCode"].AsInt().ShouldBe(256);
        (await server.CountKeysAsync()).ShouldBe(before);
    }

    [Theory, BothEngines]
    public async Task Refuses_a_bad_order_in_the_words_of_the_article(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        await RefusedAsync(server, 244, "conflicting feature set", "PLESK_10_PLUS", Plans("30_DOMAINS", "PLESK_RELOADED_POWER_PACK_LIGHT"), "billing");
        await RefusedAsync(server, 244, "conflicting feature set", "PLESK_10_AND_LATER", Plans("30_DOMAINS", "100_DOMAINS"), "billing");
        await RefusedAsync(server, 266, "Invalid Key configuration", "PLESK_10_AND_LATER_FOR_VZ", Plans(), "billing");
        await RefusedAsync(server, 260, "Unknown base keytype", "PLESK_11", Plans(), "billing");
        await RefusedAsync(server, 260, "Unknown base keytype", "PLESK_9_FOR_VZ", Plans(), "purchase");
        await RefusedAsync(server, 260, "Unknown billing type", "PLESK_9_FOR_VZ", Plans(), "monthly");
        (await server.CountKeysAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task Refuses_malformed_addresses_and_foreign_clients(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        (await CodeAsync(server, "no struct", "northwind")).ShouldBe(401);
        (await CodeAsync(server, new XmlRpcStruct { ["ips"] = new XmlRpcStruct { ["a"] = 1 } }, "northwind")).ShouldBe(401);
        (await CodeAsync(server, Address(["1.2.3"]), "northwind")).ShouldBe(405);
        (await CodeAsync(server, Address(["1.2.3.256"]), "northwind")).ShouldBe(405);
        (await CodeAsync(server, Address([], "02:00:00:00:00"), "northwind")).ShouldBe(406);
        (await CodeAsync(server, Address([]), "nobody")).ShouldBe(250);
        (await CodeAsync(server, Address([]), "contoso")).ShouldBe(202);
        (await server.CountKeysAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task Activates_at_creation_and_gives_one_hardware_id_to_one_active_key(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var hwid = new XmlRpcStruct { ["hwid"] = "1A2B.3C4D.5E6F" };

        var first = await VirtuozzoAsync(server, hwid);
        first["resultCode"].AsInt().ShouldBe(100, first["resultDesc"].AsString());
        var retrieved = await server.CallAsync("retrieveKey", first["mainKeyNumber"].AsString());
        (await server.VerifiedAsync(retrieved)).Bindings.ShouldBe([new LicenseBinding(BindingKind.HardwareId, "1A2B.3C4D.5E6F")]);

        (await VirtuozzoAsync(server, hwid))["resultCode"].AsInt().ShouldBe(226);
        (await server.CountKeysAsync()).ShouldBe(1);

        // The issuer ends the first key, and the machine is free again.
        KeyName.TryParse(first["mainKeyNumber"].AsString(), out var name).ShouldBeTrue();
        await server.DoAsync(tx => server.Get<TerminateKeyHandler>().HandleAsync(tx, name!, new KeyCaller("issuer", null), CancellationToken.None));
        (await VirtuozzoAsync(server, hwid))["resultCode"].AsInt().ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task Lets_one_of_many_calls_at_once_have_a_hardware_id(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var hwid = new XmlRpcStruct { ["hwid"] = "1A2B.3C4D.5E6F" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => VirtuozzoAsync(server, hwid)));

        answers.Select(a => a["resultCode"].AsInt()).Order().ShouldBe([100, 226, 226, 226, 226, 226]);
    }

    [Theory, BothEngines]
    public async Task Refuses_with_300_rather_than_make_a_key_too_late(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine, options => options.CommitWithin = TimeSpan.FromMilliseconds(300));
        // So that login and price list are at hand, as in a server that has run for a while.
        await server.CallAsync("getAvailableKeyTypesAndFeatures", "northwind");
        var held = new TaskCompletionSource();
        var free = new TaskCompletionSource();
        var holder = server.Database.WriteAsync(async tx =>
        {
            // On SQLite a writer sits on the whole database; on PostgreSQL it takes a lock to stand in the way.
            await tx.ExecuteAsync(tx.Dialect.Engine == Engine.Sqlite ? "update clients set name = name" : "lock table keys", null, CancellationToken.None);
            held.SetResult();
            await free.Task;
            return Done.It;
        }, CancellationToken.None);
        await held.Task;

        var answer = await server.CallAsync("createKey", Address([]), "northwind", "PLESK_9_FOR_VZ", Plans(), "billing").WaitAsync(TimeSpan.FromSeconds(60));

        free.SetResult();
        await holder;
        answer["resultCode"].AsInt().ShouldBe(300, answer["resultDesc"].AsString());
        (await server.CountKeysAsync()).ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task Makes_of_many_calls_at_once_each_its_own_key_and_refuses_what_is_wrong_among_them(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        await server.BareKeyAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i => (i, Answer: i % 6 == 5
            ? await server.CallAsync("createKey", Address([$"192.0.2.{i}"]), "northwind", i % 12 == 5 ? "NO_SUCH" : "PLESK_10_AND_LATER", Plans("30_DOMAINS", "100_DOMAINS"), "billing")
            : await server.CallAsAsync(
                i % 2 == 0 ? server.Auth : server.OtherAuth, "createKey", Address([$"192.0.2.{i}", $"2001:db8::a:{i}"], "02:00:00:00:00:01"), i % 2 == 0 ? "northwind" : "contoso",
                i % 3 == 0 ? "PLESK_10_AND_LATER" : "PLESK_9_FOR_VZ", i % 3 == 0 ? Plans("30_DOMAINS") : Plans(), "billing"))));

        var made = answers.Where(a => a.i % 6 != 5).ToList();
        answers.Where(a => a.i % 6 == 5).ShouldAllBe(a => a.Answer["resultCode"].AsInt() == (a.i % 12 == 5 ? 260 : 244));
        made.ShouldAllBe(a => a.Answer["resultCode"].AsInt() == 100);
        made.Select(a => a.Answer["mainKeyNumber"].AsString()).Distinct().Count().ShouldBe(made.Count);
        (await server.CountKeysAsync()).ShouldBe(made.Count + 1);
        foreach (var (i, answer) in made)
        {
            var key = await server.KeyAsync(answer["mainKeyNumber"].AsString());
            (key.ActivationCode, key.ExpirationDate.ToString("yyyyMMdd", null)).ShouldBe((answer["productKey"].AsString(), answer["expirationDate"].AsDateTime().ToString("yyyyMMdd", null)));
            var (addresses, features, history) = await server.Database.ReadAsync(async s => (
                await server.Get<KeyStore>().AddressesAsync(s, key.Id, CancellationToken.None), await server.Get<KeyStore>().FeaturesAsync(s, key.Id, CancellationToken.None),
                await server.Get<KeyStore>().HistoryAsync(s, key.Id, CancellationToken.None)), CancellationToken.None);
            addresses.Select(a => a.Address).Order(StringComparer.Ordinal).ShouldBe(new[] { $"192.0.2.{i}", $"2001:db8::a:{i}", "02:00:00:00:00:01" }.Order(StringComparer.Ordinal));
            (features.Count > 0).ShouldBe(i % 3 == 0);
            history.Select(h => (h.Act, h.Actor)).ShouldBe([("created", i % 2 == 0 ? "northwind-api" : "contoso-api")]);
        }
    }

    [Theory, BothEngines]
    public async Task Writes_who_made_the_key_into_its_history(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var key = await server.KeyAsync(await server.BareKeyAsync());

        var history = await server.Database.ReadAsync(s => server.Get<KeyStore>().HistoryAsync(s, key.Id, CancellationToken.None), CancellationToken.None);

        history.Select(h => (h.Act, h.Actor, h.Detail)).ShouldBe([("created", "northwind-api", "PLESK_9_FOR_VZ, billing")]);
    }

    internal static XmlRpcStruct Address(string[] ips, params string[] macs) => new() { ["ips"] = XmlRpcArray.Of(ips), ["macs"] = XmlRpcArray.Of(macs) };

    internal static XmlRpcArray Plans(params string[] plans) => XmlRpcArray.Of(plans);

    private static Task<XmlRpcStruct> AttachAsync(TestKeyServer server, string parent, string keyType = "KAV_FOR_PLESK") => server.CallAsync(
        "createKey", Address([]), "northwind", keyType, Plans(), new XmlRpcStruct { ["parentKeyNumber"] = parent }, Plans(), new XmlRpcStruct());

    private static Task<XmlRpcStruct> VirtuozzoAsync(TestKeyServer server, XmlRpcStruct parameters) => server.CallAsync(
        "createKey", Address([]), "northwind", "VIRTUOZZO_4", Plans(), parameters, Plans(), new XmlRpcStruct());

    private static async Task RefusedAsync(TestKeyServer server, int code, string words, string keyType, XmlRpcArray plans, string billing)
    {
        var answer = await server.CallAsync("createKey", Address([]), "northwind", keyType, plans, billing);
        answer["resultCode"].AsInt().ShouldBe(code, answer["resultDesc"].AsString());
        answer["resultDesc"].AsString().ShouldStartWith(words);
        answer.Contains("mainKeyNumber").ShouldBeFalse();
    }

    private static async Task<int> CodeAsync(TestKeyServer server, XmlRpcValue address, string client) =>
        (await server.CallAsync("createKey", address, client, "PLESK_9_FOR_VZ", Plans(), "billing"))["resultCode"].AsInt();
}
