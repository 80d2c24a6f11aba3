using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Keygate.Testing;
using Xunit;

namespace Keygate.Tests.Installers.Webhook;

/// <summary>The receiver of the documentation, taken from its page and run as a process of its own.</summary>
internal sealed partial class PythonReceiver : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;

    private PythonReceiver()
    {
    }

    /// <summary>Where it listens.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The secret that it knows.</summary>
    public string Secret { get; } = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";

    /// <summary>What it has written to its log.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts it; skips the test where there is no Python.</summary>
    public static async Task<PythonReceiver> StartAsync(CancellationToken cancellation)
    {
        var receiver = new PythonReceiver();
        try
        {
            var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/extend/webhook-installer.md"), cancellation);
            await File.WriteAllTextAsync(receiver._folder.File("receiver.py"), Program().Match(page).Groups[1].Value, cancellation);
            Directory.CreateDirectory(receiver._folder.File("installed"));
            var start = new ProcessStartInfo("python3", [receiver._folder.File("receiver.py"), "0", receiver._folder.File("installed")]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["WEBHOOK_SECRET"] = receiver.Secret;
            try
            {
                receiver._process = Process.Start(start)!;
            }
            catch (Win32Exception)
            {
                Assert.Skip("Python is not installed here (apt: python3).");
            }

            receiver._process.ErrorDataReceived += (_, line) => receiver._log.Enqueue(line.Data ?? "");
            receiver._process.BeginErrorReadLine();
            receiver.Url = $"http://127.0.0.1:{(await receiver._process.StandardOutput.ReadLineAsync(cancellation))!.Split(' ')[^1]}/";
            return receiver;
        }
        catch
        {
            receiver.Dispose();
            throw;
        }
    }

    /// <summary>The files that it put in place, by their paths.</summary>
    public List<(string Name, string Content)> Files() => [.. Directory.EnumerateFiles(_folder.File("installed"), "*", SearchOption.AllDirectories)
        .Select(f => (Path.GetRelativePath(_folder.File("installed"), f).Replace('\\', '/'), File.ReadAllText(f))).OrderBy(f => f.Item1, StringComparer.Ordinal)];

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process?.Dispose();
        _folder.Dispose();
    }

    [GeneratedRegex("```python\n(.*?)```", RegexOptions.Singleline, 5000)]
    private static partial Regex Program();
}
