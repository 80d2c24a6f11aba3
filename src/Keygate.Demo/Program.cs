using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Keygate.Demo;

/// <summary>
/// The demo of <c>./run --demo</c>: sets up a small provider over the public REST, places and pays an order, and follows it until the license is
/// installed. A client like any other: it references nothing of the server.
/// </summary>
internal static class Program
{
    private const int Done = 0, Refused = 1, Usage = 2, Unreachable = 3;

    public static async Task<int> Main(string[] args)
    {
        if (args is not ["--url", var url, "--data", var data, "--samples", var samples])
        {
            await Console.Error.WriteLineAsync("usage: Keygate.Demo --url http://127.0.0.1:8080 --data FOLDER --samples FOLDER");
            return Usage;
        }

        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            return await RunAsync(url, Path.GetFullPath(data), Path.GetFullPath(samples), stop.Token);
        }
        catch (RefusedException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Refused;
        }
        catch (HttpRequestException e)
        {
            await Console.Error.WriteLineAsync($"The server at {url} does not answer: {e.Message}. Start it with ./run.");
            return Unreachable;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("The demo did not end within five minutes. See the server's log; start the demo again, it goes on where it stopped.");
            return Refused;
        }
    }

    private static async Task<int> RunAsync(string url, string data, string samples, CancellationToken cancellation)
    {
        var file = new DemoFile(data);
        if (file.Read() is { } before)
        {
            Console.WriteLine($"The demo has run on this data before: order {before["orderId"]}, license {before["licenseId"]}, key {before["keyNumber"]}. Nothing is made twice.");
            Console.WriteLine($"See {file.Path}");
            return Done;
        }

        var local = await LocalTokenAsync(url, data, cancellation);
        using var client = new Client($"{url}/api/v1", local);

        // The same at each start on the same data, so that a demo that was cut off sends the same requests again.
        var password = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(local), "demo administrator"u8))[..24];
        var provider = new Provider(client, samples, data, password);
        var set = await provider.SetUpAsync(cancellation);

        Console.WriteLine();
        Console.WriteLine("An order, from payment to installation:");
        var order = await client.PostAsync("orders", "demo-order", new JsonObject
        {
            ["customerId"] = set.CustomerId,
            ["planId"] = set.PlanId,
            ["subscriptionName"] = "northwind.example",
            ["resources"] = new JsonArray("PLESK_10_AND_LATER_FOR_VZ", "30_DOMAINS"),
            ["ipAddresses"] = new JsonArray("198.51.100.24"),
        }, cancellation);
        var orderId = (int)order["id"]!;
        await client.PostAsync($"orders/{orderId}/pay", "demo-pay", new JsonObject
        {
            ["amount"] = (long)order["total"]!,
            ["currency"] = (string)order["currency"]!,
            ["reference"] = "demo",
        }, cancellation);

        var licenseId = await FollowAsync(client, orderId, cancellation);
        var license = await client.GetAsync($"licenses/{licenseId}", cancellation);
        if ((string?)license["status"] != "Installed")
        {
            await Console.Error.WriteLineAsync($"License {licenseId} is {license["status"]}: {license["goingOn"]?["lastError"]?["detail"]} {license["goingOn"]?["lastError"]?["remedy"]}");
            return Refused;
        }

        var trust = Path.Combine(data, "trust.pem");
        await File.WriteAllTextAsync(trust, await client.GetTextAsync("keyserver/trust", cancellation), cancellation);
        var billing = (string?)(await client.GetAsync("billing-api", cancellation))["url"];
        var demo = new JsonObject
        {
            ["panel"] = new JsonObject { ["url"] = url, ["login"] = set.StaffLogin, ["password"] = set.StaffPassword },
            ["api"] = new JsonObject { ["url"] = $"{url}/api/v1", ["token"] = set.Token },
            ["billingApi"] = billing is null ? null : new JsonObject { ["url"] = billing, ["login"] = set.StaffLogin, ["password"] = set.StaffPassword },
            ["partnerApi"] = new JsonObject { ["url"] = set.PartnerUrl, ["login"] = set.PartnerLogin, ["password"] = set.PartnerPassword, ["client"] = set.PartnerClient },
            ["orderId"] = orderId,
            ["licenseId"] = licenseId,
            ["keyNumber"] = (string)license["keyNumber"]!,
            ["licenseFile"] = (string)license["installedAt"]![0]!,
            ["trust"] = trust,
        };
        if (billing is null)
        {
            demo.Remove("billingApi");
        }

        file.Write(demo);
        Console.WriteLine();
        Console.WriteLine($"License {licenseId} is Installed: key {license["keyNumber"]}");
        Console.WriteLine($"File:  {license["installedAt"]![0]}");
        Console.WriteLine($"Check: ./keygate verify \"{license["installedAt"]![0]}\" --trust \"{trust}\"");
        if (billing is not null)
        {
            Console.WriteLine($"Billing API: {billing}");
        }

        Console.WriteLine($"Logins and addresses: {file.Path}");
        return Done;
    }

    /// <summary>The token that the server leaves in its data folder. Where it is missing, or the server does not know it, this is somebody else's server.</summary>
    private static async Task<string> LocalTokenAsync(string url, string data, CancellationToken cancellation)
    {
        var file = Path.Combine(data, "cli.json");
        return File.Exists(file)
            ? (string)JsonNode.Parse(await File.ReadAllTextAsync(file, cancellation))!["token"]!
            : throw new RefusedException($"The server at {url} keeps its data elsewhere: there is no cli.json in {data}. Stop that server, or set KEYGATE_HTTP to another port.");
    }

    /// <summary>Prints each state as it happens, until the order is complete or needs somebody.</summary>
    private static async Task<int> FollowAsync(Client client, int orderId, CancellationToken cancellation)
    {
        var printed = 0;
        while (true)
        {
            var line = (await client.GetAsync($"orders/{orderId}/timeline", cancellation))["items"]!.AsArray();
            foreach (var moment in line.Skip(printed))
            {
                var at = DateTimeOffset.Parse((string)moment!["at"]!, CultureInfo.InvariantCulture);
                Console.WriteLine($"  {at:HH:mm:ss.fff}  {(string)moment["subject"]!,-12} {(string)moment["state"]!,-12} {moment["what"]}");
            }

            printed = line.Count;
            var order = await client.GetAsync($"orders/{orderId}", cancellation);
            if ((string?)order["state"] is "CP" or "PF" or "CL")
            {
                var after = (await client.GetAsync($"orders/{orderId}/timeline", cancellation))["items"]!.AsArray();
                if (after.Count == printed)
                {
                    return (int)order["licenses"]!.AsArray()[0]!["id"]!;
                }

                continue;
            }

            await Task.Delay(100, cancellation);
        }
    }
}
