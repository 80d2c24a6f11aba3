using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi30;

/// <summary>A login never sees, nor changes, a key of a client out of its reach: random clients, keys, commands and bodies.</summary>
public sealed class StrangersTests
{
    [Theory, BothEngines]
    public async Task Never_see_a_key_of_another_client(Engine engine)
    {
        const int seed = 30;
        var random = new Random(seed);
        await using var world = await World.StartAsync(engine);
        (Rest Login, HashSet<int> Reach)[] logins = [(world.Rest, [1]), (world.Stranger, [2]), (world.Reseller, [world.ResellerId.Value, world.SubClient.Value, world.SecondSubClient.Value])];
        var owners = new Dictionary<int, int>();
        for (var i = 0; i < 24; i++)
        {
            var (login, reach) = logins[random.Next(3)];
            var owner = reach.Where(id => id != world.ResellerId.Value).ElementAt(random.Next(reach.Count == 1 ? 1 : 2));
            owners[await login.CreateAsync($$"""{ "ownerId": {{owner}}, "nickname": "n{{random.Next(4)}}", "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }""")] = owner;
        }

        var keys = owners.Keys.ToList();
        var codes = new Dictionary<int, string>();
        foreach (var key in keys)
        {
            codes[key] = (await world.Server.Database.ReadAsync(s => world.Server.Get<KeyStore>().FindAsync(s, KeyName.Of(KeyId.Of(key)), CancellationToken.None), CancellationToken.None))!.ActivationCode;
        }

        for (var i = 0; i < 300; i++)
        {
            var (login, reach) = logins[random.Next(3)];
            var key = keys[random.Next(keys.Count)];
            var other = keys[random.Next(keys.Count)];
            var name = random.Next(2) == 0 ? $"{key}" : codes[key];
            var before = await RowAsync(world, key);
            var (verb, path, body) = random.Next(17) switch
            {
                0 => ("GET", "keys", null),
                1 => ("GET", $"keys?nickname=n{random.Next(4)}", null),
                2 => ("GET", $"keys?status={(random.Next(2) == 0 ? "active" : "terminated")}&product=plesk", null),
                3 => ("GET", $"keys/{name}", null),
                4 => ("GET", $"keys/{name}/retrieve", null),
                5 => ("GET", $"keys/{name}/renew?return-key-state=yes", null),
                6 => ("POST", $"keys/{name}/renew-sus?return-key-state=yes", null),
                7 => ("POST", $"keys/{name}/convert-to-edition?edition=web-pro&return-key-state=yes", null),
                8 => ("GET", $"keys/{key}/remaining-activations", null),
                13 => ("POST", $"keys/{name}/reinstate-sus?return-key-state=yes", null),
                14 => ("POST", $"keys/{key}/remaining-activations?remaining-activations=1", null),
                15 => ("PUT", $"keys/{name}?return-key-state=yes", $$"""{ "suspended": true, "keyIdentifiers": { "keyId": {{key}} } }"""),
                9 => ("PUT", $"keys/{name}?return-key-state=yes", $$"""{ "nickname": "n{{random.Next(4)}}" }"""),
                10 => ("PUT", $"keys/{name}?return-key-state=yes", $$"""{ "parentKeyIdentifiers": { "keyId": {{other}} } }"""),
                11 => ("PUT", $"keys/{name}?return-key-state=yes", $$"""{ "ownerId": {{owners[other]}} }"""),
                12 => ("POST", "keys?return-key-state=yes", $$"""{ "ownerId": {{owners[other]}}, "parentKeyIdentifiers": { "keyId": {{other}} }, "items": [ { "item": "PLESK-12-WEB-HOST-1M" } ] }"""),
                _ => ("DELETE", $"keys/{name}?return-key-state=yes", (string?)null),
            };

            var answer = await login.SendAsync(verb, path, body);

            var what = $"seed {seed}, call {i}: {verb} {path} {body} -> {answer}";
            answer.Status.ShouldBeLessThan(500, what);
            foreach (var (foreign, owner) in owners.Where(k => !reach.Contains(k.Value)))
            {
                answer.Body.ShouldNotContain($"\"keyId\":{foreign},", Shouldly.Case.Sensitive, what);
                answer.Body.ShouldNotContain(codes[foreign], Shouldly.Case.Sensitive, what);
            }

            if (!reach.Contains(owners[key]))
            {
                (await RowAsync(world, key)).ShouldBe(before, what);
            }

            // The key may have gone to another client within reach, never out of it.
            var now = await RowAsync(world, key);
            owners[key] = now.ClientId.Value;
            (reach.Contains(before.ClientId.Value) == reach.Contains(now.ClientId.Value)).ShouldBeTrue(what);
            if (path == "keys" && answer.Status == 200)
            {
                answer.Json.EnumerateArray().Select(k => k.GetProperty("ownerId").GetString()!).All(id => reach.Contains(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture))).ShouldBeTrue(what);
            }
        }
    }

    private static async Task<KeyRow> RowAsync(World world, int key) =>
        (await world.Server.Database.ReadAsync(s => world.Server.Get<KeyStore>().FindAsync(s, KeyName.Of(KeyId.Of(key)), CancellationToken.None), CancellationToken.None))!;
}
