using Keygate.Kernel;

namespace Keygate.Licensing;

/// <summary>What can be done to a license.</summary>
public enum LicenseOperation
{
    /// <summary>Ask the issuer for the key.</summary>
    Issue,

    /// <summary>Activate the key for a hardware id or an instance.</summary>
    Activate,

    /// <summary>Fetch the file.</summary>
    Retrieve,

    /// <summary>Put the file into the subscription.</summary>
    Install,

    /// <summary>A person uploads keys and files that were obtained elsewhere.</summary>
    Upload,

    /// <summary>A person says that the file was installed or handed over. There is no way back.</summary>
    RecordInstalled,

    /// <summary>Have the issuer add a period to a Lease.</summary>
    Renew,

    /// <summary>The period of a Lease is over.</summary>
    Expire,

    /// <summary>End the key at the issuer, its additional keys before it, and take the installed copy away; a Purchase goes to stock.</summary>
    Terminate,

    /// <summary>Take the installed copy away.</summary>
    Remove,

    /// <summary>Turn it into another: class, features, additional licenses. The state stays.</summary>
    Change,
}

/// <summary>How far an operation has come.</summary>
public enum MoveOutcome
{
    /// <summary>It is under way.</summary>
    Begun,

    /// <summary>It happened.</summary>
    Done,

    /// <summary>It was given up: the state falls back.</summary>
    Failed,
}

/// <summary>One row of the transition table.</summary>
/// <param name="From">The state before.</param>
/// <param name="Operation">What is done.</param>
/// <param name="Outcome">How far it came.</param>
/// <param name="To">The state after; null where it falls back to what the facts say.</param>
public sealed record LicenseMove(LicenseState From, LicenseOperation Operation, MoveOutcome Outcome, LicenseState? To);

/// <summary>
/// The transition table of a license: it answers <i>may I?</i> for doors and buttons and is checked whenever a step writes. What is not in
/// it is refused.
/// </summary>
public static class LicenseMoves
{
    /// <summary>All rows.</summary>
    public static readonly IReadOnlyList<LicenseMove> All =
    [
        new(LicenseState.Pending, LicenseOperation.Issue, MoveOutcome.Done, LicenseState.Issued),
        new(LicenseState.Pending, LicenseOperation.Issue, MoveOutcome.Failed, LicenseState.Pending),

        new(LicenseState.Issued, LicenseOperation.Activate, MoveOutcome.Done, LicenseState.Activated),
        new(LicenseState.Issued, LicenseOperation.Activate, MoveOutcome.Failed, LicenseState.Issued),

        new(LicenseState.Issued, LicenseOperation.Retrieve, MoveOutcome.Begun, LicenseState.Retrieving),
        new(LicenseState.Activated, LicenseOperation.Retrieve, MoveOutcome.Begun, LicenseState.Retrieving),
        new(LicenseState.Retrieving, LicenseOperation.Retrieve, MoveOutcome.Done, LicenseState.Retrieved),
        new(LicenseState.Retrieving, LicenseOperation.Retrieve, MoveOutcome.Failed, null),

        new(LicenseState.Retrieved, LicenseOperation.Install, MoveOutcome.Begun, LicenseState.Installing),
        new(LicenseState.Uploaded, LicenseOperation.Install, MoveOutcome.Begun, LicenseState.Installing),
        new(LicenseState.Installing, LicenseOperation.Install, MoveOutcome.Done, LicenseState.Installed),
        new(LicenseState.Installing, LicenseOperation.Install, MoveOutcome.Failed, null),

        new(LicenseState.Pending, LicenseOperation.Upload, MoveOutcome.Done, LicenseState.Uploaded),
        new(LicenseState.Uploaded, LicenseOperation.Upload, MoveOutcome.Done, LicenseState.Uploaded),

        new(LicenseState.Retrieved, LicenseOperation.RecordInstalled, MoveOutcome.Done, LicenseState.Installed),
        new(LicenseState.Uploaded, LicenseOperation.RecordInstalled, MoveOutcome.Done, LicenseState.Installed),

        // A renewal un-installs nothing: the state stays, and what had expired is again what its facts say.
        new(LicenseState.Issued, LicenseOperation.Renew, MoveOutcome.Done, LicenseState.Issued),
        new(LicenseState.Activated, LicenseOperation.Renew, MoveOutcome.Done, LicenseState.Activated),
        new(LicenseState.Retrieving, LicenseOperation.Renew, MoveOutcome.Done, LicenseState.Retrieving),
        new(LicenseState.Retrieved, LicenseOperation.Renew, MoveOutcome.Done, LicenseState.Retrieved),
        new(LicenseState.Uploaded, LicenseOperation.Renew, MoveOutcome.Done, LicenseState.Uploaded),
        new(LicenseState.Installing, LicenseOperation.Renew, MoveOutcome.Done, LicenseState.Installing),
        new(LicenseState.Installed, LicenseOperation.Renew, MoveOutcome.Done, LicenseState.Installed),
        new(LicenseState.Expired, LicenseOperation.Renew, MoveOutcome.Done, null),

        new(LicenseState.Issued, LicenseOperation.Expire, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Activated, LicenseOperation.Expire, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Retrieving, LicenseOperation.Expire, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Retrieved, LicenseOperation.Expire, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Uploaded, LicenseOperation.Expire, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Installing, LicenseOperation.Expire, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Installed, LicenseOperation.Expire, MoveOutcome.Done, LicenseState.Expired),

        new(LicenseState.Issued, LicenseOperation.Terminate, MoveOutcome.Done, LicenseState.Terminated),
        new(LicenseState.Activated, LicenseOperation.Terminate, MoveOutcome.Done, LicenseState.Terminated),
        new(LicenseState.Retrieved, LicenseOperation.Terminate, MoveOutcome.Done, LicenseState.Terminated),
        new(LicenseState.Uploaded, LicenseOperation.Terminate, MoveOutcome.Done, LicenseState.Terminated),
        new(LicenseState.Installed, LicenseOperation.Terminate, MoveOutcome.Done, LicenseState.Terminated),
        new(LicenseState.Expired, LicenseOperation.Terminate, MoveOutcome.Done, LicenseState.Terminated),

        new(LicenseState.Issued, LicenseOperation.Change, MoveOutcome.Done, LicenseState.Issued),
        new(LicenseState.Activated, LicenseOperation.Change, MoveOutcome.Done, LicenseState.Activated),
        new(LicenseState.Retrieved, LicenseOperation.Change, MoveOutcome.Done, LicenseState.Retrieved),
        new(LicenseState.Uploaded, LicenseOperation.Change, MoveOutcome.Done, LicenseState.Uploaded),
        new(LicenseState.Installed, LicenseOperation.Change, MoveOutcome.Done, LicenseState.Installed),

        // That the key is terminated and that the copy is gone are two facts.
        new(LicenseState.Installed, LicenseOperation.Remove, MoveOutcome.Done, null),
        new(LicenseState.Expired, LicenseOperation.Remove, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Terminated, LicenseOperation.Remove, MoveOutcome.Done, LicenseState.Terminated),

        // The period may end while somebody outside is asked: the answer is written down, and the license stays what it is.
        new(LicenseState.Expired, LicenseOperation.Activate, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Expired, LicenseOperation.Retrieve, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Expired, LicenseOperation.Retrieve, MoveOutcome.Failed, LicenseState.Expired),
        new(LicenseState.Expired, LicenseOperation.Install, MoveOutcome.Done, LicenseState.Expired),
        new(LicenseState.Expired, LicenseOperation.Install, MoveOutcome.Failed, LicenseState.Expired),
    ];

    /// <summary>True when an operation may be begun in a state.</summary>
    public static bool May(LicenseState state, LicenseOperation operation) => All.Any(m => m.From == state && m.Operation == operation && Begins(m));

    /// <summary>The operations that a person may begin in a state, for buttons and command lines.</summary>
    public static IReadOnlyList<LicenseOperation> For(LicenseState state) =>
        [.. All.Where(m => m.From == state && m.Operation != LicenseOperation.Expire && Begins(m)).Select(m => m.Operation).Distinct()];

    /// <summary>
    /// The refusal of an operation that a state does not allow; null where it is allowed. It names <paramref name="possible"/> instead, where more is
    /// known than the state.
    /// </summary>
    public static Error? Refusal(LicenseId id, LicenseState state, LicenseOperation operation, IReadOnlyList<LicenseOperation>? possible = null)
    {
        if (May(state, operation))
        {
            return null;
        }

        possible ??= For(state);
        return LicensingErrors.MoveNotAllowed
            .Because($"License {id} is {state}: {operation} is not possible.")
            .Mend(possible.Count == 0 ? "Nothing can be done to it by hand in this state." : $"Possible now: {string.Join(", ", possible)}.");
    }

    /// <summary>The move that a step is about to write. Throws when the table does not hold it: a fault of ours, never the caller's.</summary>
    internal static LicenseMove Require(LicenseState from, LicenseOperation operation, MoveOutcome outcome) =>
        All.FirstOrDefault(m => m.From == from && m.Operation == operation && m.Outcome == outcome)
        ?? throw new InvalidOperationException($"No move leads from {from} by {operation} {outcome}.");

    // Retrieve and Install are seen while they are under way; Issue and Activate are answered at once. What begins in Expired is a renewal or an end: its
    // other moves are answers that come late.
    private static bool Begins(LicenseMove move) =>
        (move.From != LicenseState.Expired || move.Operation is LicenseOperation.Renew or LicenseOperation.Terminate or LicenseOperation.Remove)
        && move.Outcome == (move.Operation is LicenseOperation.Retrieve or LicenseOperation.Install ? MoveOutcome.Begun : MoveOutcome.Done);
}
