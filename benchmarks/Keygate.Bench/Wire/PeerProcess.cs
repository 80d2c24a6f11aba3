using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Keygate.Bench.Wire;

/// <summary>A foreign server to compare with, run as a process of its own; absent where its tools are not installed.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PeerProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Starts it; null when the program is not there or does not listen within five seconds.</summary>
    public static async Task<PeerProcess?> TryStartAsync(string program, params string[] arguments)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        Process? process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, [.. arguments, $"{port}"]) 
            {
                UseShellExecute = false,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }

        // Read on, or a talkative peer would stop at a full pipe.
        process!.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var peer = new PeerProcess(process, port);
        for (var i = 0; i < 50 && !process.HasExited; i++)
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return peer;
            }
            catch (SocketException)
            {
                await Task.Delay(100);
            }
        }

        await peer.DisposeAsync();
        return null;
    }

    /// <summary>Compiles the C peer into a temporary folder; null without a compiler or the library.</summary>
    private static async Task<string?> TryCompileAbyssAsync(string source)
    {
        var program = Path.Combine(Path.GetTempPath(), $"keygate-abyss-{Environment.ProcessId}");
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo(
                "sh",
                ["-c", "exec gcc -O2 \"$1\" -o \"$2\" $(xmlrpc-c-config abyss-server --cflags --libs)", "sh", source, program])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            })!;
            await compiler.StandardError.ReadToEndAsync();
            await compiler.WaitForExitAsync();
            return compiler.ExitCode == 0 ? program : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Compiles the C peer and starts it; null without a compiler or the library.</summary>
    public static async Task<PeerProcess?> TryStartAbyssAsync(string source)
    {
        if (await TryCompileAbyssAsync(source) is not { } program)
        {
            return null;
        }

        try
        {
            return await TryStartAsync(program);
        }
        finally
        {
            File.Delete(program);
        }
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
}
