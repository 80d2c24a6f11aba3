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

    public static readonly Error LaneFull = new("work.lane-full", ErrorKind.Limit,
        "All places of the plug-in are taken", "Nothing needs to be done: the work goes on when another call ends.");

    public static readonly Error Busy = new("work.busy", ErrorKind.Conflict,
        "The process is at work just now", "Try again in a moment.");

    public static readonly Error IntentOpen = new("work.intent-open", ErrorKind.Conflict,
        "It is not known yet whether the act happened outside", "Wait for the answer or the next look, or record what you found; then try again.");

    public static readonly Error NothingUnknown = new("work.nothing-unknown", ErrorKind.Conflict,
        "The process has no act whose outcome is unknown", "Look at its state again; resubmit it if it is stopped.");

    public static readonly Error NotOver = new("work.not-over-bound", ErrorKind.Conflict,
        "The process does not wait for approval", "Look at its state again.");

    public static readonly Error Surplus = new("work.surplus", ErrorKind.Conflict,
        "An act that was repeated has happened twice", "End the second result at the other side, then resubmit or cancel this entry.");

    public static readonly Error LaneUnknown = new("work.lane-unknown", ErrorKind.NotFound,
        "There is no such lane", "List the lanes; one appears with its plug-in.");

    public static readonly Error NoAnswer = new("work.no-answer", ErrorKind.Unavailable,
        "The call ended without an answer", "Nothing needs to be done: what happened is looked into before anything is repeated.");
}
