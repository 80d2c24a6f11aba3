using Keygate.Catalog;
using Keygate.Kernel;

namespace Keygate.Api.Billing.Kagate;

/// <summary>Which additional license class goes with which main one (reference 5.6).</summary>
internal sealed class AddOnMethods(AddAddOn add, ArchiveEntry archive) : IBillingMethods
{
    private static readonly BillingParameter Parent = BillingParameter.Text("parent", "keytype of the main license class", 100);
    private static readonly BillingParameter AddOn = BillingParameter.Text("addOn", "keytype of the additional license class", 100);

    public IEnumerable<BillingMethod> All =>
    [
        new(Kagate.Server, "KA_AddonAdd", "Says that an additional license class goes with a main one; puts the relation back where it was archived.", [Parent, AddOn], Kagate.Answer, AddAsync)
        {
            Changes = true, Notes = "Both classes must exist, the second one as *Is Additional*; a relation that is there already is refused.",
        },
        new(Kagate.Server, "KA_AddonMoveToArc", "Archives the relation of an additional license class to a main one.", [Parent, AddOn], Kagate.Answer, MoveToArcAsync)
        {
            Changes = true, Notes = "A relation that is not there, or is archived already, is refused.",
        },
    ];

    private async Task<Result<BillingAnswer>> AddAsync(BillingCall call, CancellationToken cancellation) => Kagate.Done(
        await add.HandleAsync(call.Tx, new AddAddOnRequest { Parent = call.Text("parent"), AddOn = call.Text("addOn") }, call.Actor, cancellation));

    private Task<Result<BillingAnswer>> MoveToArcAsync(BillingCall call, CancellationToken cancellation) =>
        Kagate.MoveToArcAsync(archive, call, CatalogKind.AddOn, $"{call.Text("parent")}/{call.Text("addOn")}", cancellation);
}
