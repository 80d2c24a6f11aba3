using System.Diagnostics;
using System.Text.Json.Nodes;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Scenarios.MainJob;

/// <summary>The page for newcomers, typed as it stands: an empty server, nothing but the command line, an installed license.</summary>
[Trait("Needs", "Processes")]
public sealed class FirstStepsTests
{
    private static string Page => Path.Combine(Repository.Root, "docs/operate/first-steps.md");

    [Fact]
    public async Task The_commands_of_the_page_lead_to_an_installed_license()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"), null);
        var blocks = (await File.ReadAllTextAsync(Page)).Split("```bash\n").Skip(1).Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)]).ToList();
        blocks.Count.ShouldBe(5);
        Directory.CreateSymbolicLink(folder.File("samples"), Programs.Samples);

        await TypeAsync(folder, string.Join('\n', blocks[..^1]).Replace("port=7050", $"port={server.PartnerUrl.Port}", StringComparison.Ordinal));
        using var rest = new Rest(server.Url, (string)JsonNode.Parse(await File.ReadAllTextAsync(folder.File("data/cli.json")))!["token"]!);
        var watch = Stopwatch.StartNew();
        while ((string?)(await rest.GetAsync("orders/1"))["state"] is not "CP" and var state)
        {
            (state is "PR" && watch.Elapsed < TimeSpan.FromMinutes(1)).ShouldBeTrue($"{state}\n{server.Output}");
            await Task.Delay(50);
        }

        var said = await TypeAsync(folder, blocks[^1]);
        said.ShouldContain("License request written");
        said.ShouldContain("status           Installed");
        said.ShouldContain("usable          true");
        File.Exists(folder.File("password.txt")).ShouldBeFalse();
    }

    private static async Task<string> TypeAsync(TempFolder folder, string commands)
    {
        var keygate = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "keygate.dll")}' ";
        await File.WriteAllTextAsync(folder.File("typed"), "set -e -o pipefail\n" + commands.Replace("./keygate ", keygate, StringComparison.Ordinal));
        var start = Programs.Keygate();
        start.FileName = "bash";
        start.ArgumentList.Clear();
        start.ArgumentList.Add("typed");
        start.WorkingDirectory = folder.Path;
        var (exit, said) = await Programs.RunAsync(start);
        exit.ShouldBe(0, said);
        return said;
    }
}
