using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.MainJob;

/// <summary><c>./run --demo</c> itself, as a newcomer types it.</summary>
[Trait("Needs", "Processes")]
public sealed class RunScriptTests
{
    [Fact]
    public async Task Ends_with_an_installed_license_leaves_the_server_running_and_ends_with_0_on_SIGTERM()
    {
        using var folder = new TempFolder();
        var ports = FreePort.Take(2);
        var host = HasIPv6() ? "[::1]" : "127.0.0.1";
        using var run = Process.Start(Demo(folder.File("data"), $"http://{host}:{ports[0]}", $"https://{host}:{ports[1]}"))!;
        var errors = run.StandardError.ReadToEndAsync();
        var said = new List<string>();
        while (!File.Exists(folder.File("data/demo.json")) && await run.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)) is { } line)
        {
            said.Add(line);
        }

        var rest = run.StandardOutput.ReadToEndAsync();
        File.Exists(folder.File("data/demo.json")).ShouldBeTrue(string.Join('\n', said));
        var demo = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("data/demo.json")))!;
        using (var http = new HttpClient())
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)demo["api"]!["token"]!);
            var license = JsonNode.Parse(await http.GetStringAsync(new Uri($"{demo["api"]!["url"]}/licenses/{demo["licenseId"]}")))!;
            ((string)license["status"]!).ShouldBe("Installed");
            var billing = (string)demo["billingApi"]!["url"]!;
            said.ShouldContain($"Billing API: {billing}");
            (await http.PostAsync(new Uri(billing), new StringContent("nothing"))).IsSuccessStatusCode.ShouldBeTrue();
        }

        using var kill = Process.Start("kill", ["-TERM", $"{run.Id}"])!;
        await run.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        run.ExitCode.ShouldBe(0, await errors + await rest);
    }

    [Fact]
    public async Task Another_server_on_its_port_is_not_taken_for_its_own()
    {
        using var folder = new TempFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var place = $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        var ready = AnswerReadyAsync(taken);

        var (exit, said) = await Programs.RunAsync(Demo(folder.File("data"), $"http://{place}", $"https://127.0.0.1:{FreePort.Take()}"));

        exit.ShouldBe(1, said);
        said.Trim().Split('\n').ShouldBe([$"KEYGATE_HTTP: another program listens on {place}. (server.port-in-use)", "  Stop that program, or set KEYGATE_HTTP to another port."]);
        taken.Stop();
        await ready;
    }

    [Fact]
    public async Task The_demo_alone_orders_nothing_at_a_server_that_keeps_its_data_elsewhere()
    {
        using var folder = new TempFolder();

        var (exit, said) = await Programs.RunAsync(Programs.Demo("--url", "http://127.0.0.1:9", "--data", folder.Path, "--samples", Programs.Samples));

        exit.ShouldBe(1, said);
        said.ShouldContain($"there is no cli.json in {folder.Path}");
        said.ShouldContain("set KEYGATE_HTTP to another port");
    }

    private static ProcessStartInfo Demo(string data, string http, string partnerApi)
    {
        var start = Programs.Script("run", "--demo");
        start.Environment["KEYGATE_DATA"] = data;
        start.Environment["KEYGATE_HTTP"] = http;
        start.Environment["KEYGATE_PARTNER_API"] = partnerApi;
        start.Environment["KEYGATE_BILLING_API"] = "http://127.0.0.1:0";
        return start;
    }

    // What a Keygate of somebody else would say.
    private static async Task AnswerReadyAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }

    private static bool HasIPv6()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
