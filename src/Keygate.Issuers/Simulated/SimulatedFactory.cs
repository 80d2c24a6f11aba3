using System.Globalization;
using Keygate.Plugins.Abstractions;

namespace Keygate.Issuers;

/// <summary>
/// The kind <c>issuer.simulated</c>: an issuer without a company behind it, as a sandbox for plans and scripts. It keeps real books of the keys it
/// made, and misbehaves as its settings say: by chance with a seed, so that a run can be repeated, or by a script.
/// </summary>
public sealed class SimulatedFactory : IPluginFactory
{
    internal const string Seed = "seed", Refuse = "refuse", Stall = "stall", LoseAnswer = "loseAnswer", AnswerLate = "answerLate", NotDone = "notDone",
        LateSeconds = "lateSeconds", Latency = "latencyMilliseconds", Down = "down", Script = "script", Journal = "journal";

    /// <inheritdoc/>
    public PluginManifest Manifest { get; } = new(
        "issuer.simulated", "Simulated issuer", "Makes keys that no product accepts, and misbehaves as told: for trying things out.",
        [
            new(Seed, SettingType.Number, "Seed", "The same seed makes the same mishaps.") { Default = "1", Minimum = 0, Maximum = int.MaxValue },
            Percent(Refuse, "Refuse", "Requests of a hundred that are refused for good."),
            Percent(Stall, "Stall", "Requests of a hundred that get no answer and do nothing."),
            Percent(LoseAnswer, "Lose the answer", "Requests of a hundred that make the key and get no answer."),
            Percent(AnswerLate, "Answer late", "Requests of a hundred that get no answer and make the key later all the same."),
            Percent(NotDone, "Unreachable", "Requests of a hundred that cannot be sent."),
            new(LateSeconds, SettingType.Number, "Late by", "Seconds until a late request makes its key; an absence is not believed before.") { Default = "60", Minimum = 0, Maximum = 86400 },
            new(Latency, SettingType.Number, "Latency", "Milliseconds that each call takes.") { Default = "0", Minimum = 0, Maximum = 600000 },
            new(Down, SettingType.Flag, "Down", "Nothing can be reached.") { Default = "false" },
            new(Script, SettingType.LongText, "Script",
                "Lines such as 'issue 3: lose-answer' or 'retrieve *: refuse 228 The key is expired'. Verbs: issue, retrieve, activate, terminate, find; then the number of the call or *. " +
                "Acts: done, refuse, stall, lose-answer, answer-late, not-done. The first line that fits counts; it goes before chance."),
            new(Journal, SettingType.Text, "Journal", "Absolute path of the file that keeps the books; without one they end with the process."),
        ]);

    /// <inheritdoc/>
    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings)
    {
        var faults = Mishaps.FaultsOf(settings.GetValueOrDefault(Script) ?? "").Select(fault => new SettingFault(Script, fault)).ToList();
        if (settings.GetValueOrDefault(Journal) is { Length: > 0 } journal && !Path.IsPathFullyQualified(journal))
        {
            faults.Add(new(Journal, $"The journal must be an absolute path, such as /var/lib/keygate/sandbox.journal, not '{journal}'."));
        }

        if (new[] { Refuse, Stall, LoseAnswer, AnswerLate, NotDone }.Sum(name => int.Parse(settings[name], CultureInfo.InvariantCulture)) > 100)
        {
            faults.Add(new(Refuse, "The shares of all mishaps together must be 100 at the most."));
        }

        return faults;
    }

    /// <inheritdoc/>
    public IPlugin Create(PluginContext context) => new Simulated(context);

    private static SettingField Percent(string name, string title, string help) => new(name, SettingType.Number, title, help) { Default = "0", Minimum = 0, Maximum = 100 };
}
