using System.Runtime.InteropServices;
using Keygate.Work;

namespace Keygate.Server;

/// <summary>
/// Ends or freezes this very process at a moment of its work, or writes down which moments it passes: <c>KEYGATE_TEST_POINT</c>, so that a
/// test can have a real process die at each of them. Forms: <c>record:FILE</c>, <c>kill:MOMENT:STEP</c>, <c>freeze:MOMENT:STEP</c>; the last two
/// with <c>:FILE</c> behind act only once that file is there, so that a process can do other work before.
/// </summary>
/// <param name="Act">What is done.</param>
/// <param name="Moment">The moment; not for a record.</param>
/// <param name="Where">The step, or the file of a record.</param>
/// <param name="Armed">The file without which nothing is done; null for none.</param>
public sealed record TestPoint(TestPointAct Act, Moment Moment, string Where, string? Armed = null)
{
    private const int Sigkill = 9, Sigstop = 19;

    // Long enough for a call to leave the machine, short enough to come before most answers.
    private static readonly TimeSpan SendingTakes = TimeSpan.FromMilliseconds(5);
    private readonly Lock _lock = new();
    private int _passed;

    /// <summary>Reads the setting; null where it is none of the forms.</summary>
    public static TestPoint? Parse(string text) => text.Split(':', 4) switch
    {
        ["record", var file, ..] when file.Length > 0 => new(TestPointAct.Record, default, text["record:".Length..]),
        ["kill", var moment, { Length: > 0 } step, .. var file] when Enum.TryParse<Moment>(moment, out var at) => new(TestPointAct.Kill, at, step, file.FirstOrDefault()),
        ["freeze", var moment, { Length: > 0 } step, .. var file] when Enum.TryParse<Moment>(moment, out var at) => new(TestPointAct.Freeze, at, step, file.FirstOrDefault()),
        _ => null,
    };

    internal async Task PassAsync(PassedMoment passed)
    {
        if (Act == TestPointAct.Record)
        {
            lock (_lock)
            {
                File.AppendAllText(Where, $"{passed.Moment} {passed.Kind} {passed.Step}\n");
            }

            return;
        }

        if (passed.Moment != Moment || passed.Step != Where || (Armed is not null && !File.Exists(Armed)) || Interlocked.Increment(ref _passed) != 1)
        {
            return;
        }

        if (Moment == Moment.RequestSent)
        {
            await Task.Delay(SendingTakes);
        }

        _ = Signal(Environment.ProcessId, Act == TestPointAct.Kill ? Sigkill : Sigstop);
        // The signal may reach another thread first: this one must not pass the moment before it ends or stops.
        Thread.Sleep(Act == TestPointAct.Kill ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(200));
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int pid, int signal);
}

/// <summary>What happens at a <see cref="TestPoint"/>.</summary>
public enum TestPointAct
{
    /// <summary>Every moment is written into a file.</summary>
    Record,

    /// <summary>The process kills itself with SIGKILL.</summary>
    Kill,

    /// <summary>The process stops itself with SIGSTOP, as a machine that hangs; SIGCONT lets it go on.</summary>
    Freeze,
}
