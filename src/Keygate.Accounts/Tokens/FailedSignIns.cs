using System.Collections.Concurrent;
using Keygate.Kernel;

namespace Keygate.Accounts;

/// <summary>Bounds guessing: so many failures for one login in a minute, whatever address they come from. Thread-safe.</summary>
internal sealed class FailedSignIns
{
    private const int FailuresMax = 10;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, (long Since, int Failures)> _failures = new(StringComparer.Ordinal);

    /// <summary>Who signs in with login and password; refused where they do not fit, and for a minute after too many that did not.</summary>
    /// <param name="login">The login, in its one spelling.</param>
    /// <param name="password">The password that was typed.</param>
    /// <param name="findAsync">Finds who has the login; null where nobody has.</param>
    /// <param name="hashOf">What is kept of their password; null for who has none, and signs in by none.</param>
    /// <param name="wrong">The refusal where login and password do not fit.</param>
    public async Task<Result<TRow>> CheckAsync<TRow>(string login, string password, Func<Task<TRow?>> findAsync, Func<TRow, string?> hashOf, Error wrong)
        where TRow : class
    {
        if (Refusal(login) is { } refusal)
        {
            return refusal;
        }

        var row = await findAsync();
        if (!Passwords.Matches(login, row is null ? null : hashOf(row), password))
        {
            Add(login);
            return wrong;
        }

        _failures.TryRemove(login, out _);
        return row!;
    }

    private Error? Refusal(string login) =>
        _failures.TryGetValue(login, out var seen) && IsRecent(seen.Since) && seen.Failures >= FailuresMax ? AccountsErrors.SignInsTooMany : null;

    private void Add(string login)
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

    private static bool IsRecent(long since) => Environment.TickCount64 - since < Window.TotalMilliseconds;
}
