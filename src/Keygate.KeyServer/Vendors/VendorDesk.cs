using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Vendors of third-party products, what they are asked, and what foreign Key Administrators have bought, as the issuer's staff works with them.</summary>
public sealed class VendorDesk : Desk
{
    internal VendorDesk(IServiceProvider room)
        : base(room)
    {
    }

    /// <summary>Vendors by number.</summary>
    public Task<Result<Page<VendorView>>> ListAsync(Session session, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync("vendors", (after, rows) => Get<VendorStore>().ListAsync(session, after, rows, cancellation), v => v.Id.Value, VendorView.Of);

    /// <summary>Adds a vendor.</summary>
    public Task<Result<VendorView>> AddAsync(Tx tx, VendorRequest request, Actor actor, CancellationToken cancellation) => Get<AddVendorHandler>().HandleAsync(tx, request, actor, cancellation);

    /// <summary>Changes a vendor; what is null stays as it is.</summary>
    public Task<Result<VendorView>> ChangeAsync(Tx tx, string name, VendorRequest request, CancellationToken cancellation) => Get<ChangeVendorHandler>().HandleAsync(tx, name, request, cancellation);

    /// <summary>What vendors are asked, the newest first.</summary>
    public async Task<Result<Page<VendorActView>>> ActsAsync(Session session, bool openOnly, PageRequest page, CancellationToken cancellation)
    {
        var read = await page.NewestFirstAsync(
            $"vendor-acts {openOnly}", (before, rows) => Get<VendorStore>().ActsAsync(session, openOnly, Math.Min(before, int.MaxValue), rows, cancellation), a => a.Id.Value, a => a);
        if (!read.TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        var views = new List<VendorActView>();
        foreach (var act in found.Items)
        {
            views.Add(await Get<EndVendorActHandler>().ViewAsync(session, act, cancellation));
        }

        return new Page<VendorActView>(views, found.Next);
    }

    /// <summary>A person's word on what became of a question.</summary>
    public Task<Result<VendorActView>> SayAsync(Tx tx, VendorActId id, VendorWordRequest request, CancellationToken cancellation) =>
        Get<EndVendorActHandler>().HandleAsync(tx, id, request, cancellation);

    /// <summary>What foreign Key Administrators have bought, the newest first.</summary>
    public Task<Result<Page<PurchaseView>>> PurchasesAsync(Session session, PageRequest page, CancellationToken cancellation) =>
        page.NewestFirstAsync("purchases   ", (before, rows) => Get<PurchaseStore>().PageAsync(session, null, null, null, before, rows, cancellation), p => p.Id.Value, PurchaseView.Of);
}
