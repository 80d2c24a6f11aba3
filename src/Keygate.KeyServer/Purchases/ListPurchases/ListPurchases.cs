using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>What a foreign Key Administrator has bought of us as its vendor.</summary>
/// <param name="Id">Its number here.</param>
/// <param name="Client">The administrator: the client's login.</param>
/// <param name="Purchase">The number that the administrator gave its own key (PURCHASE_ID).</param>
/// <param name="Product">What was bought at first.</param>
/// <param name="Test">True for a test order: it must not be billed.</param>
/// <param name="Registrant">Who it is for, in the administrator's words.</param>
/// <param name="Number">Our key.</param>
/// <param name="KeyType">Its key type now.</param>
/// <param name="ExpirationDate">The first day without a valid license.</param>
/// <param name="TerminatedAt">When it was ended; null while it lives.</param>
/// <param name="CreatedAt">When it was bought.</param>
public sealed record PurchaseView(
    PurchaseId Id, string Client, string Purchase, string Product, bool Test, string Registrant, string Number, string KeyType, DateOnly ExpirationDate, DateTimeOffset? TerminatedAt,
    DateTimeOffset CreatedAt)
{
    internal static PurchaseView Of(PurchaseRow row) => new(
        row.Id, row.Client, row.PurchaseId, row.Product, row.Test, row.Registrant, new KeyNumber(row.Prefix, row.KeyId!.Value, row.Revision).ToString(), row.KeyType, row.ExpirationDate,
        row.TerminatedAt, row.CreatedAt);
}

internal static class ListPurchasesEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/purchases", (
            string? client, string? purchase, bool? test, int? limit, string? cursor, HttpContext http, ClientStore clients, PurchaseStore store,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) => database.ReadAsync<Result<Page<PurchaseView>>>(async s =>
            {
                var buyer = client is null ? null : await ClientName.FindAsync(s, clients, client, http.RequestAborted);
                return client is not null && buyer is null
                    ? KeyServerErrors.ClientUnknown.Because($"There is no client \"{client}\".").At("client")
                    : await PageRequest.Of(limit, cursor).NewestFirstAsync(
                        $"purchases {client} {purchase} {test}",
                        (before, rows) => store.PageAsync(s, buyer?.Id, purchase, test, before, rows, http.RequestAborted), p => p.Id.Value, PurchaseView.Of);
            }, http.RequestAborted))
            .WithSummary("List what foreign Key Administrators have bought")
            .WithDescription("The newest first. client: login or number of the administrator's account. purchase: the number that the administrator gave its own key. test: only test orders, or none.");
}
