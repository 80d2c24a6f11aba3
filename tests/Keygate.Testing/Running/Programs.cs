using System.Diagnostics;

namespace Keygate.Testing;

/// <summary>The built programs, run as processes.</summary>
public static class Programs
{
    /// <summary>The repository's samples.</summary>
    public static string Samples { get; } = Path.Combine(Repository.Root, "samples");

    /// <summary>How to start <c>keygate</c> with arguments; no setting of the machine leaks in.</summary>
    public static ProcessStartInfo Keygate(params string[] arguments) => Dotnet("keygate.dll", arguments);

    /// <summary>How to start the demo.</summary>
    public static ProcessStartInfo Demo(params string[] arguments) => Dotnet("Keygate.Demo.dll", arguments);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>How to start a script of the repository. What was built with these tests is not built again.</summary>
    public static ProcessStartInfo Script(string name, params string[] arguments)
    {
        foreach (var program in new[] { "Keygate.Server/bin/Release/net10.0/keygate.dll", "Keygate.Demo/bin/Release/net10.0/Keygate.Demo.dll" })
        {
            var built = new FileInfo(Path.Combine(Repository.Root, "src", program));
            var stamp = new FileInfo(built.FullName + ".built");
            if (built.Exists && built.Directory!.EnumerateFiles("*.dll").Max(f => f.LastWriteTimeUtc) is var at && (!stamp.Exists || stamp.LastWriteTimeUtc < at))
            {
                File.WriteAllText(stamp.FullName, "");
                stamp.LastWriteTimeUtc = at;
            }
        }

        return Start(Path.Combine(Repository.Root, name), arguments);
    }

    private static ProcessStartInfo Dotnet(string program, string[] arguments) => Start("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments]);

    private static ProcessStartInfo Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("KEYGATE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        // As in the test processes themselves (Directory.Build.props): most of these live for an order or two.
        // Nor is their code compiled a second time for being called often: that was a quarter of what a server costs that is killed after an order.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        return start;
    }
}
