using System.Text.Json.Nodes;
using Keygate.Catalog;

namespace Keygate.Tests.Catalog.CheckOffer;

/// <summary>A small price list of an issuer, a catalog that was copied from it with mistakes, and a plan over it: all of it drawn from a seed.</summary>
internal sealed class RandomOffering
{
    private static readonly string[] Mains = ["MAIN_A", "MAIN_B"], AddOns = ["ADD_A", "ADD_B", "ADD_C"], Features = ["F1", "F2", "F3", "F4", "F5"], Groups = ["G1", "G2"];

    private readonly Random _random;

    public RandomOffering(int seed)
    {
        _random = new Random(seed);
        PriceList = ListOf(seed);
        Catalog = new CatalogView(CatalogOf());
        Plan = new Offer([.. Mains.Where(_ => Chance(80)).DefaultIfEmpty(Mains[0]).Select(c => new OfferPart(c, false))], Parts(Features), Parts(AddOns));
    }

    public JsonObject PriceList { get; }

    public CatalogView Catalog { get; }

    public Offer Plan { get; }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private OfferPart[] Parts(string[] codes) => [.. codes.Where(_ => Chance(75)).Select(c => new OfferPart(c, Chance(8)))];

    private JsonArray Some(string[] of, int percent) => [.. of.Where(_ => Chance(percent)).Select(c => (JsonNode)c)];

    private JsonArray Billing(int both) => Chance(both) ? ["lease", "purchase"] : Chance(50) ? ["lease"] : ["purchase"];

    private JsonObject? Prices() => Chance(90) ? new JsonObject { ["lease"] = 100, ["purchase"] = 1000 } : Chance(70) ? new JsonObject { ["lease"] = 100 } : null;

    private JsonObject ListOf(int seed)
    {
        var features = new JsonArray([.. Features.Where(_ => Chance(85)).Select(id =>
        {
            var item = new JsonObject { ["id"] = id, ["name"] = id, ["keyTypes"] = Some(Mains, 75), ["group"] = Chance(65) ? Groups[_random.Next(2)] : null, ["prices"] = Prices() };
            if (item["keyTypes"]!.AsArray().Count == 0)
            {
                item["keyTypes"] = new JsonArray(Mains[_random.Next(2)]);
            }

            if (Chance(15))
            {
                item["billing"] = Billing(0);
            }

            if (Chance(15))
            {
                item["additional"] = new JsonArray("BROUGHT");
            }

            return (JsonNode)Tidy(item);
        })]);
        foreach (var one in features.Where(_ => Chance(15)).ToList())
        {
            one!["conflicts"] = new JsonArray([.. features.Where(f => f != one && Chance(30)).Select(f => (JsonNode)(string)f!["id"]!)]);
        }

        JsonNode[] types =
        [
            .. Mains.Select(id => Type(id, "main", item =>
            {
                item["additional"] = Some(AddOns, 75);
                item["features"] = new JsonArray([.. features.Where(f => f!["keyTypes"]!.AsArray().Any(k => (string)k! == id) && Chance(12)).Take(1).Select(f => (JsonNode)(string)f!["id"]!)]);
            })),
            .. AddOns.Select(id => Type(id, "additional", item => item["orderable"] = Chance(92))), Type("BROUGHT", "additional", item => item["orderable"] = false),
        ];
        if (Chance(30))
        {
            types[2]["conflicts"] = new JsonArray(Chance(50) ? "ADD_B" : "BROUGHT");
        }

        return Tidy(new JsonObject
        {
            ["format"] = "keygate-price-list/1", ["name"] = $"list-{seed}", ["currency"] = Chance(40) ? "EUR" : null, ["keyTypes"] = new JsonArray(types), ["features"] = features,
            ["groups"] = new JsonArray([.. Groups.Select(id => (JsonNode)new JsonObject { ["id"] = id, ["description"] = id, ["mandatory"] = Chance(45) })]),
        });
    }

    private JsonObject Type(string id, string kind, Action<JsonObject> more)
    {
        var item = new JsonObject { ["id"] = id, ["name"] = id, ["product"] = id, ["prefix"] = "RND", ["kind"] = kind, ["billing"] = Billing(70), ["period"] = "1 month", ["prices"] = Prices() };
        more(item);
        return Tidy(item);
    }

    // Copied by a person: mostly right, and now and then not.
    private CatalogContents CatalogOf()
    {
        var types = PriceList["keyTypes"]!.AsArray().ToDictionary(k => (string)k!["id"]!, k => k!);
        var listed = PriceList["features"]!.AsArray().ToDictionary(f => (string)f!["id"]!, f => f!);
        bool Right() => Chance(93);
        return new CatalogContents
        {
            Classes =
            [
                .. Mains.Concat(AddOns).Select(id => new LicenseClass
                {
                    KeyType = id, Name = id, Product = id, IsAdditional = AddOns.Contains(id),
                    BillType = ((string)types[id]["billing"]![0]! == "lease") == Right() ? BillType.Lease : BillType.Purchase,
                }),
            ],
            Groups = [.. PriceList["groups"]!.AsArray().Select(g => new FeatureGroup { Id = (string)g!["id"]!, Description = "A group", Mandatory = (bool)g["mandatory"]! == Right() })],
            Features = [.. Features.Select((id, i) => new Feature { Id = id, Name = id, Sort = i, Group = Right() ? (string?)listed.GetValueOrDefault(id)?["group"] : Groups[_random.Next(2)] })],
            ClassFeatures =
            [
                .. Mains.SelectMany(main => Features
                    .Where(f => (listed.GetValueOrDefault(f)?["keyTypes"]!.AsArray().Any(k => (string)k! == main) ?? false) == Right()).Select(f => new ClassFeature { KeyType = main, FeatureId = f })),
            ],
            AddOns = [.. Mains.SelectMany(main => AddOns.Where(a => types[main]["additional"]!.AsArray().Any(k => (string)k! == a) == Right()).Select(a => new AddOn { Parent = main, KeyType = a }))],
        };
    }

    private static JsonObject Tidy(JsonObject item)
    {
        foreach (var name in item.Where(m => m.Value is null).Select(m => m.Key).ToList())
        {
            item.Remove(name);
        }

        return item;
    }
}
