using System.Globalization;
using System.Text.Json;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.XmlRpc;

namespace Keygate.Tests.KeyServer.PartnerApi30;

/// <summary>A key server with what the cases of Partner API 3.0 need: logins of three roles, a reseller with a client of its own, a stranger.</summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>A key that can be had without features, and is in no mandatory group.</summary>
    public const string Host = """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""";

    private World(TestKeyServer server) => Server = server;

    public TestKeyServer Server { get; }

    /// <summary>The number of keys before northwind's last call.</summary>
    public int KeysBeforeCall { get; private set; }

    /// <summary>The client northwind (1), every command.</summary>
    public Rest Rest { get; private init; } = null!;

    public Rest Advanced { get; private init; } = null!;

    public Rest Standard { get; private init; } = null!;

    /// <summary>Another client, contoso (2).</summary>
    public Rest Stranger { get; private init; } = null!;

    /// <summary>A reseller, whose login reaches the clients below it.</summary>
    public Rest Reseller { get; private init; } = null!;

    public ClientId ResellerId { get; private init; }

    /// <summary>A client of the reseller.</summary>
    public ClientId SubClient { get; private init; }

    /// <summary>Another client of the reseller.</summary>
    public ClientId SecondSubClient { get; private init; }

    public static async Task<World> StartAsync(Engine engine)
    {
        var server = await TestKeyServer.StartAsync(engine);
        var reseller = await ClientAsync(server, "fabrikam", AccountKind.Reseller, null);
        var world = new World(server)
        {
            Rest = await Rest.OfAsync(server),
            Advanced = await LoginAsync(server, ClientId.Of(1), "northwind-advanced", LoginRole.Advanced),
            Standard = await LoginAsync(server, ClientId.Of(1), "northwind-standard", LoginRole.Standard),
            Stranger = await Rest.OfAsync(server, server.OtherAuth),
            Reseller = await LoginAsync(server, reseller, "fabrikam-api", LoginRole.All),
            ResellerId = reseller,
            SubClient = await ClientAsync(server, "litware", AccountKind.Client, reseller),
            SecondSubClient = await ClientAsync(server, "tailspin", AccountKind.Client, reseller),
        };
        world.Rest.Before = async () => world.KeysBeforeCall = await server.CountKeysAsync();
        return world;
    }

    public static async Task<Rest> LoginAsync(TestKeyServer server, ClientId client, string login, LoginRole role)
    {
        var added = await server.DoAsync(tx => server.Get<AddLoginHandler>().HandleAsync(tx, client, new() { Login = login, Role = role }, TestKeyServer.Staff, CancellationToken.None));
        return await Rest.OfAsync(server, new XmlRpcStruct { ["login"] = added.Login, ["password"] = added.Password });
    }

    public static Task<ClientId> ClientAsync(TestKeyServer server, string login, AccountKind account, ClientId? parent) => server.Database.WriteAsync(async tx =>
    {
        var list = await server.Get<PriceListStore>().FindAsync(tx, "hosting", CancellationToken.None);
        return await server.Get<ClientStore>().AddAsync(
            tx, new ClientRow { Login = login, Name = login, PriceListId = list!.Id, Account = account, ParentId = parent }, null, "issuer", server.Time.GetUtcNow(), CancellationToken.None);
    }, CancellationToken.None);

    /// <summary>A new key of northwind's.</summary>
    public Task<int> KeyAsync(string body = Host) => Rest.CreateAsync(body);

    /// <summary>A key ordered through Partner API 1.0, whose features may have no constant.</summary>
    public async Task<int> Key10Async(string keyType = "PLESK_10_AND_LATER", params string[] features)
    {
        var answer = await Server.CallAsync("createKey", new XmlRpcStruct(), "northwind", keyType, XmlRpcArray.Of(features), "billing");
        return int.Parse(answer["mainKeyNumber"].AsString().Split('.')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>A purchased key, which expires never and cannot be terminated by partners.</summary>
    public async Task<int> PurchasedKeyAsync()
    {
        var answer = await Server.CallAsync("createKey", new XmlRpcStruct(), "northwind", "VIRTUOZZO_4", new XmlRpcArray(), "purchase");
        return int.Parse(answer["mainKeyNumber"].AsString().Split('.')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>An additional key that stands alone.</summary>
    public Task<int> AdditionalKeyAsync() => Key10Async("KAV_FOR_PLESK");

    public async Task<int> TerminatedKeyAsync()
    {
        var key = await KeyAsync();
        await Rest.DeleteAsync($"keys/{key}");
        return key;
    }

    public async Task<int> SuspendedKeyAsync()
    {
        var key = await KeyAsync();
        await Rest.PutAsync($"keys/{key}", """{ "suspended": true }""");
        return key;
    }

    /// <summary>A product configuration of northwind's for Plesk keys.</summary>
    public async Task<int> ConfigurationAsync(string name) => (await Server.Database.WriteAsync(tx => Server.Get<ProductConfigurationStore>().AddAsync(
        tx, new ProductConfigurationRow { ClientId = ClientId.Of(1), Name = name, Enabled = true, Family = "plesk" }, "issuer", Server.Time.GetUtcNow(), CancellationToken.None), CancellationToken.None))!.Value.Value;

    /// <summary>Changes a key as only the issuer could.</summary>
    public Task SetAsync(int key, string assignment) => Server.Database.WriteAsync(tx => tx.ExecuteAsync($"update keys set {assignment} where id = @key", new { key }, CancellationToken.None), CancellationToken.None);

    public async Task<string> CodeAsync(int key) => Identifier(await Rest.KeyAsync(key), "activationCode");

    public async Task<string> NumberAsync(int key) => Identifier(await Rest.KeyAsync(key), "keyNumber");

    public static string Identifier(JsonElement key, string name) => key.GetProperty("keyIdentifiers").GetProperty(name).GetString()!;

    public async ValueTask DisposeAsync()
    {
        foreach (var rest in new[] { Rest, Advanced, Standard, Stranger, Reseller })
        {
            rest.Dispose();
        }

        await Server.DisposeAsync();
    }
}
