using Keygate.Testing;
using Keygate.Work;

namespace Keygate.Scenarios.Faults;

/// <summary>Has processes die one after the other. The one that repairs a death dies the next: it is told when by a file, so that each is started once.</summary>
internal static class Deaths
{
    /// <summary>Dies at each of these moments of an order of its own; returns the process that lives on.</summary>
    /// <param name="moments">Where to die.</param>
    /// <param name="pathOf">A path for a file of that name.</param>
    /// <param name="startAsync">Starts a process with a test point.</param>
    /// <param name="orderAsync">Places and pays an order, in which the process dies.</param>
    /// <param name="repairAsync">Sees the order to its end in the next process.</param>
    /// <param name="beside">True where the next process runs already when this one dies.</param>
    public static async Task<ServerProcess> AtEachAsync(
        IReadOnlyList<(Moment Moment, string Step)> moments, Func<string, string> pathOf, Func<string, Task<ServerProcess>> startAsync,
        Func<ServerProcess, Task<int>> orderAsync, Func<ServerProcess, int, Task> repairAsync, bool beside = false)
    {
        string Armed(int i) => pathOf(FormattableString.Invariant($"death-{i}"));
        string Death(int i) => i < moments.Count ? $"kill:{moments[i].Moment}:{moments[i].Step}:{Armed(i)}" : "";
        var living = await startAsync(Death(0));
        ServerProcess? next = null;
        try
        {
            for (var i = 0; i < moments.Count; i++)
            {
                next = beside ? await startAsync(Death(i + 1)) : null;
                await File.WriteAllTextAsync(Armed(i), "");
                var order = await orderAsync(living);
                await living.DiedAsync();
                await living.DisposeAsync();

                (living, next) = (next ?? await startAsync(Death(i + 1)), null);
                await repairAsync(living, order);
            }

            return living;
        }
        catch
        {
            await living.DisposeAsync();
            await (next?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }
}
