using System.CommandLine;
using System.CommandLine.Parsing;
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
    /// <summary>The command with all its verbs.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("Sells, issues, installs, renews and reconciles software licenses.");
        root.Subcommands.Add(ServeCommand.Make());
        root.Subcommands.Add(ServeCommand.MakeMigrate());
        root.Subcommands.Add(ServeCommand.MakeSettings());
        root.Subcommands.Add(SafekeepingCommands.MakeBackup());
        root.Subcommands.Add(SafekeepingCommands.MakeRestore());
        root.Subcommands.Add(VerifyCommand.Make());
        foreach (var verb in RestVerbs.All())
        {
            root.Subcommands.Add(verb);
        }

        return root;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(Words(error));
            }

            await Console.Error.WriteLineAsync($"See '{PathOf(parsed.CommandResult)} --help'.");
            return ExitCode.Usage;
        }

        // The verbs answer SIGTERM themselves: the default would cut a server's stop after two seconds.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    // The parser speaks of types of .NET where a value does not fit.
    private static string Words(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Tokens: [var token], Argument: var argument } when Kind(argument.ValueType) is { } kind => $"'{token.Value}' is no {kind}, and <{argument.Name}> is one.",
        OptionResult { Tokens: [var token], Option: var option } when Kind(option.ValueType) is { } kind => $"'{token.Value}' is no {kind}, and {option.Name} is one.",
        _ => error.Message,
    };

    private static string? Kind(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type) switch
    {
        TypeCode.Int32 => "whole number up to 2147483647",
        TypeCode.Int64 => "whole number",
        _ => null,
    };

    private static string PathOf(CommandResult command) => command.Parent is CommandResult above ? $"{PathOf(above)} {command.Command.Name}" : "keygate";

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
