using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Orders.Storage;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Orders;

/// <summary>Who issues invoices, and the tax that prices contain.</summary>
public sealed record Invoicing
{
    private const int BasisPointsMax = 10_000;

    /// <summary>Name and address of the seller.</summary>
    public string Seller { get; init; } = "";

    /// <summary>The seller's tax number.</summary>
    public string TaxId { get; init; } = "";

    /// <summary>The rate of the tax that all prices contain, in hundredths of a percent: 1900 for 19 %.</summary>
    public int TaxBasisPoints { get; init; }

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<Error> Faults()
    {
        var faults = new[] { Texts.Text(Seller, "seller"), Texts.Text(TaxId, "taxId") }.OfType<Error>().ToList();
        if (TaxBasisPoints is < 0 or > BasisPointsMax)
        {
            faults.Add(OrdersErrors.TaxInvalid.Because($"{TaxBasisPoints} is not between 0 and {BasisPointsMax}.").At("taxBasisPoints"));
        }

        return faults;
    }
}

/// <summary>Sets who issues invoices and the tax; what was issued stays as it is.</summary>
public sealed class SetInvoicing
{
    private readonly InvoiceStore _invoices;
    private readonly Audit _audit;

    internal SetInvoicing(InvoiceStore invoices, Audit audit) => (_invoices, _audit) = (invoices, audit);

    /// <summary>What is set; the defaults where nothing was.</summary>
    public async Task<Result<Invoicing>> ShowAsync(Session session, CancellationToken cancellation) => await _invoices.SettingsAsync(session, cancellation);

    /// <summary>Refused with all faults at once.</summary>
    public async Task<Result<Invoicing>> HandleAsync(Tx tx, Invoicing settings, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(settings.Faults()) is { } fault)
        {
            return fault;
        }

        await _invoices.SetAsync(tx, settings, cancellation);
        await _audit.AddAsync(tx, actor, "invoicing.set", "invoicing", Json.Write(settings), cancellation);
        return settings;
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/invoicing", (HttpContext http, Database database, SetInvoicing handler) => database.ReadAsync(s => handler.ShowAsync(s, http.RequestAborted), http.RequestAborted))
            .WithName("ShowInvoicing").WithTags("Invoices").WithSummary("Who issues invoices, and the tax that prices contain.");
        routes.MapPut("/invoicing", (Invoicing settings, HttpContext http, WriteDoor door, SetInvoicing handler) =>
            door.WriteAsync(http, settings, (tx, actor) => handler.HandleAsync(tx, settings, actor, http.RequestAborted)))
            .WithName("SetInvoicing").WithTags("Invoices").WithSummary("Set who issues invoices, and the tax that prices contain.");
    }
}
