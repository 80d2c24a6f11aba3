using System.CommandLine;
using Keygate.Kernel;

namespace Keygate.Server;

/// <summary><c>keygate backup</c> and <c>keygate restore</c>: they take a server's settings, and work on its databases themselves.</summary>
internal static class SafekeepingCommands
{
    private const string PassphraseVariable = "KEYGATE_BACKUP_PASSPHRASE";

    public static Command MakeBackup()
    {
        var command = new Command("backup", "Saves databases and master key in one file that a passphrase opens, while servers run.");
        var file = new Option<string>("--out") { Description = "The file to write.", Required = true };
        var passphrase = Passphrase();
        command.Options.Add(file);
        command.Options.Add(passphrase);
        var flags = ServeCommand.Flags(command);
        var json = ServeCommand.AsJson(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!ServeCommand.Read(parsed, flags).TryGet(out var settings, out var error) || !Read(parsed.GetValue(passphrase)).TryGet(out var secret, out error))
            {
                return KeygateCommand.Refuse(error, ExitCode.Usage);
            }

            return (await Safekeeping.BackupAsync(settings, parsed.GetValue(file)!, secret, TimeProvider.System, cancellation)).TryGet(out var made, out error)
                ? Show(made, parsed.GetValue(json))
                : KeygateCommand.Refuse(error);
        });
        return command;
    }

    public static Command MakeRestore()
    {
        var command = new Command("restore", "Restores a backup into databases that are empty or set aside. Servers must be stopped.");
        var file = new Argument<string>("file") { Description = "The backup." };
        var passphrase = Passphrase();
        var check = new Option<bool>("--check") { Description = "Only read all of it, and restore nothing." };
        var replace = new Option<bool>("--replace") { Description = "Set aside what is there, under another name." };
        var jump = new Option<int>("--jump")
        {
            Description = $"How far numbers go ahead of the backup's, so that none is given twice; more than what was numbered since. [default: {Safekeeping.JumpDefault}]",
            DefaultValueFactory = _ => Safekeeping.JumpDefault,
        };
        jump.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 10_000_000)
            {
                result.AddError("--jump is 1 to 10000000.");
            }
        });
        command.Arguments.Add(file);
        foreach (var option in new Option[] { passphrase, check, replace, jump })
        {
            command.Options.Add(option);
        }

        var flags = ServeCommand.Flags(command);
        var json = ServeCommand.AsJson(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!ServeCommand.Read(parsed, flags).TryGet(out var settings, out var error) || !Read(parsed.GetValue(passphrase)).TryGet(out var secret, out error))
            {
                return KeygateCommand.Refuse(error, ExitCode.Usage);
            }

            var answer = parsed.GetValue(check)
                ? await Safekeeping.CheckAsync(parsed.GetValue(file)!, secret, cancellation)
                : await Safekeeping.RestoreAsync(settings, parsed.GetValue(file)!, secret, parsed.GetValue(replace), parsed.GetValue(jump), TimeProvider.System, cancellation);
            return answer.TryGet(out var restored, out error) ? Show(restored, parsed.GetValue(json)) : KeygateCommand.Refuse(error);
        });
        return command;
    }

    private static int Show<T>(T answer, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(Json.Write(answer));
        }
        else
        {
            Plain.Write(Console.Out, System.Text.Json.JsonSerializer.SerializeToNode(answer, Json.Options), []);
        }

        return ExitCode.Done;
    }

    private static Option<string?> Passphrase() => new("--passphrase-file") { Description = $"The file that holds the passphrase; {PassphraseVariable} where none is named." };

    private static Result<Secret> Read(string? file)
    {
        try
        {
            var text = file is null ? Environment.GetEnvironmentVariable(PassphraseVariable) : File.ReadAllText(file);
            return string.IsNullOrWhiteSpace(text)
                ? ServerErrors.PassphraseMissing
                : new Secret(text.TrimEnd('\r', '\n'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ServerErrors.FileUnreadable.Because(e.Message);
        }
    }
}
