using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>A new member of the staff.</summary>
public sealed record AddStaffRequest
{
    /// <summary>The name that history shows.</summary>
    public string Name { get; init; } = "";

    /// <summary>The name to sign in with.</summary>
    public string Login { get; init; } = "";

    /// <summary>The password to sign in with; without one Keygate makes one and shows it once.</summary>
    public string? Password { get; init; }

    /// <summary>What the member may do.</summary>
    public StaffRole Role { get; init; }

    /// <summary>Where their own mail goes to, such as a link to choose a password; null for nowhere.</summary>
    public string? Email { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Login} ({Role})";
}

/// <summary>A new member of the staff.</summary>
/// <param name="Id">The number.</param>
/// <param name="Login">The name to sign in with; lower case.</param>
/// <param name="Name">The name that history shows.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Password">The password where Keygate made it: it cannot be shown again. Null where the caller chose it.</param>
public sealed record NewStaffMember(StaffId Id, string Login, string Name, StaffRole Role, string? Password)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Login} ***";
}

/// <summary>Writes a new member of the staff. Only an administrator may.</summary>
public sealed class AddStaff
{
    private readonly StaffStore _staff;
    private readonly Audit _audit;

    internal AddStaff(StaffStore staff, Audit audit) => (_staff, _audit) = (staff, audit);

    /// <summary>In this order: name, login and password can be some; the login is free.</summary>
    public async Task<Result<NewStaffMember>> HandleAsync(Tx tx, AddStaffRequest request, Actor actor, CancellationToken cancellation)
    {
        var made = request.Password is null ? MasterKey.NewToken("").Reveal : null;
        var password = request.Password ?? made!;
        if (Error.Of(Passwords.Faults(request.Name, request.Login, password)) is { } error)
        {
            return error;
        }

        if (request.Email is not null && !CreateCustomerRequest.IsEmail(request.Email))
        {
            return AccountsErrors.EmailInvalid.Because($"'{request.Email}' is no mail address.").At("email");
        }

        var login = request.Login.ToLowerInvariant();
        if (await _staff.FindAsync(tx, login, cancellation) is not null)
        {
            return AccountsErrors.LoginTaken.Because($"'{login}' signs in already.").At("login");
        }

        var member = await _staff.AddAsync(tx, login, request.Name.Trim(), request.Role, Passwords.Hash(login, password), cancellation, request.Email);
        await _audit.AddAsync(tx, actor, "staff.added", $"staff/{member.Id}", $"{login}, {request.Role}", cancellation);
        return new NewStaffMember(member.Id, member.Login, member.Name, member.Role, made);
    }
}
