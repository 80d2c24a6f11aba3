using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Reads the staff and their API tokens.</summary>
public sealed class StaffReader
{
    private readonly StaffStore _staff;
    private readonly TokenStore _tokens;

    internal StaffReader(StaffStore staff, TokenStore tokens) => (_staff, _tokens) = (staff, tokens);

    /// <summary>The staff by number.</summary>
    public Task<Result<Page<StaffMember>>> ListAsync(Session session, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync("staff", (after, rows) => _staff.ListAsync(session, after, rows, cancellation), m => m.Id.Value, m => m);

    /// <summary>The API tokens by number, without the tokens themselves.</summary>
    public Task<Result<Page<ApiToken>>> TokensAsync(Session session, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync("tokens", (after, rows) => _tokens.ListAsync(session, after, rows, cancellation), t => t.Id.Value, t => t);
}
