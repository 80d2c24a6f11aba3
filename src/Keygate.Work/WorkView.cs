using System.Text.Json.Serialization;
using Keygate.Kernel;

namespace Keygate.Work;

/// <summary>A process as a person sees it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="State">
/// <c>ready</c> (will be tried at its time), <c>running</c>, <c>waiting</c> (for somebody), <c>sleeping</c> (until its time), <c>stopped</c> (needs
/// attention), <c>done</c>, <c>cancelled</c>.
/// </param>
/// <param name="Step">The step it is at.</param>
/// <param name="Attempt">How often the step was tried, the try under way included.</param>
/// <param name="NextAttemptAt">When it is tried or looked at next; null where nothing is due.</param>
/// <param name="LastError">The last cause with its remedy; null where nothing failed.</param>
/// <param name="Why">What it waits for, in one sentence.</param>
/// <param name="Generation">Rises with each resubmission.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="ChangedAt">When it last moved.</param>
public sealed record WorkView(
    long Id, string Kind, string Subject, string State, string Step, int Attempt, DateTimeOffset? NextAttemptAt, Error? LastError, string? Why,
    int Generation, DateTimeOffset StartedAt, DateTimeOffset ChangedAt)
{
    /// <summary>The last cause with the time and the try at which it was met; null where nothing failed.</summary>
    [JsonIgnore]
    public Failure? LastFailure { get; init; }

    /// <summary>True until it is done or cancelled; also while it needs attention.</summary>
    [JsonIgnore]
    public bool IsOpen => State is not ("done" or "cancelled");

    /// <summary>True when it needs attention: it goes on only after a resubmission.</summary>
    [JsonIgnore]
    public bool IsStopped => State is "stopped";

    internal static WorkView Of(WorkRow row) => new(
        row.Id, row.Kind, row.Subject, row.State, row.Step, row.Attempt + (row.Is == WorkState.Running ? 1 : 0), row.DueAt, row.LastError, row.Why,
        row.Generation, row.StartedAt, row.ChangedAt)
    {
        LastFailure = row.LastFailure,
    };
}

/// <summary>A process that won't go on by itself.</summary>
/// <param name="Work">The process.</param>
/// <param name="Lane">The lane that it waits for or that its act went over; null where neither is.</param>
/// <param name="Act">The outside act it is at; null where it is at none.</param>
public sealed record AttentionWork(WorkView Work, string? Lane, IntentView? Act)
{
    /// <summary>True when nobody knows whether the act happened: a person may say so.</summary>
    public bool IsUnknown => Act?.State is "unknown" or "pending";

    /// <summary>True while it cannot be given up: the act may have happened, or has, and its answer could not be worked in.</summary>
    public bool MayHaveHappened => Act?.State is "open" or "pending" or "unknown" or "answered";

    /// <summary>True when it waits for the word that lets it pass the spending guard once.</summary>
    public bool WaitsForApproval => Work.LastError?.Code == WorkErrors.ApprovalNeeded.Code;
}

/// <summary>An outside act as a person sees it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Step">The step that asked for it.</param>
/// <param name="Lane">The lane it went over.</param>
/// <param name="Token">What all its tries carried.</param>
/// <param name="State"><c>open</c>, <c>pending</c>, <c>unknown</c>, <c>idle</c> (not happened), <c>answered</c>, <c>refused</c>, <c>done</c>.</param>
/// <param name="Attempt">The try it is at.</param>
/// <param name="OpenedAt">When it was first announced.</param>
/// <param name="SentAt">When it was last sent.</param>
/// <param name="UnknownAt">Since when, or when last, its outcome was unknown; null where it never was.</param>
/// <param name="Looks">How often it was looked for since.</param>
/// <param name="Request">What was asked, JSON.</param>
/// <param name="Error">The last cause; null where nothing failed.</param>
public sealed record IntentView(
    long Id, string Step, string Lane, string Token, string State, int Attempt, DateTimeOffset OpenedAt, DateTimeOffset SentAt, DateTimeOffset? UnknownAt,
    int Looks, string Request, Error? Error)
{
    internal static IntentView Of(IntentRow row) => new(
        row.Id, row.Step, row.Lane, row.Token, row.State, row.Attempt, row.OpenedAt, row.SentAt, row.UnknownAt, row.Looks, row.Request,
        row.Error is null ? null : Json.Read<Error>(row.Error));
}
