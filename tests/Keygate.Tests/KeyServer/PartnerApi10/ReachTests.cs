using System.Globalization;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer.PartnerApi10.Conformance;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

/// <summary>A login sees and changes nothing of a client that is not its own or below it, whatever it calls.</summary>
public sealed class ReachTests
{
    private const int Calls = 400;

    [Theory, BothEngines]
    public async Task A_login_never_sees_or_changes_a_key_of_another_client(Engine engine)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var world = await World.StartAsync(engine);
        var theirs = await StrangersAsync(world, random);
        var auth = await world.AddLoginAsync("acme", "curious");
        var own = new List<string> { await world.KeyAsync(), await world.KeyAsync("ADDON"), await world.KeyAsync(client: "sub") };
        var before = await SnapshotAsync(world);
        var methods = world.Server.Get<PartnerDoor>().Dispatcher.Methods.ToArray();
        var answered = new HashSet<string>(StringComparer.Ordinal);

        for (var i = 0; i < Calls; i++)
        {
            // Every method in each of its forms, again and again, each time in another order.
            if (i % methods.Length == 0)
            {
                random.Shuffle(methods);
            }

            var method = methods[i % methods.Length];
            var name = method.Method[(method.Method.IndexOf('.', StringComparison.Ordinal) + 1)..];
            var call = Raw.CallOf(method.Method, method.Signature.Parameters.Skip(1).Select(p => Argument(random, p, theirs, own)).Prepend(auth));

            var answer = (await world.Server.PostAsync(call)).Body;

            var context = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, call {i}: {call}\n{answer}");
            // What the call itself says may come back, as in "X is no IP address"; nothing else of theirs may.
            foreach (var secret in theirs.Secrets.Where(secret => !call.Contains(secret, StringComparison.OrdinalIgnoreCase)))
            {
                answer.ShouldNotContain(secret, Shouldly.Case.Insensitive, context);
            }

            if (Raw.Read(answer) is { Code: 100 or 101 or 110 })
            {
                answered.Add(method.Method);
            }

            if (name == "generateNewPassword" && Raw.Read(answer) is { Code: 100 } renewed)
            {
                auth = Raw.Auth("curious", renewed["newPassword"]);
            }

            (await SnapshotAsync(world)).ShouldBe(before, context);
        }

        // It was let in: a door that is shut to it would keep every secret.
        answered.Count.ShouldBeGreaterThan(2);
        foreach (var number in own)
        {
            (await world.SendAsync("getKeyInfo", auth, Raw.Text(number))).Code.ShouldBe(100);
        }
    }

    [Theory, BothEngines]
    public async Task A_login_reaches_the_keys_of_clients_below_its_own_and_theirs_do_not_reach_up(Engine engine)
    {
        await using var world = await World.StartAsync(engine);
        var below = await world.AddLoginAsync("sub", "sub-api");
        (await world.SendAsync("createClient", below, World.ClientInfo("sub-sub"))).Code.ShouldBe(100);
        var lowest = await world.AddLoginAsync("sub-sub", "sub-sub-api");
        var (top, middle, bottom) = (await world.KeyAsync(), await world.KeyAsync(client: "sub"), await world.KeyAsync(client: "sub-sub"));

        async Task<int[]> CodesAsync(string auth) =>
            [.. await Task.WhenAll(new[] { top, middle, bottom }.Select(async key => (await world.SendAsync("getKeyInfo", auth, Raw.Text(key))).Code))];

        (await CodesAsync(world.Auth)).ShouldBe([100, 100, 100]);
        (await CodesAsync(below)).ShouldBe([202, 100, 100]);
        (await CodesAsync(lowest)).ShouldBe([202, 202, 100]);
        (await world.SendAsync("searchClients", lowest, Raw.Struct(("firstName", Raw.Text("ada"))))).Code.ShouldBe(101);
        (await world.SendAsync("searchClients", below, Raw.Struct(("firstName", Raw.Text("ADA"))))).Xml.ShouldContain("sub-sub");
        (await world.SendAsync("searchClients", world.Auth, Raw.Struct(("keyNumber", Raw.Text(bottom))))).Xml.ShouldContain("sub-sub");
        (await world.SendAsync("createKey", below, Raw.Ips(), Raw.Text("acme"), Raw.Text("MAIN"), Raw.None)).Code.ShouldBe(202);
    }

    private static async Task<Strangers> StrangersAsync(World world, Random random)
    {
        var auth = world.AuthOf("stranger");
        var (numbers, names, secrets, ips) = (new List<string>(), new List<string>(), new List<string>(), new List<string>());
        for (var i = 0; i < 6; i++)
        {
            var ip = world.NewIp();
            var keyType = random.Next(3) switch { 0 => "KAV_FOR_PLESK", 1 => "PINNACLE_CART", _ => "PLESK_9_FOR_VZ" };
            var made = await world.SendAsync("createKey", auth, Raw.Struct(("ips", Raw.Array(ip)), ("macs", Raw.Array("02:1a:2b:3c:4d:5e"))), Raw.Text("contoso"), Raw.Text(keyType), Raw.None);
            made.Code.ShouldBe(100, made.Description);
            var (number, code) = (made["mainKeyNumber"], made["productKey"]);
            numbers.Add(number);
            names.AddRange([number, number[..^5], code, code.ToLowerInvariant()]);
            secrets.AddRange([number[..^5], code]);
            ips.Add(ip);
            await world.SendAsync("bindKey", auth, Raw.Text(number), Raw.Text(ip));
            await world.SendAsync("addNoteToKey", auth, Raw.Text(number), Raw.Text("a note of theirs"));
        }

        secrets.Add("a note of theirs");
        return new Strangers(numbers, names, secrets, ips);
    }

    private static string Argument(Random random, XmlRpcParameter parameter, Strangers theirs, List<string> own)
    {
        string Any(IReadOnlyList<string> list) => list[random.Next(list.Count)];
        var text = random.Next(10) switch
        {
            < 5 => Any(theirs.Names),
            5 => Any(own),
            6 => Any(theirs.Ips),
            7 => "contoso",
            8 => random.Next(1, 12).ToString(CultureInfo.InvariantCulture),
            _ => Any(["BIG", "EXTRA", "30_DOMAINS", "purchase", ""]),
        };
        return parameter.ToString().TrimEnd('?') switch
        {
            "struct" => Any(
            [
                Raw.Ips([.. theirs.Ips]), Raw.Struct(("macs", Raw.Array("02:1a:2b:3c:4d:5e"))), Raw.Struct(("parentKeyNumber", Raw.Text(text))),
                Raw.Struct(("keyNumber", Raw.Text(text))), Raw.Struct(("email", Raw.Text("@"))), Raw.None, World.ClientInfo($"made-{random.Next()}"),
            ]),
            "array" => Raw.Array(text),
            "boolean" => Raw.Bool(random.Next(2) == 0),
            _ => Raw.Text(text),
        };
    }

    // Everything that belongs to the stranger's keys.
    private static Task<string> SnapshotAsync(World world) => world.Server.Database.ReadAsync(async s =>
    {
        const string Theirs = "in (select k.id from keys k join clients c on c.id = k.client_id where c.login = 'contoso')";
        var rows = new List<string>();
        foreach (var (table, key, order) in new[]
        {
            ("keys", "id", "id"), ("key_features", "key_id", "key_id, feature"), ("key_addresses", "key_id", "key_id, source, address"), ("key_notes", "key_id", "id"),
            ("key_history", "key_id", "id"),
        })
        {
            foreach (var row in await s.QueryAsync<dynamic>($"select * from {table} where {key} {Theirs} order by {order}", null, CancellationToken.None))
            {
                rows.Add($"{table}: {string.Join(", ", (IDictionary<string, object>)row)}");
            }
        }

        return string.Join('\n', rows);
    }, CancellationToken.None);

    private sealed record Strangers(IReadOnlyList<string> Numbers, IReadOnlyList<string> Names, IReadOnlyList<string> Secrets, IReadOnlyList<string> Ips);
}
