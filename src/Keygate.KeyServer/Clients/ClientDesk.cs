using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>A client with what belongs to it.</summary>
/// <param name="Client">The client.</param>
/// <param name="Parent">The client it stands below; null for none.</param>
/// <param name="Below">Clients below it, at any depth, bounded.</param>
/// <param name="Logins">Its Partner API logins.</param>
/// <param name="Configurations">Its product configurations.</param>
public sealed record ClientSheet(
    ClientView Client, ClientView? Parent, IReadOnlyList<ClientView> Below, IReadOnlyList<LoginView> Logins, IReadOnlyList<ProductConfigurationView> Configurations);

/// <summary>Clients and their logins as the issuer's staff works with them.</summary>
public sealed class ClientDesk : Desk
{
    private const int BelowShown = 100;

    internal ClientDesk(IServiceProvider room)
        : base(room)
    {
    }

    /// <summary>Clients by number.</summary>
    /// <param name="session">A session of the key server's database.</param>
    /// <param name="text">What login or name contains, whatever the case; null for all.</param>
    /// <param name="page">The page.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<Result<Page<ClientView>>> ListAsync(Session session, string? text, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync($"clients {text}", (after, rows) => Get<ClientStore>().ListAsync(session, text, after, rows, cancellation), c => c.Id.Value, ClientView.Of);

    /// <summary>A client with what belongs to it.</summary>
    public async Task<Result<ClientSheet>> ShowAsync(Session session, ClientId id, CancellationToken cancellation)
    {
        var clients = Get<ClientStore>();
        if (await clients.FindAsync(session, id, cancellation) is not { } row)
        {
            return KeyServerErrors.ClientUnknown.Because($"There is no client {id.Value}.");
        }

        var parent = row.ParentId is { } above ? await clients.FindAsync(session, above, cancellation) : null;
        return new ClientSheet(
            ClientView.Of(row), parent is null ? null : ClientView.Of(parent), [.. (await clients.BelowAsync(session, id, BelowShown, cancellation)).Select(ClientView.Of)],
            [.. (await clients.LoginsAsync(session, id, cancellation)).Select(LoginView.Of)],
            [.. (await Get<ProductConfigurationStore>().ListAsync(session, id, null, cancellation)).Select(ProductConfigurationView.Of)]);
    }

    /// <summary>Adds a client.</summary>
    public Task<Result<ClientView>> AddAsync(Tx tx, AddClientRequest request, Actor actor, CancellationToken cancellation) =>
        Get<AddClientHandler>().HandleAsync(tx, request, actor, cancellation);

    /// <summary>Marks an account as problem, confirms it, or lets it order what has no price.</summary>
    public Task<Result<ClientView>> ChangeStandingAsync(Tx tx, ClientId id, ChangeStandingRequest request, CancellationToken cancellation) =>
        Get<ChangeStandingHandler>().HandleAsync(tx, id, request, cancellation);

    /// <summary>Adds a login; its password is shown this once.</summary>
    public Task<Result<AddedLogin>> AddLoginAsync(Tx tx, ClientId id, AddLoginRequest request, Actor actor, CancellationToken cancellation) =>
        Get<AddLoginHandler>().HandleAsync(tx, id, request, actor, cancellation);

    /// <summary>Changes what a login may do, all rights at once.</summary>
    public Task<Result<LoginView>> ChangeLoginAsync(Tx tx, ClientId id, LoginId login, LoginRights rights, CancellationToken cancellation) =>
        Get<ChangeLoginHandler>().HandleAsync(tx, id, login, rights, cancellation);

    /// <summary>Enables or disables a login.</summary>
    public Task<Result<LoginView>> EnableLoginAsync(Tx tx, ClientId id, LoginId login, bool enabled, CancellationToken cancellation) =>
        Get<DisableLoginHandler>().HandleAsync(tx, id, login, enabled, cancellation);

    /// <summary>Gives a login another password, which is shown this once; the old one ends at once.</summary>
    public Task<Result<AddedLogin>> RenewPasswordAsync(Tx tx, ClientId id, LoginId login, CancellationToken cancellation) =>
        Get<RenewPasswordHandler>().HandleAsync(tx, id, login, cancellation);

    /// <summary>Enables or disables a product configuration; keys that have it keep it.</summary>
    public Task<Result<ProductConfigurationView>> EnableConfigurationAsync(Tx tx, ClientId id, ProductConfigurationId configuration, bool enabled, CancellationToken cancellation) =>
        Get<EnableProductConfigurationHandler>().HandleAsync(tx, id, configuration, enabled, cancellation);
}
