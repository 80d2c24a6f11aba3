using System.Globalization;
using Keygate.Plugins.Abstractions;

namespace Keygate.Plugins.Sandbox;

/// <summary>
/// What a kind of simulated plug-in has in common with the others: the settings by which an operator or a test says how it misbehaves, and their
/// check. Immutable.
/// </summary>
public sealed record SandboxKind
{
    /// <summary>The setting that holds the path of the journal, for <see cref="Journal{T}"/>.</summary>
    public const string Journal = "journal";

    internal const string Seed = "seed", Refuse = "refuse", Stall = "stall", LoseAnswer = "loseAnswer", AnswerLate = "answerLate", AnswerTwice = "answerTwice",
        NotDone = "notDone", LateSeconds = "lateSeconds", Latency = "latencyMilliseconds", Down = "down", Script = "script";

    /// <summary>Its name within a sentence, such as <c>simulated issuer</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The verbs that a script may name. The first one acts, and chance applies to it alone.</summary>
    public required IReadOnlyList<string> Verbs { get; init; }

    /// <summary>What calls of the first verb are, for help texts, such as <c>Requests</c>.</summary>
    public required string Calls { get; init; }

    /// <summary>What they do, such as <c>make the key</c>.</summary>
    public required string Act { get; init; }

    /// <summary>What doing it twice comes to, such as <c>make a second key</c>.</summary>
    public required string ActTwice { get; init; }

    /// <summary>The words of a refusal by chance, with the other side's code where it has one.</summary>
    public required string Refusal { get; init; }

    /// <summary>The settings that every kind has.</summary>
    public IReadOnlyList<SettingField> Settings => [.. Fields.Select(f => f with { KeepsTrace = f.Name != Journal })];

    private IReadOnlyList<SettingField> Fields =>
    [
        new(Seed, SettingType.Number, "Seed", "The same seed makes the same mishaps.") { Default = "1", Minimum = 0, Maximum = int.MaxValue },
        Percent(Refuse, "Refuse", "are refused for good"),
        Percent(Stall, "Stall", "get no answer and do nothing"),
        Percent(LoseAnswer, "Lose the answer", $"{Act} and get no answer"),
        Percent(AnswerLate, "Answer late", $"get no answer and {Act} later all the same"),
        Percent(AnswerTwice, "Act twice", $"are repeated on their way and {ActTwice}, with one answer"),
        Percent(NotDone, "Unreachable", "cannot be sent"),
        new(LateSeconds, SettingType.Number, "Late by", "Seconds until a late call acts all the same.") { Default = "60", Minimum = 0, Maximum = 86400 },
        new(Latency, SettingType.Number, "Latency", "Milliseconds that each call takes.") { Default = "0", Minimum = 0, Maximum = 600000 },
        new(Down, SettingType.Flag, "Down", "Nothing can be reached.") { Default = "false" },
        new(Script, SettingType.LongText, "Script",
            $"Lines such as '{Verbs[0]} 3: lose-answer' or '{Verbs[0]} *: refuse {Refusal}'. Verbs: {string.Join(", ", Verbs)}; then the number of the call or *. " +
            $"Acts: {string.Join(", ", MishapScript.ActNames)}. The first line that fits counts; it goes before chance."),
        new(Journal, SettingType.Text, "Journal", "Absolute path of the file that keeps the books, for this plug-in alone; without one they end with the process."),
    ];

    /// <summary>What is wrong with the settings of <see cref="Settings"/>, all at once.</summary>
    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new MishapScript(settings.GetValueOrDefault(Script) ?? "", Verbs).Faults.Select(fault => new SettingFault(Script, fault)).ToList();
        if (settings.GetValueOrDefault(Journal) is { Length: > 0 } journal && !Path.IsPathFullyQualified(journal))
        {
            faults.Add(new(Journal, $"The journal must be an absolute path, such as /var/lib/keygate/sandbox.journal, not '{journal}'."));
        }

        if (new[] { Refuse, Stall, LoseAnswer, AnswerLate, AnswerTwice, NotDone }.Sum(name => int.Parse(settings[name], CultureInfo.InvariantCulture)) > 100)
        {
            faults.Add(new(Refuse, "The shares of all mishaps together must be 100 at the most."));
        }

        return faults;
    }

    private SettingField Percent(string name, string title, string what) =>
        new(name, SettingType.Number, title, $"{Calls} of a hundred that {what}.") { Default = "0", Minimum = 0, Maximum = 100 };
}
