using Keygate.Work;

namespace Keygate.Orders;

/// <summary>What this room asks of a process's state.</summary>
internal static class WorkStates
{
    /// <summary>True until it is done or cancelled.</summary>
    public static bool IsOpen(this WorkView view) => view.State is not ("done" or "cancelled");

    /// <summary>True when it needs attention.</summary>
    public static bool IsStopped(this WorkView view) => view.State is "stopped";
}
