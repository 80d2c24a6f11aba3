using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Keygate.Bench.Provisioning;

/// <summary>The limit on PostgreSQL: pgbench with the smallest statements that do the same, in the same five commits.</summary>
internal sealed partial class PgbenchLimit(int port, string script, string database = "keygate_limit")
{
    public Task SetUpAsync(string schema) =>
        RunAsync("sh", "-c", string.Create(CultureInfo.InvariantCulture, $"psql -X -q -h 127.0.0.1 -p {port} -U keygate -d postgres -c 'create database {database}' && psql -X -q -h 127.0.0.1 -p {port} -U keygate -d {database} -v ON_ERROR_STOP=1 -f '{schema}'"));

    /// <summary>Orders a second.</summary>
    public async Task<double> RunAsync(double seconds)
    {
        var output = await RunAsync("pgbench", "-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(seconds))}"),
            "-f", script, "-h", "127.0.0.1", "-p", string.Create(CultureInfo.InvariantCulture, $"{port}"), "-U", "keygate", database);
        return double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}");
    }

    [GeneratedRegex(@"^tps = ([0-9.]+) \(without", RegexOptions.Multiline, 1000)]
    private static partial Regex Rate();
}
