using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>What changes of a member of the staff; what is null stays as it is.</summary>
public sealed record ChangeStaffRequest
{
    /// <summary>What they may do.</summary>
    public StaffRole? Role { get; init; }

    /// <summary>Where their own mail goes to, such as a link to choose a password; empty for nowhere.</summary>
    public string? Email { get; init; }
}

/// <summary>Changes role and mail address of a member, and removes members. One administrator who can sign in always stays.</summary>
public sealed class ChangeStaff
{
    private readonly StaffStore _staff;
    private readonly Audit _audit;
    private readonly TimeProvider _time;

    internal ChangeStaff(StaffStore staff, Audit audit, TimeProvider time) => (_staff, _audit, _time) = (staff, audit, time);

    /// <summary>May be repeated. Another role holds from the next request on, in sessions and for tokens.</summary>
    public async Task<Result<StaffMember>> HandleAsync(Tx tx, StaffId id, ChangeStaffRequest request, Actor actor, CancellationToken cancellation)
    {
        if (request.Email is { Length: > 0 } email && !CreateCustomerRequest.IsEmail(email.Trim()))
        {
            return AccountsErrors.EmailInvalid.Because($"'{email}' is no mail address.").At("email");
        }

        if (await FindAsync(tx, id, cancellation) is not { } member)
        {
            return AccountsErrors.StaffUnknown.Because($"There is no member {id}.");
        }

        if (request.Role is { } role && role != StaffRole.Administrator && await IsLastAsync(tx, member, cancellation))
        {
            return AccountsErrors.LastAdministrator.Because($"{member.Name} is the only administrator who can sign in.");
        }

        var changed = member with { Role = request.Role ?? member.Role, Email = request.Email is null ? member.Email : request.Email.Trim() is { Length: > 0 } given ? given : null };
        if (changed != member)
        {
            await tx.ExecuteAsync(
                "update staff set role = @role, email = @Email, changed_at = @now where id = @id", new { id = id.Value, role = changed.Role.ToString(), changed.Email, now = _time.GetUtcNow() }, cancellation);
            await _audit.AddAsync(tx, actor, "staff.changed", $"staff/{id}", $"{member.Role}, {member.Email ?? "no mail"} to {changed.Role}, {changed.Email ?? "no mail"}", cancellation);
        }

        return changed;
    }

    /// <summary>Ends a member's password, sessions, tokens and links. May be repeated; there is no way back, and the login stays taken, so that history is nobody else's.</summary>
    public async Task<Result<StaffMember>> RemoveAsync(Tx tx, StaffId id, Actor actor, CancellationToken cancellation)
    {
        if (await FindAsync(tx, id, cancellation) is not { } member || member.Login == StaffStore.LocalLogin)
        {
            return AccountsErrors.StaffUnknown.Because($"There is no member {id} who could be removed.");
        }

        if (await IsLastAsync(tx, member, cancellation))
        {
            return AccountsErrors.LastAdministrator.Because($"{member.Name} is the only administrator who can sign in.");
        }

        var now = _time.GetUtcNow();
        if (member.RemovedAt is null)
        {
            await tx.ExecuteAsync("update staff set password_hash = null, removed_at = @now, changed_at = @now where id = @id", new { id = id.Value, now }, cancellation);
            await tx.ExecuteAsync("update sessions set ended_at = @now where staff_id = @id and ended_at is null", new { id = id.Value, now }, cancellation);
            await tx.ExecuteAsync("update api_tokens set revoked_at = @now where staff_id = @id and revoked_at is null", new { id = id.Value, now }, cancellation);
            await tx.ExecuteAsync("update password_links set used_at = @now where person = 'Staff' and person_id = @id and used_at is null", new { id = id.Value, now }, cancellation);
            await _audit.AddAsync(tx, actor, "staff.removed", $"staff/{id}", member.Login, cancellation);
        }

        return member with { RemovedAt = member.RemovedAt ?? now };
    }

    // Held, so that two who remove each other's right take turns.
    private async Task<StaffMember?> FindAsync(Tx tx, StaffId id, CancellationToken cancellation)
    {
        await tx.QueryAsync<int>($"select id from staff where role = 'Administrator' order by id{tx.Dialect.ForUpdate}", null, cancellation);
        return await _staff.FindAsync(tx, id, cancellation);
    }

    private static async Task<bool> IsLastAsync(Tx tx, StaffMember member, CancellationToken cancellation) =>
        member.Role == StaffRole.Administrator
        && await tx.GetAsync<long>("select count(*) from staff where role = 'Administrator' and password_hash is not null and id <> @id", new { id = member.Id.Value }, cancellation) == 0;
}
