using System.Globalization;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer.PartnerApi10.Conformance;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

/// <summary>What the methods do to a key beyond their codes.</summary>
public sealed class LifeOfAKeyTests
{
    [Theory, BothEngines]
    public async Task An_upgrade_raises_the_revision_once_and_a_repeat_changes_nothing(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.KeyAsync();

        var upgraded = await world.DoAsync("upgradeKey", Raw.Text(number), Raw.Array("EXTRA", "BASIC_TO_BIG", "BIG_TO_HUGE"));
        var again = await world.DoAsync("upgradeKey", Raw.Text(number), Raw.Array("EXTRA"));

        upgraded["keyNumber"].ShouldBe(number[..^4] + "0001");
        (again.Code, again["keyNumber"], again["expirationDate"], again["updateDate"]).ShouldBe((110, number[..^4] + "0001", upgraded["expirationDate"], upgraded["updateDate"]));
        upgraded["expirationDate"].ShouldBe("20260418T00:00:00");
        upgraded.Members.ContainsKey("susDate").ShouldBeFalse();
        (await FeaturesAsync(world, number)).ShouldBe(["EXTRA", "HUGE"]);
    }

    [Theory, BothEngines]
    public async Task Several_plans_are_carried_out_all_or_none(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.KeyAsync();

        (await world.SendAsync("upgradeKey", world.Auth, Raw.Text(number), Raw.Array("EXTRA", "ELSEWHERE"))).Code.ShouldBe(266);

        (await FeaturesAsync(world, number)).ShouldBe(["BASIC"]);
        (await world.Server.KeyAsync(number)).Revision.ShouldBe(0);
    }

    [Theory, BothEngines]
    public async Task What_is_ordered_takes_the_place_of_what_the_key_type_has_from_the_start(Engine engine)
    {
        await using var world = await World.StartAsync(engine);

        (await FeaturesAsync(world, await world.KeyAsync())).ShouldBe(["BASIC"]);
        (await FeaturesAsync(world, await world.KeyAsync(plans: ["HUGE", "EXTRA"]))).ShouldBe(["EXTRA", "HUGE"]);
    }

    [Theory, BothEngines]
    public async Task A_feature_brings_keys_that_cannot_be_ordered_singly_and_that_stay_when_it_goes(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.KeyAsync();

        var upgraded = await world.DoAsync("upgradeKey", Raw.Text(number), Raw.Text("POWER_PACK"));

        var info = await world.DoAsync("getKeyInfo", Raw.Text(number));
        info.Xml.ShouldContain("<name>apiKeyType</name><value><string>N/A</string></value>");
        var additional = (await world.Server.Database.ReadAsync(s => s.QueryAsync<string>(
            "select key_type from keys where parent_id = (select id from keys where id = @id)", new { id = int.Parse(number.Split('.')[1], CultureInfo.InvariantCulture) },
            CancellationToken.None), CancellationToken.None)).ShouldHaveSingleItem();
        additional.ShouldBe("HIDDEN");
        upgraded.Description.ShouldContain("ADD.");

        (await world.DoAsync("downgradeKey", Raw.Text(number), Raw.Text("POWER_PACK"))).Code.ShouldBe(100);
        (await world.DoAsync("getKeyInfo", Raw.Text(number))).Xml.ShouldContain("<name>apiKeyType</name><value><string>N/A</string></value>");
        (await world.SendAsync("upgradeKey", world.Auth, Raw.Text(number), Raw.Text("POWER_PACK"))).Code.ShouldBe(246);
    }

    [Theory, BothEngines]
    public async Task Updates_of_a_purchase_are_renewed_while_they_run_and_reinstated_afterwards(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.KeyAsync(billing: "purchase");

        (await world.DoAsync("upgradeKey", Raw.Text(number), Raw.Text("SUS_RENEWAL")))["susDate"].ShouldBe("20280309T00:00:00");
        world.Server.Time.AdvanceTo(new DateTimeOffset(2028, 5, 1, 0, 0, 0, TimeSpan.Zero));
        (await world.SendAsync("upgradeKey", world.Auth, Raw.Text(number), Raw.Text("SUS_RENEWAL"))).Code.ShouldBe(266);
        (await world.SendAsync("upgradeKey", world.Auth, Raw.Text(number), Raw.Text("MAIN_TO_MAIN_PLUS_BY_SUS"))).Code.ShouldBe(268);
        (await world.DoAsync("upgradeKey", Raw.Text(number), Raw.Text("SUS_REINSTATEMENT")))["susDate"].ShouldBe("20290501T00:00:00");
        (await world.DoAsync("upgradeKey", Raw.Text(number), Raw.Text("MAIN_TO_MAIN_PLUS_BY_SUS"))).Code.ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task The_plans_that_are_available_are_those_that_would_change_the_key(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.KeyAsync(plans: "EXTRA");

        var available = (await world.DoAsync("getAvailableUpgrades", Raw.Text(number))).List("upgradePlans");

        available.ShouldBe(["SUPPORT", "POWER_PACK", "BASIC_TO_BIG", "EXTRA_OFF"], ignoreOrder: true);
        foreach (var plan in available)
        {
            var fresh = await world.KeyAsync(plans: "EXTRA");
            (await world.DoAsync("upgradeKey", Raw.Text(fresh), Raw.Text(plan))).Code.ShouldBe(100, plan);
        }

        (await world.DoAsync("getAvailableUpgrades", Raw.Text(await world.TerminatedAsync()))).List("upgradePlans").ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task An_address_is_bound_to_one_key_whoever_is_first(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var ip = world.NewIp();
        var keys = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.KeyAsync()));

        var codes = await Task.WhenAll(keys.Select(async key => (await world.SendAsync("bindKey", world.Auth, Raw.Text(key), Raw.Text(ip))).Code));

        codes.ShouldAllBe(code => code == 100 || code == 101 || code == 272);
        codes.Count(code => code == 100).ShouldBe(1);
        (await world.Server.Database.ReadAsync(s => s.GetAsync<int>("select count(*) from key_addresses where address = @ip and source = 'Bound'", new { ip }, CancellationToken.None), CancellationToken.None)).ShouldBe(1);
        (await world.DoAsync("getKeysInfoByIP", Raw.Text(ip))).Code.ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task A_reset_or_transferred_key_gets_another_file_and_frees_its_hardware_id(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.ActiveAsync("1111.2222");
        await world.DoAsync("retrieveKey", Raw.Text(number));

        (await world.DoAsync("transferKey", Raw.Text(number), Raw.Text("3333.4444")))["keyNumber"].ShouldBe(number[..^4] + "0001");
        await world.ActiveAsync("1111.2222");
        (await world.DoAsync("resetKey", Raw.Text(number)))["keyNumber"].ShouldBe(number[..^4] + "0002");
        (await world.SendAsync("retrieveKey", world.Auth, Raw.Text(number))).Code.ShouldBe(223);
        (await world.SendAsync("activateKey", world.Auth, Raw.Text(number), Raw.Text("1111.2222"))).Code.ShouldBe(226);
        (await world.DoAsync("activateKey", Raw.Text(number), Raw.Text("5555.6666"))).Code.ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task The_file_follows_features_and_configuration_and_is_made_for_the_version_before_too(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.KeyAsync();
        await world.DoAsync("upgradeKey", Raw.Text(number), Raw.Text("EXTRA"));
        await world.DoAsync("assignProductConfiguration", Raw.Text(number), Raw.Text(await world.ConfigurationAsync()));

        var now = await world.DoAsync("retrieveKey", Raw.Text(number));
        var before = await world.DoAsync("retrieveKey", Raw.Text(number), Raw.Bool(true));

        now["keyNumber"].ShouldBe(number[..^4] + "0002");
        var file = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(now["key"]));
        file.ShouldContain("colour");
        file.ShouldContain("extra");
        System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(before["key"])).Replace(">1</", ">2</", StringComparison.Ordinal).Length.ShouldBeInRange(file.Length - 64, file.Length + 64);
        before["key"].ShouldNotBe(now["key"]);
        (await world.DoAsync("retrieveKey", Raw.Text(number), Raw.Bool(true)))["key"].ShouldBe(before["key"]);
    }

    [Theory, BothEngines]
    public async Task A_mail_has_the_file_as_it_is_or_zipped(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.KeyAsync();

        (await world.DoAsync("sendKeyByEmail", Raw.Text(number)))["emailAddress"].ShouldBe("owner@acme.example");
        (await world.DoAsync("sendKeyByEmail", Raw.Text(number), Raw.Text("friend@acme.example"), Raw.Bool(true)))["emailAddress"].ShouldBe("friend@acme.example");

        world.Mail.Mails.Count.ShouldBe(2);
        world.Mail.Mails.TryDequeue(out var plain).ShouldBeTrue();
        plain.ShouldContain($"{number}.xml");
        plain.ShouldContain("owner@acme.example");
        world.Mail.Mails.TryDequeue(out var zipped).ShouldBeTrue();
        zipped.ShouldContain($"{number}.zip");
    }

    [Theory, BothEngines]
    public async Task A_new_password_ends_the_old_one(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var before = await world.AddLoginAsync("acme", "renewing");

        var renewed = await world.SendAsync("generateNewPassword", before);

        (await world.SendAsync("validateLogin", before)).Code.ShouldBe(200);
        (await world.SendAsync("validateLogin", Raw.Auth("renewing", renewed["newPassword"]))).Code.ShouldBe(100);
        renewed["newPassword"].Length.ShouldBeInRange(32, 63);
    }

    [Theory, BothEngines]
    public async Task A_login_is_held_to_its_addresses_and_its_rate(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var elsewhere = await world.AddLoginAsync("acme", "elsewhere", login => login with { Addresses = "192.0.2.0/24,2001:db8::1" });
        var here = await world.AddLoginAsync("acme", "here", login => login with { Addresses = "192.0.2.0/24,127.0.0.1", CallsPerMinute = 2 });

        var refused = await world.SendAsync("validateLogin", elsewhere);
        var codes = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            codes.Add((await world.SendAsync("validateLogin", here)).Code);
        }

        refused.Code.ShouldBe(200);
        refused.Description.ShouldContain("127.0.0.1");
        codes.ShouldBe([100, 100, 300]);
        world.Server.Time.Advance(TimeSpan.FromMinutes(1));
        (await world.SendAsync("validateLogin", here)).Code.ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task The_code_of_a_main_key_activates_the_keys_attached_to_it(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var number = await world.KeyAsync("MAIN_HW");
        var addon = await world.AttachedAsync(number);
        await world.SqlAsync("update keys set activation = 'HardwareId' where id = @Id", new { (await world.Server.KeyAsync(addon)).Id });

        await world.DoAsync("activateKey", Raw.Text((await world.Server.KeyAsync(number)).ActivationCode), Raw.Text("7777.8888"));

        (await world.Server.KeyAsync(number)).ActivatedFor.ShouldBe("7777.8888");
        (await world.Server.KeyAsync(addon)).ActivatedFor.ShouldBe("7777.8888");
    }

    private static async Task<IReadOnlyList<string>> FeaturesAsync(World world, string number)
    {
        var key = await world.Server.KeyAsync(number);
        return [.. (await world.Server.Database.ReadAsync(s => world.Server.Get<KeyStore>().FeaturesAsync(s, key.Id, CancellationToken.None), CancellationToken.None)).Select(f => f.Feature)];
    }
}
