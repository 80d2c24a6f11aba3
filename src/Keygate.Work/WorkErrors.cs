using Keygate.Kernel;

namespace Keygate.Work;

/// <summary>Refusals and causes of the work room.</summary>
public static class WorkErrors
{
    public static readonly Error NobodyCanLook = new("work.nobody-can-look", ErrorKind.Unavailable,
        "It is unknown whether the act happened", "Find out at the other side, then record what you found; nothing is repeated before.");

    public static readonly Error AttemptsSpent = new("work.attempts-spent", ErrorKind.Unavailable,
        "All attempts failed", "Mend the cause that is named and resubmit; it goes on where it stopped.");

    public static readonly Error DeadlineOver = new("work.deadline-over", ErrorKind.Unavailable,
        "The step did not end within its time", "See the last cause, mend it and resubmit; it goes on where it stopped.");

    public static readonly Error StepFaulted = new("work.step-faulted", ErrorKind.Unavailable,
        "Keygate failed inside a step", "Report it with the trace id; resubmit after an update.");

    public static readonly Error NotFound = new("work.not-found", ErrorKind.NotFound,
        "There is no such process", "List what is open with GET /api/v1/work.");

    public static readonly Error NotStopped = new("work.not-stopped", ErrorKind.Conflict,
        "The process is not stopped", "Only work that stopped can be resubmitted; look at its state again.");

    public static readonly Error LanePaused = new("work.lane-paused", ErrorKind.Unavailable,
        "The plug-in is paused", "Resume the plug-in; the work waits and goes on by itself.");

    public static readonly Error ApprovalNeeded = new("work.approval-needed", ErrorKind.Limit,
        "The spending guard's bound is reached", "Approve the work, raise the bound, or wait until the hour or day is over.");
}
