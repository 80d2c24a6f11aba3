using System.Globalization;
using Keygate.Bench;
using Keygate.Bench.Issuing;
using Keygate.Bench.Provisioning;
using Keygate.Bench.Wire;
using Keygate.Testing;

// The load client runs as a process of its own, so that it shares nothing with the side under measurement but the machine.
if (args is ["load", .. var loadArguments])
{
    return LoadClient.Run(loadArguments);
}

if (args is ["soak", .. var soakArguments])
{
    return await SoakRun.RunAsync(soakArguments);
}

if (args is ["fuzz", .. var fuzzArguments])
{
    return await FuzzRun.RunAsync(fuzzArguments);
}

Bench[] all = [XmlRpcEcho.Bench, OrderToInstalled.OnPostgreSql, OrderToInstalled.OnSqlite, PartnerRead.Bench, PartnerCreate.Bench, PartnerSearch.Bench, RenewSweep.Bench, SyncStream.Bench, Start.Bench];

var names = new List<string>();
var settings = new BenchSettings();
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--list":
            foreach (var bench in all)
            {
                Console.WriteLine($"{bench.Name,-28} {bench.What}");
            }

            return 0;
        case "--help" or "-h":
            Console.WriteLine(Usage());
            return 0;
        case "--seconds" when i + 1 < args.Length && double.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
            settings = settings with { Seconds = seconds };
            i++;
            break;
        case "--rounds" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var rounds) && rounds > 0:
            settings = settings with { Rounds = rounds };
            i++;
            break;
        case var name when all.Any(b => b.Name == name):
            names.Add(name);
            break;
        default:
            Console.Error.WriteLine($"bench: '{args[i]}' is neither a bench nor an option.\n{Usage()}");
            return 2;
    }
}

#if DEBUG
Console.WriteLine("invalid: this is a debug build; take ./bench");
#endif

Postgres.IsDurable = true;
var failed = false;
foreach (var bench in all.Where(b => names.Count == 0 || names.Contains(b.Name)))
{
    var result = await bench.RunAsync(settings);
    foreach (var line in result.Lines)
    {
        Console.WriteLine($"{bench.Name}: {line}");
    }

    foreach (var reason in result.Invalid)
    {
        Console.WriteLine($"invalid: {bench.Name}: {reason}");
    }

    foreach (var bound in result.Broken)
    {
        Console.WriteLine($"bench: {bench.Name} FAILED: {bound}");
        failed = true;
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bench: {bench.Name} ratio={result.Ratio:0.00} floor={result.Floor:0.0}"));
    if (!result.Holds)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bench: {bench.Name} FAILED: {result.Ratio:0.000} is {(result.IsCeiling ? "above" : "under")} {result.Floor:0.0}"));
        failed = true;
    }
}

return failed ? 1 : 0;

string Usage() => $"usage: ./bench [name ...] [--list] [--rounds N] [--seconds N]\n       ./bench soak [--orders N] [--seed N] [--sqlite | --postgres]\n       ./bench fuzz [xmlrpc] [json] [--minutes N] [--seed N]\nnames: {string.Join(' ', all.Select(b => b.Name))}";
