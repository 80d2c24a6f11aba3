using Keygate.Kernel;

namespace Keygate.Work;

/// <summary>What is known after a call to the world outside. Who calls must name one of these, never throw for want of a better word.</summary>
public enum Outcome
{
    /// <summary>It happened. Ends the step.</summary>
    Done,

    /// <summary>It was accepted and is not finished: ask again at its time. Ended by a later answer.</summary>
    Pending,

    /// <summary>It was refused and will be refused again. Ended by a person, who mends the cause and resubmits.</summary>
    Refused,

    /// <summary>It is certain that it did not happen, since no byte of the request can have left. Repeated with back-off.</summary>
    NotDone,

    /// <summary>It may have happened. Ended by a look: never by a repeat.</summary>
    Unknown,

    /// <summary>It was not even tried: the plug-in is paused or its breaker open. Uses up no attempt.</summary>
    NotAsked,
}

/// <summary>The answer of an outside act, as a step reports it to the engine.</summary>
public sealed record Answer
{
    private Answer(Outcome outcome) => Outcome = outcome;

    /// <summary>What is known.</summary>
    public Outcome Outcome { get; }

    /// <summary>The result as JSON; only for <see cref="Outcome.Done"/>.</summary>
    public string? Value { get; private init; }

    /// <summary>Cause and remedy; for all but <see cref="Outcome.Done"/> and <see cref="Outcome.Pending"/>.</summary>
    public Error? Error { get; private init; }

    /// <summary>How long to wait before asking again; only for <see cref="Outcome.Pending"/> and <see cref="Outcome.NotAsked"/>.</summary>
    public TimeSpan? AskAgainAfter { get; private init; }

    internal static Answer DoneWith(string value) => new(Outcome.Done) { Value = value };

    /// <summary>It happened, with this result.</summary>
    public static Answer Done<T>(T value) => new(Outcome.Done) { Value = Json.Write(value) };

    /// <summary>It was accepted; ask again later.</summary>
    public static Answer Pending(TimeSpan askAgainAfter) => new(Outcome.Pending) { AskAgainAfter = askAgainAfter };

    /// <summary>It was refused.</summary>
    public static Answer Refused(Error error) => new(Outcome.Refused) { Error = error };

    /// <summary>It certainly did not happen.</summary>
    public static Answer NotDone(Error error) => new(Outcome.NotDone) { Error = error };

    /// <summary>It may have happened.</summary>
    public static Answer Unknown(Error error) => new(Outcome.Unknown) { Error = error };

    /// <summary>It was not tried.</summary>
    public static Answer NotAsked(Error error, TimeSpan askAgainAfter) => new(Outcome.NotAsked) { Error = error, AskAgainAfter = askAgainAfter };

    /// <summary>The result of a <see cref="Outcome.Done"/> answer.</summary>
    public T Read<T>() => Json.Read<T>(Value ?? throw new InvalidOperationException("Only a Done answer has a value."));
}

/// <summary>What a look found out about an act whose answer is unknown.</summary>
public enum LookOutcome
{
    /// <summary>The result is there. An answer at once.</summary>
    Found,

    /// <summary>It is not there. An answer only after the time that the other side may still take.</summary>
    Absent,

    /// <summary>The look could not be asked. Doesn't advance the schedule of looks.</summary>
    NotAsked,

    /// <summary>There is no way to look, or none that has proved itself there: a person must say what happened.</summary>
    CannotLook,
}

/// <summary>The answer of a look.</summary>
public sealed record Look
{
    private Look(LookOutcome outcome) => Outcome = outcome;

    /// <summary>What the look found.</summary>
    public LookOutcome Outcome { get; }

    /// <summary>The result as JSON, in the form the act itself would have answered; only for <see cref="LookOutcome.Found"/>.</summary>
    public string? Value { get; private init; }

    /// <summary>Further results of the same act, which somebody on the way has repeated; only for <see cref="LookOutcome.Found"/>.</summary>
    public IReadOnlyList<string> Further { get; private init; } = [];

    /// <summary>Cause and remedy; for <see cref="LookOutcome.NotAsked"/> and <see cref="LookOutcome.CannotLook"/>.</summary>
    public Error? Error { get; private init; }

    /// <summary>How long after sending the other side may still act; an absence before that is not believed.</summary>
    public TimeSpan MayStillTake { get; private init; }

    internal static Look FoundValue(string value) => new(LookOutcome.Found) { Value = value };

    /// <summary>The act happened, with this result.</summary>
    public static Look Found<T>(T value) => new(LookOutcome.Found) { Value = Json.Write(value) };

    /// <summary>The act happened more than once: the first result is its answer, the others are surplus.</summary>
    public static Look FoundAll<T>(IReadOnlyList<T> values) =>
        new(LookOutcome.Found) { Value = Json.Write(values[0]), Further = [.. values.Skip(1).Select(v => Json.Write(v))] };

    /// <summary>No result is there now.</summary>
    public static Look Absent(TimeSpan mayStillTake) => new(LookOutcome.Absent) { MayStillTake = mayStillTake };

    /// <summary>The look itself got no answer.</summary>
    public static Look NotAsked(Error error) => new(LookOutcome.NotAsked) { Error = error };

    /// <summary>A person must find out.</summary>
    public static Look CannotLook(Error error) => new(LookOutcome.CannotLook) { Error = error };
}
