using Keygate.Kernel;

namespace Keygate.Work;

/// <summary>What went wrong at a step, when, and at which try.</summary>
/// <param name="Error">Why it does not go on just now, with the remedy.</param>
/// <param name="At">When.</param>
/// <param name="Attempt">The try, from 1; 0 where none was made.</param>
/// <param name="AttemptsMax">How often the step is tried.</param>
public sealed record Failure(Error Error, DateTimeOffset At, int Attempt, int AttemptsMax)
{
    /// <summary>What the last try met, where <see cref="Error"/> says no more than that the tries are spent.</summary>
    public Error Cause { get; init; } = Error;
}
