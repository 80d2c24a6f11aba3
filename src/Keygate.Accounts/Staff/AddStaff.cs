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

    /// <summary>The password to sign in with.</summary>
    public string Password { get; init; } = "";

    /// <summary>What the member may do.</summary>
    public StaffRole Role { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Login} ({Role})";
}

/// <summary>Writes a new member of the staff. Only an administrator may.</summary>
internal sealed class AddStaff(StaffStore staff, Audit audit)
{
    public async Task<Result<StaffMember>> HandleAsync(Tx tx, AddStaffRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(Passwords.Faults(request.Name, request.Login, request.Password)) is { } error)
        {
            return error;
        }

        var login = request.Login.ToLowerInvariant();
        if (await staff.FindAsync(tx, login, cancellation) is not null)
        {
            return AccountsErrors.LoginTaken.Because($"'{login}' signs in already.").At("login");
        }

        var member = await staff.AddAsync(tx, login, request.Name.Trim(), request.Role, Passwords.Hash(login, request.Password), cancellation);
        await audit.AddAsync(tx, actor, "staff.added", $"staff/{member.Id}", $"{login}, {request.Role}", cancellation);
        return member;
    }
}
