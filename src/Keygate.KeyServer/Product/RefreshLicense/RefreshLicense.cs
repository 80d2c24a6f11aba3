using System.Net;
using System.Security.Cryptography;
using System.Text;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>What a product sends to refresh its license.</summary>
public sealed record RefreshLicenseRequest
{
    /// <summary>The key's number, with or without revision.</summary>
    public string? KeyNumber { get; init; }

    /// <summary>The update ticket that stands in its license.</summary>
    public string? UpdateTicket { get; init; }

    /// <summary>True for a token, false for a file.</summary>
    public bool Token { get; init; }

    /// <summary>What tells this installation from others; at most 255 characters. Without it the addresses do.</summary>
    public string? Instance { get; init; }

    /// <summary>The addresses that the product runs on, at most 100.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The product's version.</summary>
    public string? ProductVersion { get; init; }

    /// <summary>How much the product is used.</summary>
    public ProductUsage? Usage { get; init; }
}

/// <summary>How much a product is used.</summary>
/// <param name="Resellers">Reseller accounts.</param>
/// <param name="Clients">Client accounts.</param>
/// <param name="Domains">Domains.</param>
public sealed record ProductUsage(int Resellers, int Clients, int Domains);

/// <summary>
/// Gives a product its license anew. From the update date on a key moves on by one term, under the next revision, while it and its client are in good
/// standing; before, the product gets the present revision. May be repeated: what has moved on is not due again.
/// </summary>
internal sealed class RefreshLicenseHandler(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeyStore keys, ClientStore clients, KeyRefresh refresh, SightingStore sightings, LicenseFileMaker files,
    VendorActs vendors, PurchaseStore purchases, TimeProvider time)
{
    private const int TextMax = 255, AddressesMax = 100, CountMax = 100_000_000;

    public async Task<Result<SignedLicenseView>> HandleAsync(RefreshLicenseRequest request, CancellationToken cancellation)
    {
        if (Fault(request) is { } fault)
        {
            return fault;
        }

        if (!KeyName.TryParse(request.KeyNumber!, out var name) || name.Number is null)
        {
            return KeyServerErrors.KeyNumberMalformed.At("keyNumber");
        }

        var moved = await database.WriteAsync<Result<KeyRow>>(async tx =>
        {
            var key = await keys.HoldAsync(tx, name, cancellation);

            // An unknown number and a wrong ticket look alike: numbers can be counted through.
            if (key is null || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key.UpdateTicket), Encoding.UTF8.GetBytes(request.UpdateTicket!)))
            {
                return KeyServerErrors.TicketRejected;
            }

            await ReportAsync(tx, key, request, cancellation);
            return key;
        }, cancellation);
        if (!moved.TryGet(out var row, out var refusal))
        {
            return refusal;
        }

        // What was reported stays, whether the license moves on or not.
        moved = await database.WriteAsync(tx => MoveAsync(tx, name, cancellation), cancellation);
        if (!moved.TryGet(out row, out refusal))
        {
            return refusal;
        }

        var form = request.Token ? SignedForm.Token : SignedForm.File;
        return (await files.MakeAsync(row, form, cancellation)).Map(made => DownloadKeyEndpoint.View(made, form));
    }

    private async Task<Result<KeyRow>> MoveAsync(Tx tx, KeyName name, CancellationToken cancellation)
    {
        var key = (await keys.HoldAsync(tx, name, cancellation))!;
        if (KeyAccess.Changeable(key) is { } refused)
        {
            return refused;
        }

        if (key.WaitsForActivation)
        {
            return KeyServerErrors.KeyNotActivated.Because($"{key.Number} is not activated.");
        }

        // What a foreign Key Administrator has bought, it prolongs, and its products get the next file from there.
        if (key.UpdateDate > time.Utc() || await purchases.IsBoughtAsync(tx, key.Id, cancellation))
        {
            return key;
        }

        if ((await clients.FindAsync(tx, key.ClientId, cancellation))?.Problem == true)
        {
            return KeyServerErrors.ClientIsProblem;
        }

        if (key is not { VendorId: not null, Billing: BillingType.Lease })
        {
            return await refresh.NextAsync(tx, key, RenewalActs.ByProduct, new KeyCaller("product", null), cancellation);
        }

        // The product gets what there is, and comes again; meanwhile the vendor is asked, once.
        var asked = await vendors.RenewAsync(tx, key, RenewalActs.ByProduct, "product", automatic: true, cancellation);
        return asked.Error?.Code == KeyServerErrors.VendorBusy.Code ? key : asked;
    }

    private async Task ReportAsync(Tx tx, KeyRow key, RefreshLicenseRequest request, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        IReadOnlyList<string> addresses = [.. request.Addresses.Select(a => IPAddress.Parse(a).ToString()).Distinct().Order(StringComparer.Ordinal)];
        var listed = string.Join(", ", addresses);
        var server = request.Instance?.Trim() is { Length: > 0 } instance ? instance : listed;
        if (server.Length > 0)
        {
            await sightings.SawAsync(tx, key.Id, server, listed, request.ProductVersion ?? "", now, cancellation);
        }

        if (request.Usage is { } usage)
        {
            await keys.SetUsageAsync(tx, key.Id, new UsageRow
            {
                Resellers = usage.Resellers, Clients = usage.Clients, Domains = usage.Domains, Addresses = listed, ProductVersion = request.ProductVersion ?? "", ReportedAt = now,
            }, addresses, null, cancellation);
        }
    }

    private static Error? Fault(RefreshLicenseRequest request)
    {
        var faults = new List<Error>();
        void Check(bool isRight, string field, string detail)
        {
            if (!isRight)
            {
                faults.Add(KeyServerErrors.ProductRequestInvalid.Because(detail).At(field));
            }
        }

        Check(request.KeyNumber is { Length: > 0 and <= TextMax }, "keyNumber", "The key's number is missing.");
        Check(request.UpdateTicket is { Length: > 0 and <= TextMax }, "updateTicket", "The update ticket is missing.");
        Check(IsText(request.Instance), "instance", "The instance has more than 255 characters, or control characters.");
        Check(IsText(request.ProductVersion), "productVersion", "The product's version has more than 255 characters, or control characters.");
        Check(request.Addresses is { Count: <= AddressesMax } && request.Addresses.All(a => a is { Length: <= 45 } && IPAddress.TryParse(a, out _)), "addresses",
            "An address is no IP address, or there are more than 100.");
        Check(request.Usage is not { } u || new[] { u.Resellers, u.Clients, u.Domains }.All(n => n is >= 0 and <= CountMax), "usage", "A count is negative or too large.");
        return Error.Of(faults);
    }

    private static bool IsText(string? text) => text is null || (text.Length <= TextMax && !text.Any(char.IsControl));
}
