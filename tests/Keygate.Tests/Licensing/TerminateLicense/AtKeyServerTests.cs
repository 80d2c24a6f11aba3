using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Issuers;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer;
using Keygate.XmlRpc;
using Shouldly;
using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace Keygate.Tests.Licensing.TerminateLicenseSlice;

/// <summary>A license with its additional key is held, let go on and terminated through the real plug-in at the real key server.</summary>
public sealed class AtKeyServerTests
{
    private const string Main = "PLESK_10_AND_LATER", AddOn = "KAV_FOR_PLESK", Domains = "30_DOMAINS";

    [Theory, BothEngines]
    public async Task What_is_said_here_is_what_the_issuer_has(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine, clock: new ManualTime(Start));
        var (house, issuer) = await StartAsync(engine, server);
        await using var _ = house;
        var id = await house.BroughtToAsync(LicenseState.Retrieved, Main, r =>
        {
            (r["issuer"], r["subscriptionId"], r["subscriptionName"]) = (issuer, 17, "northwind.example");
            (r["features"], r["addOns"]) = (new JsonArray(Domains), new JsonArray(AddOn));
        });
        string[] numbers = [(string)(await house.LicenseAsync(id))["keyNumber"]!, (string)(await house.LicenseAsync(id))["addOns"]![0]!["keyNumber"]!];
        var standings = house.Get<LicenseStandings>();

        await house.Database.WriteAsync(async tx => { await standings.HoldAsync(tx, 17, "Not paid.", Actor.Keygate, CancellationToken.None); return Done.It; }, CancellationToken.None);
        await house.UntilAsync(id, l => l["suspendedAt"] is not null && l["goingOn"] is null);
        (await StandAsync(server, numbers)).ShouldBe([(true, false), (true, false)]);

        await house.Database.WriteAsync(async tx => { await standings.RegainAsync(tx, 17, "Paid.", Actor.Keygate, CancellationToken.None); return Done.It; }, CancellationToken.None);
        await house.UntilAsync(id, l => l["suspendedAt"] is null && l["goingOn"] is null);
        (await StandAsync(server, numbers)).ShouldBe([(false, false), (false, false)]);

        // A key that is marked as problem is released first, or its issuer would keep it.
        await house.Database.WriteAsync(async tx => { await standings.HoldAsync(tx, 17, "Not paid.", Actor.Keygate, CancellationToken.None); return Done.It; }, CancellationToken.None);
        await house.UntilAsync(id, l => l["suspendedAt"] is not null && l["goingOn"] is null);
        await house.PostAsync($"licenses/{id}/terminate", TerminatingHouse.Because);
        await house.UntilStateAsync(id, LicenseState.Terminated);
        (await StandAsync(server, numbers)).ShouldBe([(false, true), (false, true)]);
    }

    [Theory, BothEngines]
    public async Task A_change_is_made_there_as_it_is_said_here(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine, clock: new ManualTime(Start));
        var (house, issuer) = await StartAsync(engine, server);
        await using var _ = house;
        var id = await house.BroughtToAsync(LicenseState.Installed, Main, r => (r["issuer"], r["features"]) = (issuer, new JsonArray("10_DOMAINS")));

        (await ChangeAsync(house, id, new LicenseMake(Main, [Domains, "LANGUAGE_PACK_1"], [AddOn]))).Acts.Select(a => a.Plan).ShouldBe(["10_DOMAINS_TO_30_DOMAINS", "LANGUAGE_PACK_1", AddOn]);
        var changed = await house.UntilAsync(id, l => l["goingOn"] is null && l["addOns"]!.AsArray() is [{ } a] && (string)a["status"]! == "Installed");

        var number = (string)changed["keyNumber"]!;
        var there = (await server.CallAsync("getKeyInfo", number))["keyInfo"].AsStruct();
        (await FeaturesAsync(server, number)).ShouldBe([Domains, "LANGUAGE_PACK_1"]);
        there["keyNumber"].AsString().ShouldBe(number);
        there["additionalKeys"].AsArray().Select(k => k.AsStruct()["keyNumber"].AsString()).ShouldBe([(string)changed["addOns"]![0]!["keyNumber"]!]);
        ((string)changed["file"]!["keyNumber"]!, (string)changed["license"]!["expirationDate"]!).ShouldBe((number, "2026-03-11"));

        // And back: the feature is taken out, the additional key ends.
        await ChangeAsync(house, id, new LicenseMake(Main, [Domains], []));
        var back = await house.UntilAsync(id, l => l["goingOn"] is null && (string)l["addOns"]![0]!["status"]! == "Terminated" && l["file"]!["keyNumber"]!.ToString() == l["keyNumber"]!.ToString());
        (await FeaturesAsync(server, (string)back["keyNumber"]!)).ShouldBe([Domains]);
        (await StandAsync(server, [(string)back["keyNumber"]!, (string)back["addOns"]![0]!["keyNumber"]!])).ShouldBe([(false, false), (false, true)]);
    }

    private static readonly DateTimeOffset Start = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static async Task<LicenseChange> ChangeAsync(LicensingHouse house, int id, LicenseMake to)
    {
        var changes = house.Get<LicenseChanges>();
        (await changes.CanChangeAsync(LicenseId.Of(id), CancellationToken.None)).ShouldBeTrue();
        return await house.Database.WriteAsync(
            async tx =>
            {
                var preview = await changes.PreviewAsync(tx, LicenseId.Of(id), to, canChange: true, CancellationToken.None);
                preview.TryGet(out var change, out var error).ShouldBeTrue(error?.Detail);
                await changes.StartAsync(tx, change!, null, Actor.Keygate, CancellationToken.None);
                return change!;
            }, CancellationToken.None);
    }

    private static async Task<string[]> FeaturesAsync(TestKeyServer server, string number) =>
        [.. (await server.CallAsync("getKeyInfo", number))["keyInfo"].AsStruct()["features"].AsArray().Select(f => f.AsStruct()["apiName"].AsString()).Order(StringComparer.Ordinal)];

    private static async Task<(LicensingHouse House, int Issuer)> StartAsync(Engine engine, TestKeyServer server)
    {
        var house = await LicensingHouse.StartAsync(engine, new ManualTime(Start), new KeyAdministratorFactory());
        await house.RenewAutomaticallyAsync(c => c with
        {
            Classes = [.. c.Classes,
                new LicenseClass { KeyType = Main, Name = "Plesk 10 and later", Product = "Plesk", BillType = Keygate.Catalog.BillType.Lease },
                new LicenseClass { KeyType = AddOn, Name = "Kaspersky for Plesk", Product = "Kaspersky", BillType = Keygate.Catalog.BillType.Lease, IsAdditional = true }],
            Groups = [new FeatureGroup { Id = "DOMAINS", Description = "Domain Limit", Sort = 1 }, new FeatureGroup { Id = "LANGUAGES", Description = "Language Packs", Sort = 2 }],
            Features =
            [
                new Feature { Id = "10_DOMAINS", Name = "10 domains", Group = "DOMAINS", Sort = 10 }, new Feature { Id = Domains, Name = "30 domains", Group = "DOMAINS", Sort = 30 },
                new Feature { Id = "LANGUAGE_PACK_1", Name = "1 language pack", Group = "LANGUAGES", Sort = 1 },
            ],
            ClassFeatures = [.. new[] { "10_DOMAINS", Domains, "LANGUAGE_PACK_1" }.Select(f => new ClassFeature { KeyType = Main, FeatureId = f })],
            AddOns = [.. c.AddOns, new AddOn { Parent = Main, KeyType = AddOn }],
            UpgradeOptions = [new UpgradeOption { From = "10_DOMAINS", To = Domains, Plan = "10_DOMAINS_TO_30_DOMAINS" }],
        });
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "KA", ["kind"] = "issuer.key-administrator", ["settings"] = new JsonObject
            {
                ["host"] = "127.0.0.1", ["port"] = server.Url.Port.ToString(CultureInfo.InvariantCulture), ["login"] = "northwind-api", ["password"] = server.Password,
                ["client"] = "northwind", ["certificate"] = await server.Get<Keygate.KeyServer.PartnerTlsCertificate>().ToPemAsync(CancellationToken.None),
            },
        }))["id"]!;
        return (house, issuer);
    }

    private static async Task<List<(bool Problem, bool Terminated)>> StandAsync(TestKeyServer server, string[] numbers)
    {
        var stand = new List<(bool, bool)>();
        foreach (var number in numbers)
        {
            var info = (await server.CallAsync("getKeyInfo", number))["keyInfo"].AsStruct();
            stand.Add((info["problem"].TryToBoolean(out var problem) && problem, info["terminated"].TryToBoolean(out var terminated) && terminated));
        }

        return stand;
    }
}
