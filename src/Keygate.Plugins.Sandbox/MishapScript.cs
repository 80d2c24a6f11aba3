using System.Globalization;

namespace Keygate.Plugins.Sandbox;

/// <summary>Lines such as <c>issue 3: lose-answer</c>: a verb, the number of its call or <c>*</c>, an act, and words for a refusal.</summary>
internal sealed class MishapScript
{
    private static readonly Dictionary<string, Mishap> Acts = new(StringComparer.Ordinal)
    {
        ["done"] = Mishap.None, ["refuse"] = Mishap.Refuse, ["stall"] = Mishap.Stall, ["lose-answer"] = Mishap.LoseAnswer,
        ["answer-late"] = Mishap.AnswerLate, ["answer-twice"] = Mishap.AnswerTwice, ["answer-second"] = Mishap.AnswerSecond, ["not-done"] = Mishap.NotDone,
    };

    private readonly List<Line> _lines = [];
    private readonly List<string> _faults = [];

    public MishapScript(string text, IReadOnlyList<string> verbs)
    {
        var number = 0;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            number++;
            if (line.Length > 0 && line[0] != '#')
            {
                Read(string.Create(CultureInfo.InvariantCulture, $"Line {number} of the script, '{line}'"), line, verbs);
            }
        }
    }

    /// <summary>The acts that a line may name.</summary>
    public static IEnumerable<string> ActNames => Acts.Keys;

    /// <summary>A sentence for each line that cannot be read.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>What the script says of a call; null where it says nothing.</summary>
    public (Mishap What, string Words)? Find(string verb, int call) =>
        _lines.Find(l => l.Verb == verb && (l.Call is null || l.Call == call)) is { } line ? (line.What, line.Words) : null;

    private void Read(string place, string line, IReadOnlyList<string> verbs)
    {
        if (line.Split(':', 2, StringSplitOptions.TrimEntries) is not [var when, { Length: > 0 } then] || when.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var verb, var call])
        {
            _faults.Add($"{place}: it must be like '{verbs[0]} 3: lose-answer'.");
            return;
        }

        var words = then.Split(' ', 2);
        var at = 0;
        if (!verbs.Contains(verb))
        {
            _faults.Add($"{place}: '{verb}' is none of {string.Join(", ", verbs)}.");
        }
        else if (!Acts.TryGetValue(words[0], out var what))
        {
            _faults.Add($"{place}: '{words[0]}' is none of {string.Join(", ", Acts.Keys)}.");
        }
        else if (call != "*" && (!int.TryParse(call, NumberStyles.None, CultureInfo.InvariantCulture, out at) || at == 0))
        {
            _faults.Add($"{place}: '{call}' is neither the number of a call, from 1, nor *.");
        }
        else
        {
            _lines.Add(new Line(verb, call == "*" ? null : at, what, words.Length > 1 ? words[1] : ""));
        }
    }

    private sealed record Line(string Verb, int? Call, Mishap What, string Words);
}
