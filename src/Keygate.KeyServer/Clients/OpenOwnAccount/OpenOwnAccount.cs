using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>What the provider's side of the same process needs to order here. The password is told this once.</summary>
/// <param name="Url">Where the Partner APIs are.</param>
/// <param name="Client">The client who owns the keys.</param>
/// <param name="Login">The Partner API login.</param>
/// <param name="Password">Its password.</param>
/// <param name="Certificate">The certificate to pin, as PEM.</param>
public sealed record OwnAccount(Uri Url, string Client, string Login, string Password, string Certificate)
{
    /// <summary>Shows nothing of the password.</summary>
    public override string ToString() => $"{Login} (***)";
}

/// <summary>
/// Opens an account for the provider's side of the same process: imports a price list, and adds a client and a login where they are missing. It goes the way that a stranger's account
/// goes, and the plug-in calls the same doors. May be repeated: there is one client, and each time a new login, since no password can be shown again.
/// </summary>
public sealed class OpenOwnAccount
{
    private const string Client = "provider", Login = "provider-api";

    private readonly Database _database;
    private readonly ImportPriceListHandler _import;
    private readonly AddClientHandler _addClient;
    private readonly AddLoginHandler _addLogin;
    private readonly ClientStore _clients;
    private readonly PartnerTlsCertificate _certificate;
    private readonly IOptions<KeyServerOptions> _options;

    internal OpenOwnAccount(
        Database database, ImportPriceListHandler import, AddClientHandler addClient, AddLoginHandler addLogin, ClientStore clients, PartnerTlsCertificate certificate,
        IOptions<KeyServerOptions> options) =>
        (_database, _import, _addClient, _addLogin, _clients, _certificate, _options) = (database, import, addClient, addLogin, clients, certificate, options);

    /// <summary>Opens it, whole or not at all; a broken price-list file is refused with the line of each fault.</summary>
    /// <param name="name">Whom license files name as the owner.</param>
    /// <param name="priceList">The price-list file.</param>
    /// <param name="actor">Who asks for it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<Result<OwnAccount>> HandleAsync(string name, ReadOnlyMemory<byte> priceList, Actor actor, CancellationToken cancellation)
    {
        var certificate = await _certificate.ToPemAsync(cancellation);
        return await _database.WriteAsync<Result<OwnAccount>>(
            async tx =>
            {
                if (!(await _import.HandleAsync(tx, priceList, actor, cancellation)).TryGet(out var imported, out var error))
                {
                    return error;
                }

                var client = (await _clients.FindAsync(tx, Client, cancellation))?.Id;
                if (client is null)
                {
                    if (!(await _addClient.HandleAsync(tx, new AddClientRequest { Login = Client, Name = name, PriceList = imported.Name }, actor, cancellation)).TryGet(out var added, out error))
                    {
                        return error;
                    }

                    client = added.Id;
                }

                var login = Login;
                for (var i = 2; await _clients.IsLoginTakenAsync(tx, login, cancellation); i++)
                {
                    login = string.Create(CultureInfo.InvariantCulture, $"{Login}-{i}");
                }

                return (await _addLogin.HandleAsync(tx, client.Value, new AddLoginRequest { Login = login }, actor, cancellation))
                    .Map(made => new OwnAccount(_options.Value.PublicUrl, Client, made.Login, made.Password, certificate));
            }, cancellation);
    }
}
