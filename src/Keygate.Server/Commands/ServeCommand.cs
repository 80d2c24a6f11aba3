using System.CommandLine;
using Keygate.Kernel;

namespace Keygate.Server;

/// <summary><c>keygate serve</c>, <c>migrate</c> and <c>settings</c>: the verbs that take settings.</summary>
internal static class ServeCommand
{
    public static Command Make()
    {
        var command = new Command("serve", "Runs the server in the foreground.");
        var flags = Flags(command);
        var json = AsJson(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!Read(parsed, flags).TryGet(out var settings, out var error))
            {
                return KeygateCommand.Refuse(error, ExitCode.Usage);
            }

            if (!KeygateHost.Build(settings).TryGet(out var built, out error))
            {
                return KeygateCommand.Refuse(error);
            }

            await using var host = built;
            if (!(await host.StartAsync(cancellation)).TryGet(out _, out error))
            {
                return KeygateCommand.Refuse(error);
            }

            Announce(settings, host, parsed.GetValue(json));
            await host.WaitForStopAsync(CancellationToken.None);
            return ExitCode.Done;
        });
        return command;
    }

    public static Command MakeMigrate()
    {
        var command = new Command("migrate", "Brings the databases to this program's schema and ends.");
        var flags = Flags(command);
        var json = AsJson(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!Read(parsed, flags).TryGet(out var settings, out var error))
            {
                return KeygateCommand.Refuse(error, ExitCode.Usage);
            }

            if (!(await KeygateHost.MigrateAsync(settings, cancellation)).TryGet(out var applied, out error))
            {
                return KeygateCommand.Refuse(error);
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(Json.Write(new { Applied = applied }));
                return ExitCode.Done;
            }

            foreach (var line in applied)
            {
                Console.WriteLine(line);
            }

            Console.WriteLine(applied.Count == 0 ? "The databases are up to date." : $"{applied.Count} migrations applied.");
            return ExitCode.Done;
        });
        return command;
    }

    public static Command MakeSettings()
    {
        var command = new Command("settings", "Checks the settings and prints what a server would run with.");
        var flags = Flags(command);
        var json = AsJson(command);
        command.SetAction(async (parsed, _) =>
        {
            if (!Read(parsed, flags).TryGet(out var settings, out var error))
            {
                return KeygateCommand.Refuse(error, ExitCode.Usage);
            }

            if (parsed.GetValue(json))
            {
                await Console.Out.WriteLineAsync(Json.Write(SettingsReader.Shown(settings).ToDictionary(s => s.Setting.Key, s => s.Value)));
                return ExitCode.Done;
            }

            foreach (var (setting, value) in SettingsReader.Shown(settings))
            {
                await Console.Out.WriteLineAsync($"{setting.Key}={value}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    public static Option<bool> AsJson(Command command)
    {
        var option = new Option<bool>("--json") { Description = "Print the answer as JSON." };
        command.Options.Add(option);
        return option;
    }

    public static Dictionary<string, Option<string?>> Flags(Command command)
    {
        var flags = new Dictionary<string, Option<string?>>(StringComparer.Ordinal);
        foreach (var setting in SettingsReader.All)
        {
            // Flags are seen by every user of the machine.
            if (setting != SettingsReader.MasterKeyText)
            {
                var option = new Option<string?>(setting.Flag) { Description = $"{setting.Meaning} [{setting.Key}; default: {setting.Default}]" };
                flags.Add(setting.Flag, option);
                command.Options.Add(option);
            }
        }

        return flags;
    }

    public static Result<KeygateSettings> Read(ParseResult parsed, Dictionary<string, Option<string?>> flags) =>
        SettingsReader.Read(
            folder => Path.Combine(folder, SettingsReader.FileName) is var file && File.Exists(file) ? File.ReadAllText(file) : null,
            Environment.GetEnvironmentVariable,
            name => flags.TryGetValue(name, out var option) ? parsed.GetValue(option) : null,
            Environment.GetEnvironmentVariables().Keys.Cast<string>());

    private static void Announce(KeygateSettings settings, KeygateHost host, bool asJson)
    {
        var roles = settings.Roles.Order().Select(r => r.ToString().ToLowerInvariant()).ToList();
        if (asJson)
        {
            Console.WriteLine(Json.Write(new { Version = Schema.Program.ToString(3), Url = host.HttpUrl, BillingApi = settings.ServesBilling ? host.BillingUrl : null, settings.Data, Roles = roles, host.SetupLink, settings.TestClock, settings.TestPoint }));
            return;
        }

        if (settings.TestClock is { } clock)
        {
            Console.WriteLine($"*** TEST CLOCK: the time is read from {clock}. Never run a real business so. ***");
        }

        if (settings.TestPoint is { } point)
        {
            Console.WriteLine($"*** TEST POINT: {point.Act} at {point.Moment} {point.Where}. Never run a real business so. ***");
        }

        Console.WriteLine($"Keygate {Schema.Program.ToString(3)} runs at {host.HttpUrl} ({string.Join(", ", roles)})");
        if (settings.ServesBilling)
        {
            Console.WriteLine($"Billing API: {host.BillingUrl}");
        }

        Console.WriteLine($"Data folder: {settings.Data}");
        if (host.SetupLink is { } link)
        {
            Console.WriteLine($"First administrator: {link} (works once)");
        }
    }
}
