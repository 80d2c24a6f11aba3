using Keygate.Kernel;
using Microsoft.AspNetCore.Identity;

namespace Keygate.Accounts;

/// <summary>Passwords that people choose: the framework's slow hasher.</summary>
internal static class Passwords
{
    private static readonly PasswordHasher<string> Hasher = new();

    // Checked where the login is unknown, so that the answer takes as long as for a known one.
    private static readonly string Nobody = Hasher.HashPassword("", "");

    public static string Hash(string login, string password) => Hasher.HashPassword(login, password);

    public static bool Matches(string login, string? hash, string password) =>
        Hasher.VerifyHashedPassword(login, hash ?? Nobody, password) != PasswordVerificationResult.Failed && hash is not null;

    /// <summary>Faults of a login, a name and a password that somebody chose.</summary>
    public static IReadOnlyList<Error> Faults(string name, string login, string password)
    {
        var faults = new List<Error>();
        if (string.IsNullOrWhiteSpace(name))
        {
            faults.Add(AccountsErrors.FieldMissing.Because("The name is empty.").At("name"));
        }

        if (login.Length is < 2 or > 100 || !login.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@') || login == StaffStore.LocalLogin)
        {
            faults.Add(AccountsErrors.LoginInvalid.Because($"'{login}' cannot be a login.").At("login"));
        }

        faults.AddRange(LengthFaults(password));
        return faults;
    }

    /// <summary>Faults of a password that somebody chose.</summary>
    public static IEnumerable<Error> LengthFaults(string password) =>
        password.Length is < 8 or > 200 ? [AccountsErrors.PasswordWeak.Because($"The password has {password.Length} characters.").At("password")] : [];
}
