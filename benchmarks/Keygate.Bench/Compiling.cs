using System.Runtime;

namespace Keygate.Bench;

/// <summary>
/// How much of this process's time the runtime's compiler takes. A server runs for months, and what is used much is compiled a second and a third time, beside the work:
/// measured is what comes after that.
/// </summary>
internal sealed class Compiling
{
    private const double ShareMax = 0.04;
    private readonly TimeSpan _compiled = JitInfo.GetCompilationTime(), _used = Environment.CpuUsage.TotalTime;

    /// <summary>The compiler's part of the processor time since this was made.</summary>
    public double Share => (JitInfo.GetCompilationTime() - _compiled) / (Environment.CpuUsage.TotalTime - _used);

    /// <summary>True when hardly anything was compiled since then.</summary>
    public bool IsOver => Share <= ShareMax;

    /// <summary>Runs a round again and again until hardly anything is compiled in it.</summary>
    public static async Task WarmUpAsync(Func<Task> round, int roundsMax)
    {
        for (var rounds = 0; rounds < roundsMax; rounds++)
        {
            var compiling = new Compiling();
            await round();
            if (compiling.IsOver)
            {
                return;
            }
        }
    }
}
