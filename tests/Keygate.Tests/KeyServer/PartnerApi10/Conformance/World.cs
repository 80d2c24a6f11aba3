using System.Globalization;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>
/// A key server with the suite's own price list: the client acme with logins of every kind, clients below it in every state, and a stranger. Keys are ordered over the wire;
/// only what no method of the API does is written into the database.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private readonly TestKeyServer _server;
    private readonly Dictionary<string, string> _passwords = [];
    private int _count;

    private readonly VendorStandIn _vendor = VendorStandIn.Start();

    private World(TestKeyServer server, SmtpStandIn mail) => (_server, Mail) = (server, mail);

    public SmtpStandIn Mail { get; }

    public TestKeyServer Server => _server;

    /// <summary>All methods; the login that cases use where they name no other.</summary>
    public string Auth => AuthOf("acme-api");

    public static async Task<World> StartAsync(Engine engine)
    {
        var mail = SmtpStandIn.Start();
        var server = await TestKeyServer.StartAsync(engine, options => (options.Smtp, options.MailFrom) = (mail.Url, "keys@issuer.example"));
        var world = new World(server, mail);
        await world.SetUpAsync();
        return world;
    }

    /// <summary>A number that no other case has.</summary>
    public int Next() => Interlocked.Increment(ref _count);

    /// <summary>An address that no other case has.</summary>
    public string NewIp()
    {
        var n = Next();
        return string.Create(CultureInfo.InvariantCulture, $"10.{n / 65536}.{n / 256 % 256}.{n % 256}");
    }

    /// <summary>A hardware id that no other case has.</summary>
    public string NewHardwareId() => string.Create(CultureInfo.InvariantCulture, $"1A2B.3C4D.{Next():X4}");

    public string AuthOf(string login) => Raw.Auth(login, _passwords[login]);

    public async Task<RawAnswer> SendAsync(string method, params IEnumerable<string> arguments) =>
        Raw.Read((await _server.PostAsync(Raw.Call(method, arguments))).Body);

    /// <summary>Calls a method that has to succeed.</summary>
    public async Task<RawAnswer> DoAsync(string method, params string[] arguments)
    {
        var answer = await SendAsync(method, [Auth, .. arguments]);
        answer.Code.ShouldBeInRange(100, 199, $"{method}: {answer.Description}");
        return answer;
    }

    /// <summary>Orders a key and returns its number.</summary>
    public async Task<string> KeyAsync(string keyType = "MAIN", string billing = "billing", string client = "acme", params string[] plans) =>
        (await DoAsync("createKey", Raw.Ips(), Raw.Text(client), Raw.Text(keyType), Raw.Array(plans), Raw.Text(billing)))["mainKeyNumber"];

    public async Task<string> TerminatedAsync(string keyType = "MAIN")
    {
        var number = await KeyAsync(keyType);
        await DoAsync("terminateKey", Raw.Text(number));
        return number;
    }

    public async Task<string> ProblemAsync(string keyType = "MAIN")
    {
        var number = await KeyAsync(keyType);
        await DoAsync("problemKey", Raw.Text(number), Raw.Bool(true));
        return number;
    }

    /// <summary>A main key with an additional key attached: the numbers of both.</summary>
    public async Task<(string Main, string Additional)> PairAsync(string additional = "ADDON")
    {
        var main = await KeyAsync();
        return (main, await AttachedAsync(main, additional));
    }

    public async Task<string> AttachedAsync(string main, string additional = "ADDON") => (await DoAsync(
        "createKey", Raw.Ips(), Raw.Text("acme"), Raw.Text(additional), Raw.None, Raw.Struct(("parentKeyNumber", Raw.Text(main))), Raw.None, Raw.None, Raw.Text("billing")))["mainKeyNumber"];

    public async Task<string> ActiveAsync(string hardwareId)
    {
        var number = await KeyAsync("MAIN_HW");
        await DoAsync("activateKey", Raw.Text(number), Raw.Text(hardwareId));
        return number;
    }

    /// <summary>Writes what no method of the API does.</summary>
    public Task SqlAsync(string sql, object? parameters = null) =>
        _server.Database.WriteAsync(tx => tx.ExecuteAsync(sql, parameters, CancellationToken.None), CancellationToken.None);

    public async Task ExpireAsync(string number) => await SqlAsync("update keys set expiration_date = '2026-01-01', update_date = '2025-12-22' where id = @Id", new { (await _server.KeyAsync(number)).Id });

    public async Task ExhaustAsync(string number) => await SqlAsync("update keys set revision = 9999 where id = @Id", new { (await _server.KeyAsync(number)).Id });

    /// <summary>What the product says at its refresh.</summary>
    public async Task ReportAsync(string number)
    {
        var key = await _server.KeyAsync(number);
        var usage = new UsageRow
        {
            Resellers = 1, Clients = 2, Domains = 3, Addresses = "192.0.2.7", ProductVersion = "11.5.3", ReportedAt = _server.Time.GetUtcNow(),
        };
        await _server.Database.WriteAsync(async tx =>
        {
            await _server.Get<KeyStore>().SetUsageAsync(tx, key.Id, usage, ["192.0.2.7"], "Debian 12", CancellationToken.None);
            return 0;
        }, CancellationToken.None);
    }

    /// <summary>A product configuration of a client; its id as clients send it.</summary>
    public async Task<string> ConfigurationAsync(string client = "acme", string family = "main", bool enabled = true)
    {
        var none = CancellationToken.None;
        var owner = (await _server.Database.ReadAsync(s => _server.Get<ClientStore>().FindAsync(s, client, none), none))!;
        var id = await _server.Database.WriteAsync(tx => _server.Get<ProductConfigurationStore>().AddAsync(
            tx, new ProductConfigurationRow
            {
                ClientId = owner.Id, Name = $"set-up {Next()}", Enabled = enabled, Family = family, Properties = """[{ "name": "colour", "type": "string", "value": "green" }]""",
            }, "test", _server.Time.GetUtcNow(), none), none);
        return id!.Value.Value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A login of acme that may not call one method.</summary>
    public async Task<string> AuthWithoutAsync(string method) => await AddLoginAsync("acme", $"without-{method}-{Next()}", login => login with { DeniedMethods = method });

    /// <summary>A login of acme that has used up its calls.</summary>
    public async Task<string> AuthUsedUpAsync()
    {
        var auth = await AddLoginAsync("acme", $"used-up-{Next()}", login => login with { CallsPerMinute = 1 });
        (await SendAsync("validateLogin", auth)).Code.ShouldBe(100);
        return auth;
    }

    public async Task<string> AddLoginAsync(string client, string login, Func<LoginRow, LoginRow>? rights = null)
    {
        var none = CancellationToken.None;
        var owner = (await _server.Database.ReadAsync(s => _server.Get<ClientStore>().FindAsync(s, client, none), none))!;
        var added = await _server.DoAsync(tx => _server.Get<AddLoginHandler>().HandleAsync(tx, owner.Id, new() { Login = login }, TestKeyServer.Staff, none));
        _passwords[login] = added.Password;
        if (rights is not null)
        {
            var row = (await _server.Database.ReadAsync(s => _server.Get<ClientStore>().FindLoginAsync(s, owner.Id, added.Id, none), none))!;
            await _server.Database.WriteAsync(async tx =>
            {
                await _server.Get<ClientStore>().SetRightsAsync(tx, rights(row), _server.Time.GetUtcNow(), none);
                return 0;
            }, none);
        }

        return AuthOf(login);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _vendor.Dispose();
        Mail.Dispose();
    }

    private async Task SetUpAsync()
    {
        var none = CancellationToken.None;
        await _server.DoAsync(tx => _server.Get<AddVendorHandler>().HandleAsync(tx, new() { Name = "stand-in", Url = _vendor.Url }, TestKeyServer.Staff, none));
        _server.Services.GetRequiredKeyedService<WorkEngine>(KeyServerModule.DatabaseKey).Start();
        var list = await File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(Here())!, "price-list.json"));
        await _server.DoAsync(tx => _server.Get<ImportPriceListHandler>().HandleAsync(tx, list, TestKeyServer.Staff, none));
        await _server.DoAsync(tx => _server.Get<AddClientHandler>().HandleAsync(tx, new() { Login = "acme", Name = "Acme", PriceList = "conformance" }, TestKeyServer.Staff, none));
        await AddLoginAsync("acme", "acme-api");
        await AddLoginAsync("contoso", "stranger");
        await AddLoginAsync("acme", "acme-no-feature-keys", login => login with { FeatureKeys = false });
        foreach (var (login, state) in new[]
        {
            ("sub", ""), ("problem", "problem = true"), ("unconfirmed", "confirmed = false"), ("reseller", "account = 'Reseller'"), ("mailbox", "email = 'owner@acme.example'"),
        })
        {
            await DoAsync("createClient", ClientInfo(login));
            if (state.Length > 0)
            {
                await SqlAsync($"update clients set {state} where login = @login", new { login });
            }
        }

        await SqlAsync("update clients set email = 'owner@acme.example' where login = 'acme'");
    }

    public static string ClientInfo(string login, string field = "", string? value = null)
    {
        var fields = new List<(string Name, string Value)>
        {
            ("login", login), ("password", "pass-word-1"), ("firstName", "Ada"), ("lastName", "Byron"), ("company", "Engines"), ("address", "1 Analytical Way"),
            ("email", "ada@engines.example"), ("phone", "+44 1"), ("fax", "+44 2"), ("city", "London"), ("zip", "W1"), ("state", "Middlesex"), ("country", "GB"),
            ("language", "en"), ("email_language", "en"),
        };
        return Raw.Struct([.. fields.Where(f => f.Name != field || value is not null).Select(f => (f.Name, Raw.Text(f.Name == field ? value! : f.Value)))]);
    }

    private static string Here([System.Runtime.CompilerServices.CallerFilePath] string here = "") => here;
}
