using Keygate.Catalog;
using Keygate.Kernel;

namespace Keygate.Api.Billing.Kagate;

/// <summary>Groups of features that exclude each other (reference 5.6).</summary>
internal sealed class FeatureGroupMethods(AddFeatureGroup add, ArchiveEntry archive) : IBillingMethods
{
    private static readonly BillingParameter Id = BillingParameter.Text("id", "the group's identifier", 100);

    public IEnumerable<BillingMethod> All =>
    [
        new(Kagate.Server, "KA_FeatureGroupAdd", "Adds a feature group; puts it back, as it is given, where it was archived.",
            [Id, BillingParameter.Text("description", "its name for people", 250), BillingParameter.Int("sortNumber", "its place among the groups, 0 or more"), BillingParameter.YesNo("mandatory", "1 where a license must have one of its features")],
            Kagate.Answer, AddAsync) { Changes = true, Notes = "A group that is there already is refused." },
        new(Kagate.Server, "KA_FeatureGroupMoveToArc", "Archives a feature group.", [Id], Kagate.Answer, MoveToArcAsync)
        {
            Changes = true, Notes = "Refused while features are in the group: the fault names them. A group that is not there, or is archived already, is refused.",
        },
    ];

    private async Task<Result<BillingAnswer>> AddAsync(BillingCall call, CancellationToken cancellation) => Kagate.Done(await add.HandleAsync(
        call.Tx,
        new AddFeatureGroupRequest { Id = call.Text("id"), Description = call.Text("description"), Sort = call.Int("sortNumber"), Mandatory = call.YesNo("mandatory") }, call.Actor, cancellation));

    private Task<Result<BillingAnswer>> MoveToArcAsync(BillingCall call, CancellationToken cancellation) =>
        Kagate.MoveToArcAsync(archive, call, CatalogKind.FeatureGroup, call.Text("id"), cancellation);
}
