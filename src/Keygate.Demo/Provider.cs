using System.Globalization;
using System.Text.Json.Nodes;

namespace Keygate.Demo;

/// <summary>What the demo's provider was set up with.</summary>
internal sealed record SetUp(
    int CustomerId, int PlanId, string StaffLogin, string StaffPassword, string Token,
    string PartnerUrl, string PartnerLogin, string PartnerPassword, string PartnerClient);

/// <summary>Sets up a small provider: a key server with a client and a price list, a catalog, an issuer and an installer, a plan, a customer.</summary>
internal sealed class Provider(Client client, string samples, string data, string password)
{
    private const string StaffLogin = "admin";

    public async Task<SetUp> SetUpAsync(CancellationToken cancellation)
    {
        Say("administrator");
        await client.PostAsync("staff", "demo-staff", new JsonObject { ["login"] = StaffLogin, ["name"] = "Demo Administrator", ["password"] = password }, cancellation);
        var token = await client.PostAsync("tokens", "demo-token", new JsonObject { ["name"] = "demo" }, cancellation);

        Say("key server: price list, client, API login");
        await client.PostAsync("keyserver/price-lists", "demo-price-list", await SampleAsync("price-list.json", cancellation), cancellation);
        var partner = await client.PostAsync("keyserver/clients", "demo-client", new JsonObject { ["login"] = "northwind", ["name"] = "Northwind Hosting", ["priceList"] = "hosting" }, cancellation);
        var login = await client.PostAsync($"keyserver/clients/{partner["id"]}/logins", "demo-login", new JsonObject { ["login"] = "northwind-api" }, cancellation);
        var door = await client.GetAsync("keyserver/door", cancellation);
        var partnerUrl = new Uri((string)door["url"]!);

        Say("catalog");
        await client.PutAsync("catalog", "demo-catalog", await SampleAsync("catalog.json", cancellation), cancellation);

        Say("issuer and installer plug-ins");
        var issuer = await AddPluginAsync("demo-issuer", "Key Administrator", "issuer.key-administrator", new JsonObject
        {
            ["host"] = partnerUrl.Host,
            ["port"] = partnerUrl.Port.ToString(CultureInfo.InvariantCulture),
            ["login"] = (string)login["login"]!,
            ["password"] = (string)login["password"]!,
            ["client"] = "northwind",
            ["certificate"] = (string)door["certificate"]!,
            ["mayStillTake"] = "30",
        }, cancellation);
        var installer = await AddPluginAsync("demo-installer", "Subscription folders", "installer.directory", new JsonObject
        {
            ["root"] = Path.Combine(data, "subscriptions"),
        }, cancellation);

        Say("plan and customer");
        var plan = await client.PostAsync("plans", "demo-plan", new JsonObject
        {
            ["name"] = "Virtual server with Plesk",
            ["currency"] = "EUR",
            ["hostingGate"] = "Dummy",
            ["issuerId"] = issuer,
            ["installerId"] = installer,
            ["published"] = true,
            ["periods"] = new JsonArray(new JsonObject { ["period"] = 1, ["periodType"] = "month", ["setupFee"] = 0, ["subscriptionFee"] = 990, ["renewalFee"] = 990 }),
            ["rates"] = new JsonArray(Rate("PLESK_10_AND_LATER_FOR_VZ", 650), Rate("10_DOMAINS", 0), Rate("30_DOMAINS", 250), Rate("100_DOMAINS", 550)),
        }, cancellation);
        var customer = await client.PostAsync("customers", "demo-customer", new JsonObject { ["name"] = "Northwind Traders", ["email"] = "office@northwind.example" }, cancellation);

        return new SetUp(
            (int)customer["id"]!, (int)plan["id"]!, StaffLogin, password, (string)token["token"]!,
            partnerUrl.ToString(), (string)login["login"]!, (string)login["password"]!, "northwind");
    }

    private async Task<int> AddPluginAsync(string key, string name, string kind, JsonObject settings, CancellationToken cancellation)
    {
        var plugin = await client.PostAsync("plugins", key, new JsonObject { ["name"] = name, ["kind"] = kind, ["settings"] = settings }, cancellation);
        var check = await client.PostAsync($"plugins/{plugin["id"]}/test", $"{key}-test", null, cancellation);
        Console.WriteLine($"    {name}: {check["text"]}");
        return (int)plugin["id"]!;
    }

    private static JsonObject Rate(string resource, long recurring) =>
        new() { ["resource"] = resource, ["includedUnits"] = 0, ["minUnits"] = 0, ["maxUnits"] = 1, ["setupFee"] = 0, ["recurringFee"] = recurring };

    private async Task<JsonNode> SampleAsync(string name, CancellationToken cancellation) =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(samples, "hosting", name), cancellation))!;

    private static void Say(string what) => Console.WriteLine($"  set up: {what}");
}
