using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Keygate.Testing;

/// <summary>
/// A throw-away PostgreSQL: started at the first test that asks for it, one for the test process, stopped and removed when that ends. The
/// server is our child and gets SIGQUIT when we die, so that a killed test run leaves none behind. It runs as a system user of its own
/// where we are root, since PostgreSQL refuses root.
/// </summary>
public sealed class Postgres
{
    private const string User = "keygate-pgtest";
    private static readonly Lazy<Task<Postgres>> Started = new(() => Task.Run(StartAsync));
    private readonly Process _server;
    private readonly string _folder;

    private Postgres(Process server, string folder, int port) => (_server, _folder, Port) = (server, folder, port);

    /// <summary>The port of 127.0.0.1 it listens on; user and database are <c>keygate</c>, without a password.</summary>
    public int Port { get; }

    /// <summary>Whether what is committed would outlive the machine, as a bench needs it: told before the first call. Tests throw it away and don't wait for the disk.</summary>
    public static bool IsDurable { get; set; }

    /// <summary>Why there is none on this machine; null where there is.</summary>
    public static string? Missing { get; } = WhyMissing();

    /// <summary>The server of this test process; started by the first call.</summary>
    public static Task<Postgres> RunningAsync() =>
        Missing is { } why ? throw new InvalidOperationException(why) : Started.Value;

    private static string? WhyMissing()
    {
        try
        {
            return File.Exists(Path.Combine(BinFolder(), "postgres")) ? null : "PostgreSQL's server is not installed here (apt: postgresql).";
        }
        catch (Win32Exception)
        {
            return "PostgreSQL is not installed here (apt: postgresql).";
        }
    }

    private static string BinFolder() => Run("pg_config", "--bindir").Trim();

    private static async Task<Postgres> StartAsync()
    {
        var bin = BinFolder();
        Sweep();
        var folder = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"keygate-pg-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder);
        string[] asUser = [];
        if (Environment.IsPrivilegedProcess)
        {
            MakeUser();
            Run("chown", $"{User}:", folder);
            asUser = [$"--reuid={User}", $"--regid={User}", "--clear-groups"];
        }

        var data = Path.Combine(folder, "data");
        Run("setpriv", [.. asUser, $"{bin}/initdb", "-D", data, "-U", "keygate", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);

        // One role that needs its password, for what tests say about passwords.
        var access = Path.Combine(data, "pg_hba.conf");
        await File.WriteAllTextAsync(access, "host all keygate_password 127.0.0.1/32 scram-sha-256\n" + await File.ReadAllTextAsync(access));

        var port = FreePort.Take();
        var server = ChildOfALastingThread("setpriv", [.. asUser, "--pdeathsig", "QUIT", $"{bin}/postgres", "-D", data,
            "-c", "listen_addresses=127.0.0.1", "-c", string.Create(CultureInfo.InvariantCulture, $"port={port}"), "-c", "unix_socket_directories=",
            .. IsDurable ? (string[])[] : ["-c", "fsync=off", "-c", "full_page_writes=off"],
            "-c", "max_connections=400", "-c", "logging_collector=off"]);
        var postgres = new Postgres(server, folder, port);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => postgres.Stop();
        await postgres.ReadyAsync();
        return postgres;
    }

    /// <summary>Does something outside the tests' own databases, such as to make one.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Port};Username=keygate;Database=postgres;Minimum Pool Size=0;Maximum Pool Size=4");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    // The death signal follows the thread that started the child, not the process; threads of the pool come and go.
    private static Process ChildOfALastingThread(string program, string[] arguments)
    {
        var started = new TaskCompletionSource<Process>();
        var thread = new Thread(() =>
        {
            try
            {
                var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, WorkingDirectory = "/" })!;
                process.ErrorDataReceived += (_, _) => { };
                process.BeginErrorReadLine();
                started.SetResult(process);
                process.WaitForExit();
            }
            catch (Win32Exception e)
            {
                started.TrySetException(e);
            }
        }) { IsBackground = true, Name = "postgres" };
        thread.Start();
        return started.Task.GetAwaiter().GetResult();
    }

    private async Task ReadyAsync()
    {
        var until = Stopwatch.GetTimestamp() + (30 * Stopwatch.Frequency);
        while (true)
        {
            try
            {
                await ExecuteAsync("create database keygate");
                return;
            }
            catch (NpgsqlException) when (!_server.HasExited && Stopwatch.GetTimestamp() < until)
            {
                await Task.Delay(30);
            }
        }
    }

    private void Stop()
    {
        if (!_server.HasExited)
        {
            Run("kill", "-QUIT", _server.Id.ToString(CultureInfo.InvariantCulture));
            _server.WaitForExit(5000);
        }

        // It may hold tens of thousands of files, and a runner that has said its result is given ten seconds to end before that counts as a failure.
        using var removing = Process.Start("rm", ["-rf", _folder]);
    }

    // A killed run can't remove its folder; the next one does.
    private static void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), "keygate-pg-*"))
        {
            if (int.TryParse(Path.GetFileName(folder)["keygate-pg-".Length..], CultureInfo.InvariantCulture, out var id) && !Directory.Exists($"/proc/{id}"))
            {
                try
                {
                    Directory.Delete(folder, recursive: true);
                }
                catch (IOException)
                {
                    // Another run sweeps as well.
                }
            }
        }
    }

    private static void MakeUser()
    {
        try
        {
            Run("id", User);
        }
        catch (InvalidOperationException)
        {
            try
            {
                Run("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", User);
            }
            catch (InvalidOperationException)
            {
                // Two runs at once: the other one made the user between the question and the act.
                Run("id", User);
            }
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
    }
}
