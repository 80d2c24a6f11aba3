using Keygate.Kernel;

namespace Keygate.Accounts;

/// <summary>Tells who is behind a login and a password, for doors that get them with each call.</summary>
public sealed class PasswordCheck
{
    /// <summary>What API tokens begin with, where a door takes one in a password's place.</summary>
    public const string TokenPrefix = "kgt_";

    private readonly SignIn _signIn;

    internal PasswordCheck(SignIn signIn) => _signIn = signIn;

    /// <summary>The member of the staff; refused as a sign-in is, which bounds guessing.</summary>
    public async Task<Result<SignedIn>> CheckAsync(string login, string password, CancellationToken cancellation) =>
        (await _signIn.CheckAsync(login, password, cancellation)).Map(member => new SignedIn(new Actor(ActorKind.Staff, member.Id.Value, member.Name), member.Role));
}
