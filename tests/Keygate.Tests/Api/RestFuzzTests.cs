using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Server;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api;

/// <summary>
/// Every endpoint of the OpenAPI document, called with bodies, ids and queries made from its own schema and then spoilt: each call is answered, and
/// none by a fault of ours.
/// </summary>
public sealed class RestFuzzTests
{
    // The seed is fixed, so that a run that fails can be repeated. A slow machine makes fewer calls and fails for that no more than a quick one; what must have been sent is little.
    private const int Least = 400, Most = 4_000;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(10);

    private static readonly string[] Texts =
    [
        "", " ", "a", "1", "0", "-1", "2147483647", "2147483648", "99999999999999999999", "true", "null", "\0", "a\0b", "\uD800", "\uFFFF", "\uFEFF", "Grüße \U0001F511", "'; drop table orders; --",
        "%00", "../../etc/passwd", "<script>alert(1)</script>", "2026-02-30", "9999-12-31T23:59:59Z", "0001-01-01", "EUR", "Lease", "PLSK.00000001.0000", "PLESK_9_FOR_VZ", "*", "a@b.example",
    ];

    [Theory]
    [BothEngines]
    public async Task No_call_is_answered_by_a_fault_of_ours(Engine engine)
    {
        await using var host = await HostUnderTest.StartAsync(engine);
        await host.ReadyAsync();
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/reference/openapi-v1.json")))!.AsObject();
        var operations = OpenApi.Operations(document).Where(o => o.Path != "/api/v1/sign-in" && !EndsTheCaller(o)).ToList();
        var chance = new Random(20260309);
        var statuses = new SortedDictionary<int, int>();
        var clock = Stopwatch.StartNew();
        var call = 0;
        for (; call < Least || (call < Most && clock.Elapsed < Time); call++)
        {
            var operation = operations[chance.Next(operations.Count)];
            using var request = RequestOf(operation, document, chance);
            var shown = $"call {call.ToString(CultureInfo.InvariantCulture)}: {request.Method} {request.RequestUri}\n{(request.Content is { } body ? await body.ReadAsStringAsync() : "")}";
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            using var answer = await host.Client.SendAsync(request, patience.Token);
            var status = (int)answer.StatusCode;
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            if (status >= 500)
            {
                Assert.Fail($"{status}: {await answer.Content.ReadAsStringAsync()}\n{shown[..Math.Min(shown.Length, 4_000)]}");
            }
        }

        // A fuzzer that only bounces off the first check would show nothing.
        statuses.Where(s => s.Key < 300).Sum(s => s.Value).ShouldBeGreaterThan(call / 20, string.Join(", ", statuses));
        statuses.Where(s => s.Key >= 400).Sum(s => s.Value).ShouldBeGreaterThan(call / 20, string.Join(", ", statuses));
    }

    [Theory]
    [BothEngines]
    public async Task The_character_NUL_is_refused_wherever_it_stands(Engine engine)
    {
        await using var host = await HostUnderTest.StartAsync(engine);

        (await host.PostAsync("/customers", """{"name":"a\u0000b","email":"a@b.example"}""")).ShouldBeProblem(400, "kernel.request-invalid").Field.ShouldBe("name");
        (await host.GetAsync("/licenses?keyNumber=a%00b")).ShouldBeProblem(400, "kernel.request-invalid").Field.ShouldBe("keyNumber");
        (await host.GetAsync("/license-classes/a%00b")).Status.ShouldBe(400);
        (await host.GetAsync("/customers")).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    // The run would go on without a token.
    private static bool EndsTheCaller(OpenApiOperation operation) => operation.Method == "DELETE" && operation.Path.Contains("/tokens", StringComparison.Ordinal);

    private static HttpRequestMessage RequestOf(OpenApiOperation operation, JsonObject document, Random chance)
    {
        var path = operation.Path;
        foreach (var name in operation.PathParameters)
        {
            path = path.Replace("{" + name + "}", Uri.EscapeDataString(WellFormed(chance.Next(3) == 0 ? Pick(Texts, chance) : "1")) is { Length: > 0 } value ? value : "1", StringComparison.Ordinal);
        }

        if (operation.QueryParameters.Count > 0 && chance.Next(2) == 0)
        {
            path += $"?{Pick(operation.QueryParameters, chance)}={Uri.EscapeDataString(WellFormed(Pick(Texts, chance)))}";
        }

        var request = new HttpRequestMessage(new HttpMethod(operation.Method), new Uri(path, UriKind.Relative));
        request.Headers.Add("Idempotency-Key", chance.Next(int.MaxValue).ToString(CultureInfo.InvariantCulture));
        if (operation.Body is { } schema)
        {
            request.Content = new ByteArrayContent(BodyOf(schema, document, chance)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        return request;
    }

    private static byte[] BodyOf(JsonNode schema, JsonObject document, Random chance)
    {
        var node = Make(schema, document, chance, 0);
        for (var spoilt = chance.Next(3); spoilt > 0; spoilt--)
        {
            Spoil(node, chance);
        }

        // Relaxed, so that a lone surrogate goes out as an escape that JSON's grammar allows.
        var bytes = Encoding.UTF8.GetBytes(node?.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default }) ?? "null");
        if (bytes.Length > 0 && chance.Next(8) == 0)
        {
            bytes[chance.Next(bytes.Length)] = (byte)chance.Next(256);
        }

        return bytes;
    }

    private static JsonNode? Make(JsonNode? schema, JsonObject document, Random chance, int depth)
    {
        if (schema is null)
        {
            return JsonValue.Create(Pick(Texts, chance));
        }

        if (schema["$ref"] is { } reference)
        {
            return Make(OpenApi.Resolve(document, (string)reference!), document, chance, depth + 1);
        }

        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices)
        {
            return Make(choices[chance.Next(choices.Count)], document, chance, depth + 1);
        }

        if (schema["enum"] is JsonArray words)
        {
            return words[chance.Next(words.Count)]?.DeepClone();
        }

        var type = schema["type"] is JsonArray types ? (string)types[chance.Next(types.Count)]! : (string?)schema["type"];
        switch (type)
        {
            case "object" when depth < 8:
                var made = new JsonObject();
                foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
                {
                    if (schema["required"] is JsonArray required && required.Any(r => (string)r! == name) || chance.Next(2) == 0)
                    {
                        made[name] = Make(property, document, chance, depth + 1);
                    }
                }

                return made;
            case "array" when depth < 8:
                return new JsonArray([.. Enumerable.Range(0, chance.Next(3)).Select(_ => Make(schema["items"], document, chance, depth + 1))]);
            case "integer" or "number":
                return chance.Next(4) == 0 ? JsonNode.Parse(Pick(["0", "-1", "2147483647", "2147483648", "9223372036854775807", "1e3", "1.5", "1e400"], chance)) : JsonValue.Create(chance.Next(1, 4));
            case "boolean":
                return JsonValue.Create(chance.Next(2) == 0);
            case "null":
                return null;
            default:
                return JsonValue.Create(chance.Next(3) == 0 ? Pick(Texts, chance) : string.Create(CultureInfo.InvariantCulture, $"name-{chance.Next(1000)}"));
        }
    }

    private static void Spoil(JsonNode? node, Random chance)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } fields:
                var (name, value) = fields.ElementAt(chance.Next(fields.Count));
                switch (chance.Next(6))
                {
                    case 0: fields.Remove(name); break;
                    case 1: fields[name] = null; break;
                    case 2: fields[name] = JsonValue.Create(Pick(Texts, chance)); break;
                    case 3: fields[name] = new JsonArray(JsonValue.Create(1), null, JsonValue.Create("a")); break;
                    case 4: fields[name] = JsonValue.Create(new string('x', chance.Next(100_000))); break;
                    default: Spoil(value, chance); break;
                }

                break;
            case JsonArray { Count: > 0 } items:
                Spoil(items[chance.Next(items.Count)], chance);
                break;
        }
    }

    private static T Pick<T>(IReadOnlyList<T> of, Random chance) => of[chance.Next(of.Count)];

    // An address can't hold half a character.
    private static string WellFormed(string text) => text.Replace("\uD800", "\uFFFD", StringComparison.Ordinal);
}
