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
    private readonly FailedSignIns _failures = new();

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
        return (await _failures.CheckAsync<StaffRow>(
            login, password, () => database.ReadAsync(s => staff.FindAsync(s, login, cancellation), cancellation), row => row.PasswordHash, AccountsErrors.PasswordWrong)).Map(row => row.ToMember());
    }
}
