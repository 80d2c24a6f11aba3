using System.Collections.Concurrent;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Login and password of a member of the staff.</summary>
public sealed record SignInRequest
{
    /// <summary>The login.</summary>
    public string Login { get; init; } = "";

    /// <summary>The password.</summary>
    public string Password { get; init; } = "";

    /// <summary>What the token is for.</summary>
    public string TokenName { get; init; } = "sign-in";

    /// <inheritdoc/>
    public override string ToString() => $"{Login} ***";
}

/// <summary>Gives a new API token for login and password, the way back in when all tokens are lost.</summary>
internal sealed class SignIn(Database database, StaffStore staff, TokenStore tokens, Audit audit)
{
    // Bounds guessing: so many failures for one login in a minute, whatever address they come from.
    private const int FailuresMax = 10;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, (long Since, int Failures)> _failures = new(StringComparer.Ordinal);

    public async Task<Result<NewToken>> HandleAsync(SignInRequest request, CancellationToken cancellation)
    {
        if (!(await CheckAsync(request.Login, request.Password, cancellation)).TryGet(out var member, out var error))
        {
            return error;
        }

        return await database.WriteAsync<Result<NewToken>>(async tx =>
        {
            var made = await tokens.AddAsync(tx, member.Id, request.TokenName, cancellation);
            await audit.AddAsync(tx, new Actor(ActorKind.Staff, member.Id.Value, member.Name), "staff.signed-in", $"staff/{member.Id}", $"token {made.Id}", cancellation);
            return made;
        }, cancellation);
    }

    /// <summary>Who signs in with login and password; refused where they do not fit, and for a minute after too many that did not.</summary>
    public async Task<Result<StaffMember>> CheckAsync(string typed, string password, CancellationToken cancellation)
    {
        var login = typed.ToLowerInvariant();
        var now = Environment.TickCount64;
        if (_failures.TryGetValue(login, out var seen) && now - seen.Since < Window.TotalMilliseconds && seen.Failures >= FailuresMax)
        {
            return AccountsErrors.SignInsTooMany;
        }

        var row = await database.ReadAsync(s => staff.FindAsync(s, login, cancellation), cancellation);
        if (!Passwords.Matches(login, row?.PasswordHash, password))
        {
            Forget(now);
            _failures.AddOrUpdate(login, (now, 1), (_, old) => now - old.Since < Window.TotalMilliseconds ? (old.Since, old.Failures + 1) : (now, 1));
            return AccountsErrors.PasswordWrong;
        }

        _failures.TryRemove(login, out _);
        return row!.ToMember();
    }

    // Guessed logins would otherwise pile up for ever.
    private void Forget(long now)
    {
        if (_failures.Count > 10_000)
        {
            foreach (var (login, _) in _failures.Where(f => now - f.Value.Since >= Window.TotalMilliseconds))
            {
                _failures.TryRemove(login, out _);
            }
        }
    }
}
