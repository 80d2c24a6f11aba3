using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Accounts;

internal static class CustomerEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var customers = routes.MapGroup("/customers").WithTags("Customers");

        customers.MapPost("", (CreateCustomerRequest request, CreateCustomer handler, WriteDoor door, HttpContext http) =>
            door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithName("CreateCustomer").WithSummary("Adds a customer.");

        customers.MapGet("", (int? limit, string? cursor, Database database, CustomerStore store, CancellationToken cancellation) =>
            database.ReadAsync<Result<Page<Customer>>>(
                s => PageRequest.Of(limit, cursor).OldestFirstAsync("customers", (after, rows) => store.ListAsync(s, after, rows, cancellation), c => c.Id.Value, c => c),
                cancellation))
            .WithName("ListCustomers").WithSummary("Lists the customers by number.");

        customers.MapGet("/{id}", (AccountId id, Database database, CustomerStore store, CancellationToken cancellation) =>
            database.ReadAsync<Result<Customer>>(
                async s => await store.FindAsync(s, id, cancellation) is { } customer
                    ? customer
                    : AccountsErrors.CustomerUnknown.Because($"There is no customer {id}."),
                cancellation))
            .WithName("ShowCustomer").WithSummary("Shows a customer.");
    }
}
