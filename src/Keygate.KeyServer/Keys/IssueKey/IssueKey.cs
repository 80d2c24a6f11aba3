using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A key that the issuer's staff issues for a client.</summary>
public sealed record IssueKeyRequest
{
    /// <summary>Login or number of the client who will own it.</summary>
    public string Client { get; init; } = "";

    /// <summary>Key type identifier.</summary>
    public string KeyType { get; init; } = "";

    /// <summary>Identifiers of its features.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Key types of additional keys to make and attach at once.</summary>
    public IReadOnlyList<string> Additional { get; init; } = [];

    /// <summary>Lease or purchase; null for the client's default.</summary>
    public BillingType? Billing { get; init; }

    /// <summary>IP and MAC addresses by which it is found.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The hardware id or instance it is activated for at once; null to activate it later.</summary>
    public string? ActivatedFor { get; init; }

    /// <summary>Number of the key that an additional one is attached to; null for none.</summary>
    public string? Parent { get; init; }
}

/// <summary>Issues a key as the client's own order would, under the same rules. <b>Not repeatable</b>: each call makes a key.</summary>
internal sealed class IssueKeyHandler(ClientStore clients, PriceListStore priceLists, CreateKeyHandler create)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, IssueKeyRequest request, KeyCaller caller, CancellationToken cancellation)
    {
        if (await ClientName.FindAsync(tx, clients, request.Client, cancellation) is not { } client)
        {
            return KeyServerErrors.ClientUnknown.Because($"There is no client \"{request.Client}\".").At("client");
        }

        KeyName? parent = null;
        if (request.Parent is not null && !KeyName.TryParse(request.Parent, out parent))
        {
            return KeyServerErrors.KeyNumberMalformed.Because($"\"{request.Parent}\" is no key number.").At("parent");
        }

        if (!AddressesOf(request.Addresses).TryGet(out var addresses, out var malformed))
        {
            return malformed;
        }

        var activation = new ActivationInput(request.ActivatedFor, request.ActivatedFor);
        var order = new CreateKeyRequest
        {
            Client = client.Terms, Order = new KeyOrder(request.KeyType, request.Features, request.Additional, request.Billing), Addresses = addresses, Parent = parent,
            Activation = activation, AdditionalActivation = activation,
        };
        return (await create.HandleAsync(tx, order, await priceLists.GetAsync(tx, client.PriceListId, client.PriceListVersion, cancellation), caller, cancellation)).Map(made => made.Key);
    }

    private static Result<IReadOnlyList<string>> AddressesOf(IReadOnlyList<string> given)
    {
        var addresses = new List<string>();
        foreach (var text in given)
        {
            if (!Wire.TryIp(text, out var address) && !Wire.TryMac(text, out address))
            {
                return KeyServerErrors.IpMalformed.Because($"\"{text}\" is neither an IP nor a MAC address.").At("addresses");
            }

            addresses.Add(address);
        }

        return addresses;
    }
}

internal static class IssueKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/keys", (
            IssueKeyRequest request, HttpContext http, WriteDoor door, IssueKeyHandler handler, KeyReader reader, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync<KeyView>(database, http, request, async (tx, actor) =>
                (await handler.HandleAsync(tx, request, new KeyCaller(actor.Name, null), http.RequestAborted)).TryGet(out var key, out var refusal)
                    ? await reader.ViewAsync(tx, key, http.RequestAborted)
                    : refusal))
            .WithSummary("Issue a key for a client")
            .WithDescription("Under the rules of the client's price list, as its own order would be.")
            .RequireIdempotencyKey();
}
