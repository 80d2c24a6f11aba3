using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Keygate.Bench.Wire;
using Keygate.KeyServer;
using Keygate.Server;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keygate.Bench.Issuing;

/// <summary>A key server as an issuer runs it alone, in this process, on PostgreSQL, with the hosting sample's price list and one client's login.</summary>
internal sealed class KeyServerUnderLoad : IAsyncDisposable
{
    /// <summary>A key type of the sample that can be ordered without features.</summary>
    public const string KeyType = "PLESK_9_FOR_VZ";

    private const string Client = "northwind", Login = "northwind-api";
    private readonly KeygateHost _host;
    private readonly TempFolder _folder;
    private string _password = "", _token = "";

    private KeyServerUnderLoad(KeygateHost host, TempFolder folder) => (_host, _folder) = (host, folder);

    public int Port => _host.PartnerUrl.Port;

    public Database Database => _host.Services.GetRequiredKeyedService<Database>(KeyServerModule.DatabaseKey);

    /// <summary>A client of the Partner APIs with the login's credentials.</summary>
    public HttpClient PartnerClient() => new()
    {
        BaseAddress = _host.PartnerUrl,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Login}:{_password}"))) },
    };

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Calls our REST as the issuer's staff.</summary>
    public async Task<JsonNode> StaffPostAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = _host.HttpUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var nothing = JsonContent.Create(new { });
        return await PostAsync(http, path, nothing);
    }

    public static async Task<KeyServerUnderLoad> StartAsync(string schema)
    {
        var postgres = await Postgres.RunningAsync();
        var address = DatabaseAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"postgres://keygate@127.0.0.1:{postgres.Port}/keygate?schema={schema}")).Value;
        var folder = new TempFolder();
        var settings = KeygateSettings.ForFolder(folder.File("data")) with
        {
            Http = new Uri("http://127.0.0.1:0"),
            PartnerApi = new Uri("http://127.0.0.1:0"),
            Roles = new HashSet<Role> { Role.KeyServer },
            KeyServerDatabase = address,
        };
        var host = KeygateHost.Build(settings, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning)).Value;
        _ = (await host.StartAsync(CancellationToken.None)).Value;
        var server = new KeyServerUnderLoad(host, folder);
        await server.SetUpAsync(settings);
        return server;
    }

    /// <summary>Writes a call of the Partner API into a file for the load client.</summary>
    public string Request(string method, string parameters)
    {
        var file = _folder.File(method + ".xml");
        File.WriteAllText(file,
            $"""
            <?xml version="1.0"?>
            <methodCall><methodName>partner10.{method}</methodName><params>
            <param><value><struct><member><name>login</name><value><string>{Login}</string></value></member><member><name>password</name><value><string>{_password}</string></value></member></struct></value></param>
            {parameters}
            </params></methodCall>
            """);
        return file;
    }

    /// <summary>Posts a request once and returns the answer: whether it is the one to measure.</summary>
    public async Task<string> AskAsync(string requestFile, int number)
    {
        using var http = new HttpClient();
        using var body = new StringContent((await File.ReadAllTextAsync(requestFile)).Replace(LoadClient.Number, number.ToString("D8", CultureInfo.InvariantCulture), StringComparison.Ordinal),
            Encoding.UTF8, "text/xml");
        using var answer = await http.PostAsync(_host.PartnerUrl, body);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Fills the books with keys as <c>createKey</c> makes them, numbered from 1.</summary>
    public async Task FillAsync(int keys)
    {
        string[] statements =
        [
            """
            insert into keys(prefix, revision, client_id, price_list_id, key_type, kind, billing, activation_code, activation, start_date, terms, update_date, expiration_date,
              update_ticket, problem, created_at, changed_at)
            select 'PLSK', 0, c.id, c.price_list_id, @keyType, 'Main', 'Lease', 'A' || upper(md5(n::text)), 'None', '2026-03-09', 1, '2026-04-09', '2026-04-19',
              md5(n::text), false, 1773000000000, 1773000000000
            from generate_series(1, @keys) n, clients c where c.login = @client order by n
            """,
            "insert into key_addresses(key_id, source, address) select id, 'Given', '10.' || (id >> 16) || '.' || ((id >> 8) & 255) || '.' || (id & 255) from keys",
            "insert into key_history(key_id, revision, act, detail, actor, at) select id, 0, 'created', 'bench', 'bench', 1773000000000 from keys",
            "analyze keys, key_addresses, key_history",
        ];
        await using var connection = await Database.OpenDedicatedAsync(CancellationToken.None);
        foreach (var statement in statements)
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Our own texts.
            command.CommandText = statement;
#pragma warning restore CA2100
            command.CommandTimeout = 0;
            if (statement == statements[0])
            {
                command.Parameters.AddWithValue("keyType", KeyType);
                command.Parameters.AddWithValue("keys", keys);
                command.Parameters.AddWithValue("client", Client);
            }

            await command.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    private async Task SetUpAsync(KeygateSettings settings)
    {
        _token = CliFile.Read(settings.Data)!.Token;
        using var http = new HttpClient { BaseAddress = _host.HttpUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var list = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "samples", "hosting", "price-list.json"))) { Headers = { ContentType = new("application/json") } };
        await PostAsync(http, "/api/v1/keyserver/price-lists", list);
        using var client = JsonContent.Create(new { login = Client, name = "Northwind Hosting", priceList = "hosting" });
        var added = await PostAsync(http, "/api/v1/keyserver/clients", client);
        using var login = JsonContent.Create(new { login = Login });
        _password = (string)(await PostAsync(http, $"/api/v1/keyserver/clients/{(int)added["id"]!}/logins", login))["password"]!;
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, HttpContent body)
    {
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path}: {text}");
    }
}
