using System.CommandLine;
using Keygate.Kernel;

namespace Keygate.Server;

/// <summary>The exit codes of every verb.</summary>
internal static class ExitCode
{
    public const int Done = 0, Refused = 1, Usage = 2, Unreachable = 3;
}

/// <summary>The <c>keygate</c> command.</summary>
internal static class KeygateCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Sells, issues, installs, renews and reconciles software licenses.");
        root.Subcommands.Add(ServeCommand.Make());
        root.Subcommands.Add(ServeCommand.MakeMigrate());
        root.Subcommands.Add(ServeCommand.MakeSettings());
        root.Subcommands.Add(VerifyCommand.Make());
        foreach (var verb in RestVerbs.All())
        {
            root.Subcommands.Add(verb);
        }

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("See 'keygate --help'.");
            return ExitCode.Usage;
        }

        // The verbs answer SIGTERM themselves: the default would cut a server's stop after two seconds.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    /// <summary>Prints a refusal, cause and remedy in a line each, and gives the exit code.</summary>
    public static int Refuse(Error error, int code = ExitCode.Refused)
    {
        foreach (var one in new[] { error }.Concat(error.Others))
        {
            Console.Error.WriteLine($"{one.Detail} ({one.Code})");
            Console.Error.WriteLine($"  {one.Remedy}");
        }

        return code;
    }
}
