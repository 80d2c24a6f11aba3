using Keygate.Catalog;

namespace Keygate.Licensing;

/// <summary>A change of a license as it is previewed and executed: what it is, what it becomes, and how.</summary>
/// <param name="License">The license.</param>
/// <param name="KeyNumber">Its key, with the revision from which the change starts.</param>
/// <param name="From">What it is made of.</param>
/// <param name="To">What it becomes.</param>
/// <param name="Acts">What is done, in order; empty for a replacement.</param>
/// <param name="Replaces">True where a new license is issued and installed before this one is terminated.</param>
public sealed record LicenseChange(LicenseId License, string KeyNumber, LicenseMake From, LicenseMake To, IReadOnlyList<ChangeAct> Acts, bool Replaces)
{
    /// <summary>What issuer and installer are asked, in order, one sentence each.</summary>
    public IReadOnlyList<string> Calls => Replaces
        ? [$"Issue a new key for {Shown(To)}", "Fetch its file and install it", $"Terminate {KeyNumber} and its additional keys, and remove their copies"]
        : [.. Acts.Select(Call), .. Acts.Any(a => a.Kind != ChangeActKind.EndAddOn) ? ["Fetch the changed file and put it in the place of the earlier one"] : Array.Empty<string>()];

    /// <summary>True where another change is the same for all that was agreed: a renewal meanwhile raises the revision and changes nothing else.</summary>
    public bool IsStill(LicenseChange now) =>
        now.From.Same(From) && now.To.Same(To) && LicenseStore.StemOf(now.KeyNumber) == LicenseStore.StemOf(KeyNumber) && (Replaces || (!now.Replaces && now.Acts.SequenceEqual(Acts)));

    private string Call(ChangeAct act) => act.Kind switch
    {
        ChangeActKind.Upgrade when act.From is null => $"Add {act.To} to {KeyNumber}",
        ChangeActKind.Upgrade => $"Upgrade {KeyNumber} from {act.From} to {act.To} by {act.Plan}",
        ChangeActKind.Downgrade when act.To is null => $"Take {act.From} out of {KeyNumber}",
        ChangeActKind.Downgrade => $"Downgrade {KeyNumber} from {act.From} to {act.To} by {act.Plan}",
        ChangeActKind.AddAddOn => $"Issue an additional key for {act.To} to {KeyNumber}",
        _ => $"Terminate the additional key of {act.From}, and remove its copy",
    };

    private static string Shown(LicenseMake make) => make.Features.Count + make.AddOns.Count == 0 ? make.KeyType : $"{make.KeyType} with {string.Join(", ", make.Features.Concat(make.AddOns))}";
}
