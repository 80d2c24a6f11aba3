using System.Diagnostics;
using System.Text.Json;
using Keygate.Testing;
using Microsoft.Playwright;
using Shouldly;

namespace Keygate.Browser;

/// <summary>axe-core, the accessibility rules as a script; fetched with npm at the version that is written here.</summary>
internal static class Axe
{
    private const string Version = "4.14.1";

    public static async Task<string> SourceAsync()
    {
        using var folder = new TempFolder();
        var start = new ProcessStartInfo("npm", ["pack", $"axe-core@{Version}", "--silent"]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        (await RunAsync(start)).ShouldBe(0, "npm could not fetch axe-core.");
        (await RunAsync(new ProcessStartInfo("tar", ["xzf", $"axe-core-{Version}.tgz", "package/axe.min.js"]) { WorkingDirectory = folder.Path })).ShouldBe(0);
        return await File.ReadAllTextAsync(folder.File("package/axe.min.js"));
    }

    /// <summary>What the page violates, one line each: rule, element, why. No rule is off and no element excluded.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(IPage page, string source)
    {
        await page.EvaluateAsync(source);
        var found = await page.EvaluateAsync<JsonElement>("axe.run(document).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ' ' + n.target.join(' ') + ': ' + n.failureSummary)))");
        return [.. found.EnumerateArray().Select(v => v.GetString()!.ReplaceLineEndings(" "))];
    }

    private static async Task<int> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
