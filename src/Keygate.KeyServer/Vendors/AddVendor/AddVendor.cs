using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A vendor of third-party products.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">The name that price lists use.</param>
/// <param name="Url">Its endpoint.</param>
/// <param name="Repeats">True where it promises that a repeated question does no harm: the same answer, and nothing twice.</param>
/// <param name="ReportsUsage">True where it answers GET-INFO.</param>
/// <param name="TestMode">True while all its orders are test orders.</param>
/// <param name="Enabled">False while it is not asked.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record VendorView(VendorId Id, string Name, string Url, bool Repeats, bool ReportsUsage, bool TestMode, bool Enabled, DateTimeOffset CreatedAt)
{
    internal static VendorView Of(VendorRow row) => new(row.Id, row.Name, row.Url, row.Repeats, row.ReportsUsage, row.TestMode, row.Enabled, row.CreatedAt);
}

/// <summary>A vendor to add, or what changes of one: what is null stays as it is.</summary>
public sealed record VendorRequest
{
    /// <summary>The name that price lists use: 1 to 64 letters, digits, dots, hyphens, underlines. Never changes.</summary>
    public string? Name { get; init; }

    /// <summary>Its endpoint, http or https.</summary>
    public string? Url { get; init; }

    /// <summary>Login and password as <c>login:password</c>, sent by HTTP Basic; empty for none. Kept sealed, and shown to nobody.</summary>
    public string? Credentials { get; init; }

    /// <summary>True where it promises that a repeated question does no harm.</summary>
    public bool? Repeats { get; init; }

    /// <summary>True where it answers GET-INFO.</summary>
    public bool? ReportsUsage { get; init; }

    /// <summary>True while all its orders are test orders.</summary>
    public bool? TestMode { get; init; }

    /// <summary>False while it is not asked.</summary>
    public bool? Enabled { get; init; }

    internal Error? Fault() =>
        Name is not null && (Name.Length is 0 or > 64 || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')) ? KeyServerErrors.VendorInvalid.At("name")
        : Url is not null && !(Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0)
            ? KeyServerErrors.VendorInvalid.Because("The address is none, or holds credentials.").At("url")
        : null;

    internal VendorRow Over(VendorRow row, MasterKey masterKey) => row with
    {
        Url = Url ?? row.Url, Repeats = Repeats ?? row.Repeats, ReportsUsage = ReportsUsage ?? row.ReportsUsage, TestMode = TestMode ?? row.TestMode, Enabled = Enabled ?? row.Enabled,
        Credentials = Credentials is null ? row.Credentials : Credentials.Length == 0 ? null : masterKey.Seal(VendorCall.SealPurpose, Credentials),
    };
}

/// <summary>Adds a vendor.</summary>
internal sealed class AddVendorHandler(VendorStore store, MasterKey masterKey, TimeProvider time)
{
    public async Task<Result<VendorView>> HandleAsync(Tx tx, VendorRequest request, Actor actor, CancellationToken cancellation)
    {
        if (request.Fault() is { } fault)
        {
            return fault;
        }

        if (request.Name is null || request.Url is null)
        {
            return KeyServerErrors.VendorInvalid.At(request.Name is null ? "name" : "url");
        }

        var row = request.Over(new VendorRow { Name = request.Name, Enabled = true }, masterKey);
        return await store.AddAsync(tx, row, actor.Name, time.GetUtcNow(), cancellation) is { } id
            ? VendorView.Of((await store.FindAsync(tx, id, cancellation))!)
            : KeyServerErrors.VendorTaken.Because($"There is a vendor {request.Name}.").At("name");
    }
}

/// <summary>Changes a vendor. May be repeated.</summary>
internal sealed class ChangeVendorHandler(VendorStore store, MasterKey masterKey, TimeProvider time)
{
    public async Task<Result<VendorView>> HandleAsync(Tx tx, string name, VendorRequest request, CancellationToken cancellation)
    {
        if (request.Fault() is { } fault)
        {
            return fault;
        }

        if (await store.FindAsync(tx, name, cancellation) is not { } row)
        {
            return KeyServerErrors.VendorUnknown.Because($"There is no vendor {name}.");
        }

        var changed = request.Over(row, masterKey);
        await store.SetAsync(tx, changed, time.GetUtcNow(), cancellation);
        return VendorView.Of(changed);
    }
}

internal static class VendorEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/vendors", (
            VendorRequest request, HttpContext http, WriteDoor door, AddVendorHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, request, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted)))
            .WithSummary("Add a vendor of third-party products")
            .WithDescription("Key types that name it in the price list get their license bodies from its endpoint.");

        routes.MapPost("/vendors/{name}", (
            string name, VendorRequest request, HttpContext http, WriteDoor door, ChangeVendorHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            door.WriteAsync(database, http, new { name, request }, (tx, _) => handler.HandleAsync(tx, name, request, http.RequestAborted)))
            .WithSummary("Change a vendor")
            .WithDescription("What is left out stays as it is.");

        routes.MapGet("/vendors", (int? limit, string? cursor, HttpContext http, VendorDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            database.ReadAsync(s => desk.ListAsync(s, PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
            .WithSummary("List vendors");
    }
}
