using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A client of the key server.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Login">The login string that orders name it by.</param>
/// <param name="Name">Its name, as license files show the owner.</param>
/// <param name="PriceList">The price list it orders from.</param>
/// <param name="DefaultBilling">The billing type where an order names none.</param>
/// <param name="ParentId">The client it stands below, whose logins reach its keys; null for none.</param>
/// <param name="Account">What sort of account it is.</param>
/// <param name="Problem">True while the account is marked as problem: it can order nothing.</param>
/// <param name="Confirmed">False while the account is unconfirmed: it can order nothing.</param>
/// <param name="Unpriced">True where it may order what has no price.</param>
/// <param name="Email">Where its key files are sent; empty where nobody said.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record ClientView(
    ClientId Id, string Login, string Name, string PriceList, BillingType DefaultBilling, ClientId? ParentId, AccountKind Account, bool Problem, bool Confirmed, bool Unpriced,
    string Email, DateTimeOffset CreatedAt)
{
    internal static ClientView Of(ClientRow row) => new(
        row.Id, row.Login, row.Name, row.PriceList, row.DefaultBilling, row.ParentId, row.Account, row.Problem, row.Confirmed, row.Unpriced, row.Email, row.CreatedAt);
}

/// <summary>A client to add.</summary>
public sealed record AddClientRequest
{
    /// <summary>The login string that orders name it by.</summary>
    public string Login { get; init; } = "";

    /// <summary>Its name, as license files show the owner.</summary>
    public string Name { get; init; } = "";

    /// <summary>The price list it orders from.</summary>
    public string PriceList { get; init; } = "";

    /// <summary>The billing type where an order names none.</summary>
    public BillingType DefaultBilling { get; init; } = BillingType.Lease;

    /// <summary>Login or number of the client it stands below; null for none.</summary>
    public string? Parent { get; init; }

    /// <summary>What sort of account it is.</summary>
    public AccountKind Account { get; init; } = AccountKind.Client;

    /// <summary>Where its key files are sent.</summary>
    public string Email { get; init; } = "";

    /// <summary>Everything that is wrong with the request itself.</summary>
    public IReadOnlyList<Error> Faults()
    {
        var faults = new List<Error>();
        if (!ClientName.IsLogin(Login))
        {
            faults.Add(KeyServerErrors.ClientLoginInvalid.Because($"\"{Login}\" cannot be a login.").At("login"));
        }

        if (Name.Length is 0 or > 255 || Name.Any(char.IsControl))
        {
            faults.Add(KeyServerErrors.ClientNameInvalid.At("name"));
        }

        if (Email.Length > 0 && !ClientRules.IsEmail(Email))
        {
            faults.Add(KeyServerErrors.EmailMalformed.Because($"\"{Email}\" is no email address.").At("email"));
        }

        return faults;
    }
}

/// <summary>Adds a client.</summary>
internal sealed class AddClientHandler(ClientStore clients, PriceListStore priceLists, TimeProvider time)
{
    public async Task<Result<ClientView>> HandleAsync(Tx tx, AddClientRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } fault)
        {
            return fault;
        }

        if (await priceLists.FindAsync(tx, request.PriceList, cancellation) is not { } list)
        {
            return KeyServerErrors.PriceListUnknown.Because($"There is no price list \"{request.PriceList}\".").At("priceList");
        }

        if (await clients.FindAsync(tx, request.Login, cancellation) is not null)
        {
            return KeyServerErrors.LoginTaken.Because($"Another client has the login \"{request.Login}\".").At("login");
        }

        var parent = request.Parent is null ? null : await ClientName.FindAsync(tx, clients, request.Parent, cancellation);
        if (request.Parent is not null && parent is null)
        {
            return KeyServerErrors.ClientUnknown.Because($"There is no client \"{request.Parent}\".").At("parent");
        }

        var row = new ClientRow
        {
            Login = request.Login, Name = request.Name, PriceListId = list.Id, DefaultBilling = request.DefaultBilling, ParentId = parent?.Id, Account = request.Account,
            Email = request.Email,
        };
        var id = await clients.AddAsync(tx, row, null, actor.Name, time.GetUtcNow(), cancellation);
        return ClientView.Of((await clients.FindAsync(tx, id, cancellation))!);
    }
}

internal static class AddClientEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/clients", (
            AddClientRequest request, HttpContext http, WriteDoor door, AddClientHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithSummary("Add a client");
}
