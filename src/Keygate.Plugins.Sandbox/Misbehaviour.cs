using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keygate.Plugins.Abstractions;

namespace Keygate.Plugins.Sandbox;

/// <summary>
/// Lets the calls of a simulated plug-in go wrong: by the script, else by chance. Chance is drawn from seed, verb, subject and the number of the try,
/// so that it doesn't depend on the order in which parallel calls come. Thread-safe.
/// </summary>
public sealed class Misbehaviour
{
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _tries = new(StringComparer.Ordinal);
    private readonly SandboxKind _kind;
    private readonly MishapScript _script;
    private readonly (Mishap What, int Share)[] _shares;
    private readonly int _seed;
    private readonly int _latency;

    /// <summary>As the settings of <see cref="SandboxKind.Settings"/> say.</summary>
    public Misbehaviour(SandboxKind kind, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(context);
        int Number(string name) => int.Parse(context[name], CultureInfo.InvariantCulture);
        _kind = kind;
        _seed = Number(SandboxKind.Seed);
        _latency = Number(SandboxKind.Latency);
        _script = new(context[SandboxKind.Script], kind.Verbs);
        _shares =
        [
            (Mishap.Refuse, Number(SandboxKind.Refuse)), (Mishap.Stall, Number(SandboxKind.Stall)), (Mishap.LoseAnswer, Number(SandboxKind.LoseAnswer)),
            (Mishap.AnswerLate, Number(SandboxKind.AnswerLate)), (Mishap.NotDone, Number(SandboxKind.NotDone)), (Mishap.AnswerTwice, Number(SandboxKind.AnswerTwice)),
        ];
        Late = TimeSpan.FromSeconds(Number(SandboxKind.LateSeconds));
        IsDown = context[SandboxKind.Down] == "true";
    }

    /// <summary>How long after its call a late one acts.</summary>
    public TimeSpan Late { get; }

    /// <summary>True when nothing can be reached.</summary>
    public bool IsDown { get; }

    /// <summary>What a check answers: the facts, or that nothing can be reached.</summary>
    public Answer<Checked> Check(Func<string> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return IsDown ? Answer.NotDone<Checked>(Away) : Answer.Done(new Checked(facts()));
    }

    /// <summary>Answers a call, whatever becomes of it.</summary>
    /// <param name="verb">One of <see cref="SandboxKind.Verbs"/>.</param>
    /// <param name="subject">The same for all repeats of one call, such as its trace or token.</param>
    /// <param name="act">Does it once; is told how much later than now.</param>
    /// <param name="cancellation">Ends the latency.</param>
    public async Task<Answer<T>> ActAsync<T>(string verb, string subject, Func<TimeSpan, Answer<T>> act, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(act);
        if (_latency > 0)
        {
            await Task.Delay(_latency, cancellation);
        }

        if (IsDown)
        {
            return Answer.NotDone<T>(Away);
        }

        var (mishap, words) = Next(verb, subject);
        switch (mishap)
        {
            case Mishap.Refuse:
                var said = words.Length > 0 ? words : _kind.Refusal;
                return Answer.Refused<T>(Says(said, "Change the plug-in's settings or its script, then resubmit."));
            case Mishap.NotDone:
                return Answer.NotDone<T>(new Reason($"The {_kind.Name} could not be reached, by chance or by script.", "Nothing needs to be done: it is tried again."));
            case Mishap.Stall:
                return Answer.Unknown<T>(Silent(verb));
            case Mishap.AnswerLate:
                _ = act(Late);
                return Answer.Unknown<T>(Silent(verb));
            default:
                var answer = act(TimeSpan.Zero);
                if (mishap is Mishap.AnswerTwice or Mishap.AnswerSecond)
                {
                    var second = act(TimeSpan.Zero);
                    answer = mishap == Mishap.AnswerSecond ? second : answer;
                }

                return mishap == Mishap.LoseAnswer ? Answer.Unknown<T>(Silent(verb)) : answer;
        }
    }

    /// <summary>A reason in the plug-in's words; a number at their beginning is its code.</summary>
    public Reason Says(string words, string remedy)
    {
        ArgumentNullException.ThrowIfNull(words);
        var first = words.Split(' ')[0];
        return new($"{char.ToUpperInvariant(_kind.Name[0])}{_kind.Name[1..]}: {words}", remedy, first.All(char.IsAsciiDigit) ? first : "");
    }

    private Reason Away => new($"The {_kind.Name} is down: its settings say so.", "Switch 'Down' off in the plug-in's settings.");

    private Reason Silent(string verb) => new($"The {_kind.Name} gave no answer to {verb}.", "Nothing needs to be done: Keygate finds out what became of it.");

    private (Mishap What, string Words) Next(string verb, string subject)
    {
        if (_script.Find(verb, _calls.AddOrUpdate(verb, 1, (_, n) => n + 1)) is { } scripted)
        {
            return scripted;
        }

        if (verb != _kind.Verbs[0])
        {
            return (Mishap.None, "");
        }

        var attempt = _tries.AddOrUpdate(subject, 1, (_, n) => n + 1);
        var drawn = Draw(string.Create(CultureInfo.InvariantCulture, $"{_seed}/{verb}/{subject}/{attempt}"));
        foreach (var (what, share) in _shares)
        {
            if ((drawn -= share) < 0)
            {
                return (what, "");
            }
        }

        return (Mishap.None, "");
    }

    private static double Draw(string of) => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(of))) / (double)uint.MaxValue * 100;
}
