using System.Diagnostics;
using System.Text;
using Keygate.Testing;

namespace Keygate.Tests.Server;

/// <summary>The <c>keygate</c> command as a process of its own, the one that was built with these tests.</summary>
internal sealed class KeygateProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _gathered;

    private KeygateProcess(Process process)
    {
        _process = process;
        _gathered = Task.WhenAll(GatherAsync(_output, process.StandardOutput), GatherAsync(_errors, process.StandardError));
    }

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <summary>Starts it in a folder; nothing of this process's own settings reaches it.</summary>
    public static KeygateProcess Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = Programs.Keygate(arguments);
        start.WorkingDirectory = folder;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new KeygateProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var process = Start(folder, environment, arguments);
        var code = await process.EndAsync(TimeSpan.FromSeconds(60));
        return (code, process.Output, process.Errors);
    }

    public void Terminate() => Process.Start("kill", ["-TERM", $"{_process.Id}"])!.Dispose();

    public async Task<int> EndAsync(TimeSpan patience)
    {
        using var stop = new CancellationTokenSource(patience);
        await _process.WaitForExitAsync(stop.Token);
        await _gathered.WaitAsync(stop.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits until it answers that it is ready.</summary>
    public async Task ReadyAsync(Uri url)
    {
        using var http = new HttpClient { BaseAddress = url };
        for (var i = 0; i < 600 && !_process.HasExited; i++)
        {
            try
            {
                using var answer = await http.GetAsync("/health/ready");
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"The server did not become ready: {Output}{Errors}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string Text(StringBuilder lines)
    {
        lock (lines)
        {
            return lines.ToString();
        }
    }

    private static async Task GatherAsync(StringBuilder lines, StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (lines)
            {
                lines.AppendLine(line);
            }
        }
    }
}
