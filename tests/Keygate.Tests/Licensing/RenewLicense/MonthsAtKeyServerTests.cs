using System.Globalization;
using System.Text.Json.Nodes;
using Keygate.Catalog;
using Keygate.Issuers;
using Keygate.Licensing;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Licensing.RenewLicense;

/// <summary>Months of a license with its additional key, through the real plug-in and the real key server under one clock: both sides have the same dates.</summary>
public sealed class MonthsAtKeyServerTests
{
    private const string Main = "PLESK_10_AND_LATER", AddOn = "KAV_FOR_PLESK", Domains = "30_DOMAINS";

    [Theory, BothEngines]
    public async Task Both_sides_keep_the_same_dates_and_what_the_issuer_renewed_itself_is_not_paid_twice(Engine engine)
    {
        var clock = new ManualTime(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
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
        var id = await house.BroughtToAsync(LicenseState.Installed, Main, r =>
        {
            r["issuer"] = issuer;
            r["features"] = new JsonArray(Domains);
            r["addOns"] = new JsonArray(AddOn);
        });
        var addOn = (int)(await house.LicenseAsync(id))["addOns"]![0]!["id"]!;

        // The anchor is the 31st: months count from there, and the short month borrows nothing from the next.
        foreach (var (day, next) in new[] { ("2026-02-28", "2026-03-31"), ("2026-03-31", "2026-04-30") })
        {
            clock.AdvanceTo(DateTimeOffset.Parse($"{day}T12:00:00Z", CultureInfo.InvariantCulture));
            foreach (var license in new[] { id, addOn })
            {
                await house.UntilAsync(license, l => (string?)l["license"]!["updateDate"] == next && l["goingOn"] is null);
            }
        }

        // The product fetched its next file by itself, or a person renewed it there: the dates are taken over, and nothing is asked for again.
        var number = (string)(await house.LicenseAsync(id))["keyNumber"]!;
        (await server.CallAsync("renewKey", number))["resultCode"].AsInt().ShouldBe(100);
        clock.AdvanceTo(new DateTimeOffset(2026, 4, 30, 12, 0, 0, TimeSpan.Zero));
        var taken = await house.UntilAsync(id, l => (string?)l["license"]!["updateDate"] == "2026-05-31" && l["goingOn"] is null);
        await house.UntilAsync(addOn, l => (string?)l["license"]!["updateDate"] == "2026-05-31" && l["goingOn"] is null);

        (await house.HistoryAsync(id)).ShouldContain(h => h.What.StartsWith("Found renewed at the issuer until 2026-06-10", StringComparison.Ordinal));
        foreach (var license in new[] { taken, await house.LicenseAsync(addOn) })
        {
            var there = await server.KeyAsync((string)license["keyNumber"]!);
            license["status"]!.ToString().ShouldBe("Installed");
            license["keyNumber"]!.ToString().ShouldBe(there.Number.ToString());
            license["license"]!["updateDate"]!.ToString().ShouldBe(there.UpdateDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            license["license"]!["expirationDate"]!.ToString().ShouldBe(there.ExpirationDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            there.Revision.ShouldBe(3);
        }

        // The files that lie in the subscription are those of the last revision, base and additional.
        house.Installer.Installed.SelectMany(i => i.Files).GroupBy(f => f.KeyNumber[..^5]).Select(g => g.Last().KeyNumber[^4..]).ShouldAllBe(revision => revision == "0003");
    }
}
