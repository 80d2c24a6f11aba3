using System.Net;
using System.Net.Sockets;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.BadInput;

/// <summary>A server that cannot start says why in one sentence, with the remedy, and has changed nothing that a later start would trip over.</summary>
[Trait("Needs", "Processes")]
public sealed class BadStartTests
{
    [Theory]
    [InlineData("KEYGATE_HTTP", "http")]
    [InlineData("KEYGATE_PARTNER_API", "https")]
    public async Task A_port_in_use_is_named_with_its_setting_and_the_next_start_goes_well(string setting, string scheme)
    {
        using var folder = new TempFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var place = $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        var (exit, said) = await ServeAsync(folder, (setting, $"{scheme}://{place}"));

        exit.ShouldBe(1, said);
        said.ShouldContain($"{setting}: another program listens on {place}.");
        said.ShouldContain($"Stop that program, or set {setting} to another port.");
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2, said);
        await using var mended = await ServerProcess.StartAsync(folder.File("data"), null);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_named_without_its_password()
    {
        using var folder = new TempFolder();

        var (exit, said) = await ServeAsync(folder, ("KEYGATE_DB", $"postgres://keygate:s3cret@127.0.0.1:{FreePort.Take()}/keygate"));

        exit.ShouldBe(1, said);
        said.ShouldContain("storage.unreachable");
        said.ShouldContain("Check that the database runs and that KEYGATE_DB names it");
        said.ShouldNotContain("s3cret");
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2, said);
    }

    [Fact]
    public async Task A_command_without_a_server_says_how_to_start_one()
    {
        using var folder = new TempFolder();
        var start = Programs.Keygate("order", "list");
        start.Environment["KEYGATE_URL"] = $"http://127.0.0.1:{FreePort.Take()}";
        start.Environment["KEYGATE_TOKEN"] = "none";

        var (exit, said) = await Programs.RunAsync(start);

        exit.ShouldBe(3, said);
        said.ShouldContain("The server does not answer");
        said.ShouldContain("Start it with 'keygate serve', or set KEYGATE_URL to where it runs.");
    }

    private static Task<(int ExitCode, string Output)> ServeAsync(TempFolder folder, (string Name, string Value) wrong)
    {
        var ports = FreePort.Take(2);
        var start = Programs.Keygate("serve");
        start.Environment["KEYGATE_DATA"] = folder.File("data");
        start.Environment["KEYGATE_HTTP"] = $"http://127.0.0.1:{ports[0]}";
        start.Environment["KEYGATE_PARTNER_API"] = $"https://127.0.0.1:{ports[1]}";
        start.Environment["KEYGATE_BILLING_API"] = "off";
        start.Environment[wrong.Name] = wrong.Value;
        return Programs.RunAsync(start);
    }
}
