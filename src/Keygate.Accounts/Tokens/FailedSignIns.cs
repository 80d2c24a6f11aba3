using System.Collections.Concurrent;
using Keygate.Kernel;

namespace Keygate.Accounts;

/// <summary>Bounds guessing: so many failures for one login in a minute, whatever address they come from. Thread-safe.</summary>
internal sealed class FailedSignIns
{
    private const int FailuresMax = 10;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, (long Since, int Failures)> _failures = new(StringComparer.Ordinal);

    /// <summary>The refusal after too many failures; null where it may be tried.</summary>
    public Error? Refusal(string login) =>
        _failures.TryGetValue(login, out var seen) && IsRecent(seen.Since) && seen.Failures >= FailuresMax ? AccountsErrors.SignInsTooMany : null;

    /// <summary>Counts a failure.</summary>
    public void Add(string login)
    {
        // Guessed logins would otherwise pile up for ever.
        if (_failures.Count > 10_000)
        {
            foreach (var (old, _) in _failures.Where(f => !IsRecent(f.Value.Since)))
            {
                _failures.TryRemove(old, out _);
            }
        }

        _failures.AddOrUpdate(login, (Environment.TickCount64, 1), (_, old) => IsRecent(old.Since) ? (old.Since, old.Failures + 1) : (Environment.TickCount64, 1));
    }

    /// <summary>Forgets the failures of a login that has signed in.</summary>
    public void Forget(string login) => _failures.TryRemove(login, out _);

    private static bool IsRecent(long since) => Environment.TickCount64 - since < Window.TotalMilliseconds;
}
