using Keygate.Kernel;
using Keygate.KeyServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What the issuer's staff sees first.</summary>
/// <param name="Door">Where the Partner APIs are.</param>
/// <param name="Signing">The keys that sign now; a refusal where the signer is away.</param>
/// <param name="Stopped">Questions to vendors that wait for a person.</param>
/// <param name="Failed">Leases whose renewal failed today.</param>
/// <param name="MultiUse">Keys that several servers use side by side.</param>
/// <param name="Sweeps">The newest sweeps over due leases.</param>
/// <param name="PriceLists">The price lists.</param>
/// <param name="Newest">The newest keys.</param>
public sealed record IssuerModel(
    PartnerDoorView Door, Result<IReadOnlyList<SigningKeyView>> Signing, IReadOnlyList<VendorActView> Stopped, Page<DueKeyView> Failed, Page<MultiUseView> MultiUse,
    IReadOnlyList<RenewalSweepView> Sweeps, IReadOnlyList<PriceListHead> PriceLists, IReadOnlyList<KeyView> Newest);

/// <summary>Key Server: what needs somebody now, what signs, where partners come in.</summary>
internal static class IssuerScreen
{
    private const int Shown = 10;

    public static void Map(IEndpointRouteBuilder issuer) => issuer.MapGet("", ShowAsync);

    private static async Task<IResult> ShowAsync(HttpContext http, KeyDesk keys, VendorDesk vendors, SigningDesk signing, PriceListDesk priceLists)
    {
        var cancellation = http.RequestAborted;
        var (door, signs) = (await signing.DoorAsync(cancellation), await signing.ListAsync(cancellation));
        return await Issuer.ReadAsync(http, async s => Screens.Show<IssuerPage>(http, ("Model", new IssuerModel(
            door, signs,
            [.. (await vendors.ActsAsync(s, true, PageRequest.Of(PageRequest.LimitMax, null), cancellation)).Value.Items.Where(a => a.Work?.State == "stopped").Take(Shown)],
            (await keys.DueAsync(s, 0, true, PageRequest.Of(Shown, null), cancellation)).Value,
            (await keys.MultiUseAsync(s, KeyDesk.MultiUseDays, PageRequest.Of(Shown, null), cancellation)).Value,
            await keys.SweepsAsync(s, cancellation),
            await priceLists.ListAsync(s, cancellation),
            (await keys.ListAsync(s, null, null, PageRequest.Of(Shown, null), cancellation)).Value.Items))));
    }
}
