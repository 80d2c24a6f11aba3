using System.Diagnostics;
using System.Text.Json.Nodes;
using Keygate.Testing;
using Xunit;

namespace Keygate.Tests.KeyServer.Vendors;

/// <summary>The sample vendor's endpoint as a process, on a port that the system chose.</summary>
internal sealed class SampleVendor : IDisposable
{
    private readonly Process _process;
    private readonly TempFolder _folder;

    private SampleVendor(Process process, TempFolder folder, int port) => (_process, _folder, Url) = (process, folder, $"http://127.0.0.1:{port}/");

    public string Url { get; }

    public static async Task<SampleVendor> StartAsync()
    {
        var folder = new TempFolder();
        var start = new ProcessStartInfo("python3", [Path.Combine(Repository.Root, "samples", "isv", "vendor.py"), folder.File("books.json"), "0"]) { RedirectStandardOutput = true };
        start.Environment["FAULT"] = folder.File("fault");
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Python is not installed here (apt: python3).");
        }

        var port = await process!.StandardOutput.ReadLineAsync(CancellationToken.None);
        return new SampleVendor(process, folder, int.Parse(port!, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>How it misbehaves from now on: refuse, drop, or nothing.</summary>
    public void Misbehave(string how) => File.WriteAllText(_folder.File("fault"), how);

    /// <summary>What it has sold, by purchase.</summary>
    public JsonObject Books() => File.Exists(_folder.File("books.json")) ? JsonNode.Parse(File.ReadAllText(_folder.File("books.json")))!.AsObject() : [];

    public JsonObject Sold(int key) => Books()[key.ToString("D8", System.Globalization.CultureInfo.InvariantCulture)]!.AsObject();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        _folder.Dispose();
    }
}
