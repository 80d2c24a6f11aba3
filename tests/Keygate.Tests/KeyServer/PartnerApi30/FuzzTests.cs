using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Keygate.Storage;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi30;

/// <summary>Garbage at the JSON door, for fifteen seconds in all: never a crash, never a hang, always JSON. <c>./bench fuzz</c> goes on for as long as wanted.</summary>
public sealed class FuzzTests
{
    // A slow machine makes fewer calls and fails for that no more than a quick one; what each seed must have sent is little.
    private const int Least = 100;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3.7);

    // Fixed, so that a run that fails can be repeated.
    private static readonly int[] Seeds = [1, 2, 3, 4];

    private static readonly string[] Fields =
    [
        "ownerId", "keyIdentifiers", "parentKeyIdentifiers", "childKeyIdentifiers", "activationInfo", "ipAddressBinding", "nickname", "productConfigurationId", "items", "creationDate", "terminated",
        "suspended", "autoRenew", "restrictIPBinding", "keyId", "keyNumber", "activationCode", "activated", "uid", "item", "externalId", "quantity", "x",
    ];

    private static readonly string[] Texts = ["", "1", "2", "true", "yes", "no", "PLESK-12-WEB-HOST-1M", "360-MON-SRV-1M", "PLSK.00000001.0000", "198.51.100.1", "::1", "\\u0000", "\\ud83d\\ude00", "\\ud800", "ä", "' or 1=1 --", "null", "00000001"];

    [Fact]
    public async Task Garbage_never_crashes_the_door()
    {
        await using var world = await World.StartAsync(Engine.Sqlite);
        foreach (var seed in Seeds)
        {
            var key = await world.KeyAsync();
            await SendGarbageAsync(world, key, seed);
            (await world.Rest.GetAsync($"keys/{key}")).Status.ShouldBe(200);
        }
    }

    private static async Task SendGarbageAsync(World world, int key, int seed)
    {
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Least || clock.Elapsed < Time; i++)
        {
            var body = random.Next(4) switch
            {
                0 => Cut(random, """{ "items": [ { "item": "PLESK-12-WEB-HOST-1M", "externalId": "a", "quantity": 1 } ], "nickname": "rack", "parentKeyIdentifiers": null }"""),
                1 => new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => (char)random.Next(1, 0x250))]),
                _ => Value(random, 0),
            };
            var (verb, path) = random.Next(8) switch
            {
                0 => ("PUT", $"keys/{key}?return-key-state={Word(random)}"),
                1 => ("GET", $"keys?{Word(random)}={Word(random)}&status={Word(random)}&nickname={Word(random)}"),
                2 => ("GET", $"keys/{Word(random)}/{Word(random)}"),
                3 => ("POST", $"keys/{key}/remaining-activations?remaining-activations={Word(random)}"),
                4 => ("PUT", $"keys/{key}?return-key-state=yes"),
                _ => ("POST", "keys"),
            };

            var answer = await world.Rest.SendAsync(verb, path, verb == "GET" ? null : body);

            var what = $"seed {seed}, call {i}: {verb} {path} {body} -> {answer}";
            answer.Status.ShouldBeInRange(200, 499, what);
            if (answer.Body.Length > 0)
            {
                Should.NotThrow(() => JsonDocument.Parse(answer.Body), what);
            }
        }
    }

    [Fact]
    public async Task Large_and_deep_bodies_are_refused_within_their_bounds()
    {
        await using var world = await World.StartAsync(Engine.Sqlite);

        (await world.Rest.PostAsync("keys", new string('[', 100_000))).Type.ShouldBe("90006");
        (await world.Rest.PostAsync("keys", new string(' ', 8 << 20))).Type.ShouldBe("90005");
        (await world.Rest.PostAsync("keys", "{ \"items\": [" + string.Join(',', Enumerable.Repeat("{\"item\":\"PLESK-12-WEB-HOST-1M\"}", 501)) + "] }")).Type.ShouldBe("90007");
        (await world.Rest.GetAsync("keys/" + new string('9', 4000))).Type.ShouldBe("220");
    }

    private static string Cut(Random random, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = random.Next(bytes.Length);
        for (var i = 0; i < 3 && length > 0; i++)
        {
            bytes[random.Next(length)] = (byte)random.Next(32, 127);
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static string Value(Random random, int depth) => random.Next(depth > 3 ? 5 : 8) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => $"{random.Next(-5, 5)}",
        3 => random.Next(2) == 0 ? "1e309" : $"{random.NextDouble() * 1e12}",
        4 => $"\"{Texts[random.Next(Texts.Length)]}\"",
        5 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1)))}]",
        _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(6)).Select(_ => $"\"{Fields[random.Next(Fields.Length)]}\":{Value(random, depth + 1)}"))}}}",
    };

    private static string Word(Random random) => Uri.EscapeDataString(random.Next(3) == 0 ? Fields[random.Next(Fields.Length)] : Texts[random.Next(Texts.Length)]);
}
