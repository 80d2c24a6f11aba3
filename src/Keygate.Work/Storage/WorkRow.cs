using Keygate.Kernel;

namespace Keygate.Work;

internal enum WorkState
{
    /// <summary>May be claimed at its time. Ended by a claim.</summary>
    Ready,

    /// <summary>A node holds it. Ended by its next commit, or by the node's death.</summary>
    Running,

    /// <summary>Nobody works on it until it is woken. Ended by a wake-up, or by the step's deadline.</summary>
    Waiting,

    /// <summary>Asked for a later time itself. Ended by that time.</summary>
    Sleeping,

    /// <summary>Needs attention. Ended by a person, who resubmits or cancels.</summary>
    Stopped,

    /// <summary>Over.</summary>
    Done,

    /// <summary>Over, by a person's word.</summary>
    Cancelled,
}

/// <summary>A process as it stands in the database. A runner changes a copy, and keeps it once the commit is through.</summary>
internal sealed class WorkRow
{
    public const int RankFirst = 0;
    public const int RankUsual = 1;

    public const string Columns =
        "id, kind, subject, unique_key, payload, state, step, step_begun_at, attempt, generation, due_at, rank, owner, fence, parent, woken, intent, lane, approved, why, error, started_at, changed_at";

    public long Id { get; set; }
    public string Kind { get; set; } = "";
    public string Subject { get; set; } = "";
    public string? UniqueKey { get; set; }
    public string Payload { get; set; } = "";
    public string State { get; set; } = "";
    public string Step { get; set; } = "";
    /// <summary>When the step was first tried; null while it was not, however long it had to wait for its turn.</summary>
    public DateTimeOffset? StepBegunAt { get; set; }
    public int Attempt { get; set; }
    public int Generation { get; set; }
    public DateTimeOffset? DueAt { get; set; }
    public int Rank { get; set; } = RankUsual;
    public long? Owner { get; set; }
    public long Fence { get; set; }
    public long? Parent { get; set; }
    public bool Woken { get; set; }
    public long? Intent { get; set; }
    public string? Lane { get; set; }
    public bool Approved { get; set; }
    public string? Why { get; set; }
    /// <summary>The last <see cref="Failure"/>, JSON.</summary>
    public string? Error { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>What the step will ask, where that was found out in the transaction that led to it; known to this node alone.</summary>
    public Foreseen? Foreseen { get; set; }

    /// <summary>True where it was just looked for what is to be asked again; known to this node alone.</summary>
    public bool LookedFirst { get; set; }

    /// <summary>The fence that the last commit of this copy left; saves compare it.</summary>
    public long HeldFence { get; set; }

    public WorkState Is
    {
        get => Enum.Parse<WorkState>(State, ignoreCase: true);
        set => State = value switch
        {
            WorkState.Ready => "ready",
            WorkState.Running => "running",
            WorkState.Waiting => "waiting",
            WorkState.Sleeping => "sleeping",
            WorkState.Stopped => "stopped",
            WorkState.Done => "done",
            WorkState.Cancelled => "cancelled",
            _ => throw new ArgumentOutOfRangeException(nameof(value)),
        };
    }

    public bool IsOver => Is is WorkState.Done or WorkState.Cancelled;

    public Failure? LastFailure
    {
        get => Error is null ? null : Json.Read<Failure>(Error);
        set => Error = value is null ? null : Json.Write(value);
    }

    public Error? LastError => LastFailure?.Error;

    public WorkItem Item() => new(Id, Kind, Subject, Payload, Step, Attempt + 1, Generation, Parent, StepBegunAt ?? ChangedAt);

    public WorkRow Copy() => (WorkRow)MemberwiseClone();
}

/// <summary>What a step will ask; null where there is nothing to ask.</summary>
internal sealed record Foreseen(Asking? Asking);

internal enum IntentState
{
    /// <summary>Committed, perhaps sent, not answered. Ended by the answer; whoever finds it without its caller treats it as unknown.</summary>
    Open,

    /// <summary>Accepted and not finished. Ended by a look that finds the result.</summary>
    Pending,

    /// <summary>It may have happened. Ended by a look, or by a person who knows.</summary>
    Unknown,

    /// <summary>It certainly did not happen and may be tried again. Ended by the next try.</summary>
    Idle,

    /// <summary>It happened, and the answer is not worked in yet. Ended by the step's settling.</summary>
    Answered,

    /// <summary>It was refused. Ended by the next try, after a person resubmitted.</summary>
    Refused,

    /// <summary>It happened and is worked in.</summary>
    Done,
}

internal sealed class IntentRow
{
    public const string Columns =
        "id, work, step, lane, token, request, keys, amount, currency, state, attempt, opened_at, sent_at, unknown_at, looks, charged_at, answer, error, changed_at";

    public long Id { get; set; }
    public long Work { get; set; }
    public string Step { get; set; } = "";
    public string Lane { get; set; } = "";
    public string Token { get; set; } = "";
    public string Request { get; set; } = "";
    public int Keys { get; set; }

    /// <summary>What the spending guard counted, with its currency; null where it counted no money.</summary>
    public long? Amount { get; set; }

    public string? Currency { get; set; }
    public string State { get; set; } = "";
    public int Attempt { get; set; }
    public DateTimeOffset OpenedAt { get; set; }
    public DateTimeOffset SentAt { get; set; }
    public DateTimeOffset? UnknownAt { get; set; }
    public int Looks { get; set; }

    /// <summary>When the spending guard counted the act; null where it did not, or where it was given back.</summary>
    public DateTimeOffset? ChargedAt { get; set; }

    public string? Answer { get; set; }
    public string? Error { get; set; }
    public DateTimeOffset ChangedAt { get; set; }

    public IntentState Is
    {
        get => Enum.Parse<IntentState>(State, ignoreCase: true);
        set => State = Word(value);
    }

    public bool MayHaveHappened => Is is IntentState.Open or IntentState.Pending or IntentState.Unknown or IntentState.Answered;

    public static string Word(IntentState state) => state switch
    {
        IntentState.Open => "open",
        IntentState.Pending => "pending",
        IntentState.Unknown => "unknown",
        IntentState.Idle => "idle",
        IntentState.Answered => "answered",
        IntentState.Refused => "refused",
        IntentState.Done => "done",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public Intent Intent() => new(Id, Work, Step, Lane, Token, Request, Attempt, OpenedAt);

    public IntentRow Copy() => (IntentRow)MemberwiseClone();
}
