using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keygate.Plugins.Abstractions;

namespace Keygate.Issuers;

/// <summary>What becomes of a call.</summary>
internal enum Mishap
{
    Done,
    Refuse,
    Stall,
    LoseAnswer,
    AnswerLate,
    NotDone,
}

/// <summary>
/// Says what becomes of each call: by the script, else by chance. Chance is drawn from seed, verb, subject and the number of the try, so that it
/// doesn't depend on the order in which parallel calls come. Thread-safe.
/// </summary>
internal sealed class Mishaps
{
    private static readonly Dictionary<string, Mishap> Words = new(StringComparer.Ordinal)
    {
        ["done"] = Mishap.Done, ["refuse"] = Mishap.Refuse, ["stall"] = Mishap.Stall, ["lose-answer"] = Mishap.LoseAnswer,
        ["answer-late"] = Mishap.AnswerLate, ["not-done"] = Mishap.NotDone,
    };

    private static readonly string[] Verbs = ["issue", "retrieve", "activate", "terminate", "find"];

    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Verb, string Subject), int> _tries = new();
    private readonly List<Line> _script;
    private readonly (Mishap What, int Share)[] _shares;
    private readonly int _seed;

    public Mishaps(PluginContext context)
    {
        int Number(string name) => int.Parse(context[name], CultureInfo.InvariantCulture);
        _seed = Number(SimulatedFactory.Seed);
        _script = [.. Read(context[SimulatedFactory.Script]).Select(l => l.Line).OfType<Line>()];
        _shares =
        [
            (Mishap.Refuse, Number(SimulatedFactory.Refuse)), (Mishap.Stall, Number(SimulatedFactory.Stall)), (Mishap.LoseAnswer, Number(SimulatedFactory.LoseAnswer)),
            (Mishap.AnswerLate, Number(SimulatedFactory.AnswerLate)), (Mishap.NotDone, Number(SimulatedFactory.NotDone)),
        ];
    }

    /// <summary>The faults of a script, a sentence for each line that cannot be read.</summary>
    public static IEnumerable<string> FaultsOf(string script) => Read(script).Select(l => l.Fault).OfType<string>();

    /// <summary>What becomes of the next call of a verb; only an issue is subject to chance.</summary>
    public (Mishap What, string Words) Next(string verb, string subject)
    {
        var call = _calls.AddOrUpdate(verb, 1, (_, n) => n + 1);
        if (_script.Find(l => l.Verb == verb && (l.Call is null || l.Call == call)) is { } line)
        {
            return (line.What, line.Words);
        }

        if (verb != "issue")
        {
            return (Mishap.Done, "");
        }

        var attempt = _tries.AddOrUpdate((verb, subject), 1, (_, n) => n + 1);
        var drawn = Draw(string.Create(CultureInfo.InvariantCulture, $"{_seed}/{verb}/{subject}/{attempt}"));
        foreach (var (what, share) in _shares)
        {
            if ((drawn -= share) < 0)
            {
                return (what, "");
            }
        }

        return (Mishap.Done, "");
    }

    private static double Draw(string of) => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(of))) / (double)uint.MaxValue * 100;

    private static IEnumerable<(Line? Line, string? Fault)> Read(string script)
    {
        var number = 0;
        foreach (var text in script.Split('\n', StringSplitOptions.TrimEntries))
        {
            number++;
            if (text.Length > 0 && text[0] != '#')
            {
                yield return ReadLine(number, text);
            }
        }
    }

    private static (Line? Line, string? Fault) ReadLine(int number, string text)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"Line {number} of the script, '{text}'");
        if (text.Split(':', 2, StringSplitOptions.TrimEntries) is not [var when, { Length: > 0 } then] || when.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var verb, var call])
        {
            return (null, $"{place}: it must be like 'issue 3: lose-answer'.");
        }

        var words = then.Split(' ', 2);
        if (!Verbs.Contains(verb))
        {
            return (null, $"{place}: '{verb}' is none of {string.Join(", ", Verbs)}.");
        }

        if (!Words.TryGetValue(words[0], out var what))
        {
            return (null, $"{place}: '{words[0]}' is none of {string.Join(", ", Words.Keys)}.");
        }

        var at = 0;
        return call == "*" || (int.TryParse(call, NumberStyles.None, CultureInfo.InvariantCulture, out at) && at > 0)
            ? (new Line(verb, call == "*" ? null : at, what, words.Length > 1 ? words[1] : ""), null)
            : (null, $"{place}: '{call}' is neither the number of a call, from 1, nor *.");
    }

    private sealed record Line(string Verb, int? Call, Mishap What, string Words);
}
