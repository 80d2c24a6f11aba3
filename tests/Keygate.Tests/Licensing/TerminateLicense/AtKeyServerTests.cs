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
        var clock = new ManualTime(new DateTimeOffset(2026, 2, 1, 12, 0, 0, TimeSpan.Zero));
        await using var server = await TestKeyServer.StartAsync(engine, clock: clock);
        await using var house = await LicensingHouse.StartAsync(engine, clock, new KeyAdministratorFactory());
        await house.RenewAutomaticallyAsync(c => c with
        {
            Classes = [.. c.Classes,
                new LicenseClass { KeyType = Main, Name = "Plesk 10 and later", Product = "Plesk", BillType = Keygate.Catalog.BillType.Lease },
                new LicenseClass { KeyType = AddOn, Name = "Kaspersky for Plesk", Product = "Kaspersky", BillType = Keygate.Catalog.BillType.Lease, IsAdditional = true }],
            Groups = [new FeatureGroup { Id = "DOMAINS", Description = "Domain Limit", Sort = 1 }],
            Features = [new Feature { Id = Domains, Name = "30 domains", Group = "DOMAINS", Sort = 30 }],
            ClassFeatures = [new ClassFeature { KeyType = Main, FeatureId = Domains }],
            AddOns = [.. c.AddOns, new AddOn { Parent = Main, KeyType = AddOn }],
        });
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "KA", ["kind"] = "issuer.key-administrator", ["settings"] = new JsonObject
            {
                ["host"] = "127.0.0.1", ["port"] = server.Url.Port.ToString(CultureInfo.InvariantCulture), ["login"] = "northwind-api", ["password"] = server.Password,
                ["client"] = "northwind", ["certificate"] = await server.Get<Keygate.KeyServer.PartnerTlsCertificate>().ToPemAsync(CancellationToken.None),
            },
        }))["id"]!;
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
