namespace Keygate.Plugins.Abstractions;

/// <summary>What a plug-in knows after it called its remote end. Every verb of a plug-in answers with one of these.</summary>
public enum Outcome
{
    /// <summary>It happened; the answer has a value.</summary>
    Done,

    /// <summary>The remote end accepted it and has not finished: Keygate asks again after <see cref="Answer{T}.AskAgainAfter"/>.</summary>
    Pending,

    /// <summary>The remote end refused and would refuse again: Keygate stops and shows the reason to a person.</summary>
    Refused,

    /// <summary>
    /// It is certain that nothing happened, since no byte of the request can have left (name resolution, connect, TLS). Keygate repeats
    /// with back-off. Never say this when sending had begun.
    /// </summary>
    NotDone,

    /// <summary>
    /// It may have happened: a time-out, a cut answer, an answer that cannot be read. Keygate looks before it repeats. In doubt, say this.
    /// </summary>
    Unknown,
}

/// <summary>Why something was refused, was not done or is unknown.</summary>
/// <param name="Cause">One sentence with the remote end's own words, host and code where there are any; never empty, no secrets.</param>
/// <param name="Remedy">One sentence: what a person can do.</param>
/// <param name="Code">The remote end's code, such as <c>244</c>; empty where there is none.</param>
public sealed record Reason(string Cause, string Remedy, string Code = "");

/// <summary>The answer of a plug-in: an <see cref="Outcome"/> with its value or its reason.</summary>
/// <typeparam name="T">The value; must survive a round trip through System.Text.Json, since Keygate stores it.</typeparam>
public sealed record Answer<T>
{
    internal Answer(Outcome outcome) => Outcome = outcome;

    /// <summary>What is known.</summary>
    public Outcome Outcome { get; }

    /// <summary>The value; only for <see cref="Outcome.Done"/>.</summary>
    public T? Value { get; internal init; }

    /// <summary>The reason; for <see cref="Outcome.Refused"/>, <see cref="Outcome.NotDone"/> and <see cref="Outcome.Unknown"/>.</summary>
    public Reason? Reason { get; internal init; }

    /// <summary>When to ask again; only for <see cref="Outcome.Pending"/>.</summary>
    public TimeSpan AskAgainAfter { get; internal init; }

    /// <summary>
    /// True when the refusal shows that every further call would fail as well (credentials rejected, method denied): Keygate pauses the
    /// plug-in so that not every order runs into it.
    /// </summary>
    public bool PausesPlugin { get; internal init; }

    /// <summary>The same reason for another type of value: for passing a refusal on.</summary>
    public Answer<TOther> As<TOther>() => Outcome == Outcome.Done
        ? throw new InvalidOperationException("A Done answer has a value to pass on.")
        : new(Outcome) { Reason = Reason, AskAgainAfter = AskAgainAfter, PausesPlugin = PausesPlugin };
}

/// <summary>Makes answers.</summary>
public static class Answer
{
    /// <summary>It happened.</summary>
    public static Answer<T> Done<T>(T value) => new(Outcome.Done) { Value = value };

    /// <summary>Accepted; ask again.</summary>
    public static Answer<T> Pending<T>(TimeSpan askAgainAfter) => new(Outcome.Pending) { AskAgainAfter = askAgainAfter };

    /// <summary>Refused, for good.</summary>
    public static Answer<T> Refused<T>(Reason reason, bool pausesPlugin = false) => new(Outcome.Refused) { Reason = reason, PausesPlugin = pausesPlugin };

    /// <summary>Certainly not done.</summary>
    public static Answer<T> NotDone<T>(Reason reason) => new(Outcome.NotDone) { Reason = reason };

    /// <summary>Perhaps done.</summary>
    public static Answer<T> Unknown<T>(Reason reason) => new(Outcome.Unknown) { Reason = reason };
}
