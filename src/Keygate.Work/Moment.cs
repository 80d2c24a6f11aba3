namespace Keygate.Work;

/// <summary>
/// The moments of a step between which a process of the operating system may die or freeze: each leaves other traces behind, and after each
/// the work must end as if nothing had happened. In the order in which one act passes them; fault tests try them all.
/// </summary>
public enum Moment
{
    /// <summary>The step is held here and nothing of it is done.</summary>
    StepBegun,

    /// <summary>The intent is written and not committed.</summary>
    IntentWritten,

    /// <summary>The intent is committed and nothing is sent.</summary>
    IntentCommitted,

    /// <summary>The call is under way.</summary>
    RequestSent,

    /// <summary>The answer is in memory and nowhere else.</summary>
    AnswerReceived,

    /// <summary>The effects and the progress are written and not committed.</summary>
    BeforeCommit,

    /// <summary>The effects and the progress are committed.</summary>
    Committed,
}

/// <summary>A moment of a certain step.</summary>
/// <param name="Moment">The moment.</param>
/// <param name="Kind">The process's kind.</param>
/// <param name="Step">The step.</param>
public sealed record PassedMoment(Moment Moment, string Kind, string Step);
