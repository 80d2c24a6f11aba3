using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>The token that a server writes into <c>cli.json</c> of its data folder, for the command line of the same user.</summary>
public sealed class LocalToken
{
    private readonly Database _database;
    private readonly StaffStore _staff;
    private readonly TokenStore _tokens;

    internal LocalToken(Database database, StaffStore staff, TokenStore tokens) => (_database, _staff, _tokens) = (database, staff, tokens);

    /// <summary>Null when the present token still works; else a new one, with the account behind it where there is none.</summary>
    public async Task<Secret?> RenewAsync(string? present, CancellationToken cancellation)
    {
        if (present is not null && await _database.ReadAsync(s => _tokens.FindOwnerAsync(s, present, cancellation), cancellation) is not null)
        {
            return null;
        }

        return await _database.WriteAsync<Secret?>(async tx =>
        {
            var member = (await _staff.FindAsync(tx, StaffStore.LocalLogin, cancellation))?.ToMember()
                ?? await _staff.AddAsync(tx, StaffStore.LocalLogin, "Local command line", StaffRole.Administrator, null, cancellation);
            return new Secret((await _tokens.AddAsync(tx, member.Id, "cli.json", cancellation)).Token);
        }, cancellation);
    }
}
