using System.Globalization;
using Keygate.Catalog;
using Keygate.Kernel;

namespace Keygate.Api.Billing.Kagate;

/// <summary>What may be turned into what, and by which plan of the issuer (reference 5.6).</summary>
internal sealed class UpgradeMethods(AddUpgradeOption add, ArchiveEntry archive) : IBillingMethods
{
    private static readonly BillingParameter From = BillingParameter.Text("from", "keytype of the class or feature to start from", 100);
    private static readonly BillingParameter To = BillingParameter.Text("to", "keytype of the class or feature to end at", 100);

    public IEnumerable<BillingMethod> All =>
    [
        new(Kagate.Server, "KA_UpgradeAdd", "Adds an upgrade option between two classes or two features; puts it back, as it is given, where it was archived.",
            [
                From, To, BillingParameter.Text("upgradePlan", "the issuer's code of the conversion", 100), BillingParameter.Text("description", "what it is, for people", 1000),
                BillingParameter.Int("type", "1 upgrade, 2 downgrade"), BillingParameter.YesNo("enabled", "0 counts as if the option were missing"),
            ],
            Kagate.Answer, AddAsync) { Changes = true, Notes = "A feature is turned only into one of its own group: by an upgrade into one of the same or a higher sort number. An option that is there already is refused." },
        new(Kagate.Server, "KA_UpgradeMoveToArc", "Archives an upgrade option.", [From, To], Kagate.Answer, MoveToArcAsync)
        {
            Changes = true, Notes = "An option that is not there, or is archived already, is refused.",
        },
    ];

    private async Task<Result<BillingAnswer>> AddAsync(BillingCall call, CancellationToken cancellation) => call.Int("type") is 1 or 2
        ? Kagate.Done(await add.HandleAsync(
            call.Tx,
            new AddUpgradeOptionRequest
            {
                From = call.Text("from"), To = call.Text("to"), Plan = call.Text("upgradePlan"), Description = call.Text("description"),
                Type = call.Int("type") == 1 ? UpgradeType.Upgrade : UpgradeType.Downgrade, Enabled = call.YesNo("enabled"),
            },
            call.Actor, cancellation))
        : ApiErrors.BillingValueUnfit.Because($"type is {call.Int("type").ToString(CultureInfo.InvariantCulture)}; it must be 1 (upgrade) or 2 (downgrade).");

    private Task<Result<BillingAnswer>> MoveToArcAsync(BillingCall call, CancellationToken cancellation) =>
        Kagate.MoveToArcAsync(archive, call, CatalogKind.UpgradeOption, $"{call.Text("from")}/{call.Text("to")}", cancellation);
}
