using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Keygate.Bench.Issuing;
using Keygate.Testing;

namespace Keygate.Bench;

/// <summary>
/// The long fuzzing: changed documents at the XML-RPC reader, and at the JSON door of Partner API 3.0 over a real socket. No figure comes out of it; it fails at a crash, a
/// hang, or memory over the bound, with the seed and the document. The same seed gives the same documents.
/// </summary>
internal static class FuzzRun
{
    private const string Usage = "usage: ./bench fuzz [xmlrpc] [json] [--minutes N] [--seed N]";
    private const long BytesMax = 16 << 20, LivingMax = 128 << 20;

    private static readonly string[] Corpus =
    [
        """{ "ownerId": 1, "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "a-1", "quantity": 1 } ], "nickname": "rack 7", "autoRenew": true }""",
        """{ "items": [ { "item": "360-MON-SRV-1M", "quantity": "2" } ], "parentKeyIdentifiers": { "keyNumber": "PLSK.00000001.0000" }, "ipAddressBinding": "198.51.100.1", "restrictIPBinding": true }""",
        """{ "keyIdentifiers": { "keyId": 1, "activationCode": "A00000-000000-000000-000000-000000" }, "activationInfo": { "activated": true, "uid": "1A2B" }, "terminated": false, "suspended": null }""",
    ];

    private static readonly string[] Words =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud800", "\\ud83d\\ude00", "null", "true", "false", "1e309", "-0", "99999999999999999999", "0.5", "\"\"", "[[[[", "{\"a\":",
        "\"items\"", "\"quantity\"", "\"ownerId\"", "\"keyIdentifiers\"", "\"productConfigurationId\"", "\"x\"", "\uFEFF", "\0", "//", "/*", "'", "NaN", "\r\n", "\t", "' or 1=1 --",
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (minutes, seed, names) = (10.0, Random.Shared.Next(1, 1_000_000), new List<string>());
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--minutes" when i + 1 < arguments.Length && double.TryParse(arguments[++i], CultureInfo.InvariantCulture, out minutes) && minutes > 0:
                case "--seed" when i + 1 < arguments.Length && int.TryParse(arguments[++i], CultureInfo.InvariantCulture, out seed):
                    break;
                case "xmlrpc" or "json":
                    names.Add(arguments[i]);
                    break;
                default:
                    await Console.Error.WriteLineAsync(Usage);
                    return 2;
            }
        }

        var time = TimeSpan.FromMinutes(minutes);
        var failed = false;
        foreach (var name in names.Count == 0 ? ["xmlrpc", "json"] : names)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fuzz: {name} for {minutes} minutes, seed {seed}; again with ./bench fuzz {name} --minutes {minutes} --seed {seed}"));
            try
            {
                Console.WriteLine($"fuzz: {name}: {(name == "json" ? await JsonAsync(seed, time) : XmlRpc(seed, time))}");
            }
            catch (InvalidOperationException e)
            {
                failed = true;
                Console.WriteLine($"fuzz: {name} FAILED: {e.Message}");
            }
        }

        return failed ? 1 : 0;
    }

    private static string XmlRpc(int seed, TimeSpan time)
    {
        var calls = XmlRpcFuzz.Run(seed, asCalls: true, (_, so) => so >= time / 2);
        var answers = XmlRpcFuzz.Run(seed, asCalls: false, (_, so) => so >= time / 2);
        return string.Create(CultureInfo.InvariantCulture, $"{calls:#,0} documents read as calls, {answers:#,0} as answers{Living()}");
    }

    private static async Task<string> JsonAsync(int seed, TimeSpan time)
    {
        await using var server = await KeyServerUnderLoad.StartAsync("bench_fuzz");
        using var http = server.PartnerClient();
        var statuses = new SortedDictionary<int, int>();
        var count = Fuzz.Run(seed, Corpus, Words, (_, so) => so >= time, document =>
        {
            // Which call it is follows from the document, so that the seed decides it too.
            var put = document.Length % 3 == 0;
            using var request = new HttpRequestMessage(put ? HttpMethod.Put : HttpMethod.Post, new Uri(put ? "30/keys/1?return-key-state=yes" : "30/keys?return-key-state=yes", UriKind.Relative))
            {
                Content = new ByteArrayContent(document) { Headers = { ContentType = new("application/json") } },
            };
            using var answer = http.Send(request);
            using var body = answer.Content.ReadAsStream();
            using var reader = new StreamReader(body, Encoding.UTF8);
            var text = reader.ReadToEnd();
            if (answer.StatusCode is < HttpStatusCode.OK or >= HttpStatusCode.InternalServerError)
            {
                throw new InvalidOperationException($"{(int)answer.StatusCode}: {text}");
            }

            if (text.Length > 0)
            {
                using var _ = JsonDocument.Parse(text);
            }

            statuses[(int)answer.StatusCode] = statuses.GetValueOrDefault((int)answer.StatusCode) + 1;
        }, BytesMax);
        return string.Create(CultureInfo.InvariantCulture, $"{count:#,0} bodies answered ({string.Join(", ", statuses.Select(s => $"{s.Key}: {s.Value}"))}){Living()}");
    }

    private static string Living()
    {
        var living = GC.GetTotalMemory(forceFullCollection: true);
        return living <= LivingMax
            ? string.Create(CultureInfo.InvariantCulture, $"; {living >> 20} MiB live afterwards")
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{living >> 20} MiB live afterwards, and {LivingMax >> 20} are allowed"));
    }
}
