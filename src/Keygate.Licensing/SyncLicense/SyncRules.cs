using System.Globalization;
using System.Text.Json.Serialization;
using Keygate.Plugins.Abstractions;

namespace Keygate.Licensing;

/// <summary>What differs between a license here and its key at the issuer.</summary>
public enum SyncField
{
    /// <summary>The issuer shows no such key.</summary>
    Key,

    /// <summary>Terminated, or suspended, on one side alone.</summary>
    State,

    /// <summary>The key type.</summary>
    KeyType,

    /// <summary>The features.</summary>
    Features,

    /// <summary>How it is paid.</summary>
    BillType,

    /// <summary>The revision of the key.</summary>
    Revision,

    /// <summary>First day without a valid license.</summary>
    ExpirationDate,

    /// <summary>First day on which a renewed file may be asked for.</summary>
    UpdateDate,

    /// <summary>An additional license that one of the two does not have.</summary>
    AdditionalLicense,
}

/// <summary>What can be done about a difference.</summary>
public enum SyncCure
{
    /// <summary>Take the issuer's.</summary>
    Take,

    /// <summary>Restore ours at the issuer.</summary>
    Restore,

    /// <summary>Leave it, with a reason, as long as the issuer has the same.</summary>
    Ignore,
}

/// <summary>One difference between a license here and its key at the issuer.</summary>
/// <param name="Field">What differs.</param>
/// <param name="Ours">What stands here.</param>
/// <param name="Theirs">What the issuer has.</param>
/// <param name="Sentence">The difference in one sentence.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Cures">What can be done about it from here.</param>
public sealed record SyncDifference(SyncField Field, string Ours, string Theirs, string Sentence, string Remedy, IReadOnlyList<SyncCure> Cures)
{
    /// <summary>Why it is ignored; null where it is not.</summary>
    public string? Ignored { get; init; }

    /// <summary>The key that it is about, where the license has several.</summary>
    [JsonIgnore]
    internal string Subject => Field == SyncField.AdditionalLicense ? $"{Field}/{(Theirs.Length > 0 ? Theirs : Ours)}" : Field.ToString();
}

/// <summary>A license in the comparison.</summary>
/// <param name="License">The license.</param>
/// <param name="Features">The features that it was ordered with.</param>
/// <param name="AddOns">Its additional licenses that have a key.</param>
/// <param name="Optional">Features that may be ordered for its class, of which the issuer has none from the start: one more there is a difference.</param>
internal sealed record Compared(License License, IReadOnlyList<string> Features, IReadOnlyList<License> AddOns, IReadOnlySet<string> Optional);

/// <summary>
/// Compares a license field by field with its key at the issuer. Only what the issuer tells is compared; dates are compared as dates, and of a purchase not at all, since it
/// has none but technical ones. Pure.
/// </summary>
internal static class SyncRules
{
    private const string TakeDates = "Take the issuer's: number and dates are taken over, and the present file is fetched and put in place.";

    private static readonly IReadOnlyList<SyncCure> TakeOrIgnore = [SyncCure.Take, SyncCure.Ignore], IgnoreOnly = [SyncCure.Ignore];

    /// <summary>What differs.</summary>
    public static IReadOnlyList<SyncDifference> Compare(Compared ours, ShownKey shown)
    {
        var license = ours.License;
        var theirs = shown.Issued;
        var found = new List<SyncDifference>();
        if (license.TerminatedAt is null && theirs.Terminated)
        {
            Add(SyncField.State, "live", "terminated", "State", license.BillType == Catalog.BillType.Lease ? TakeOrIgnore : IgnoreOnly,
                "Take it over: the license becomes Terminated here too, and its copy is removed by a task of its own.");
        }
        else if (license.TerminatedAt is not null && !theirs.Terminated)
        {
            Add(SyncField.State, "terminated", "live", "State", [SyncCure.Restore, SyncCure.Ignore], "Restore ours: the key is terminated at the issuer too, and costs nothing any more.");
        }
        else if (shown.Suspended && license.SuspendedAt is null)
        {
            Add(SyncField.State, "live", "suspended", "State", IgnoreOnly, "Ask the issuer why the key is suspended; it cannot be renewed or changed meanwhile.");
        }

        // Of what is over on both sides nothing else matters.
        if (license.TerminatedAt is not null && theirs.Terminated)
        {
            return found;
        }

        if (shown.KeyType.Length > 0 && license.KeyType.Length > 0 && !Same(shown.KeyType, license.KeyType))
        {
            Add(SyncField.KeyType, license.KeyType, shown.KeyType, "Key Type", TakeOrIgnore, "Take the issuer's, or have the key changed back there.");
        }

        var missing = ours.Features.Where(f => !shown.Features.Contains(f, StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();
        var more = shown.Features.Where(f => ours.Optional.Contains(f) && !ours.Features.Contains(f, StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();
        if (missing.Count + more.Count > 0)
        {
            Add(SyncField.Features, Listed(ours.Features), Listed(shown.Features), "Features", TakeOrIgnore,
                $"Take the issuer's, or restore ours there by an upgrade{(missing.Count > 0 ? $" that adds {Listed(missing)}" : $" that takes {Listed(more)} away")}.");
        }

        if (shown.BillType is { } bill && bill.ToString() != license.BillTypeName)
        {
            Add(SyncField.BillType, license.BillTypeName, bill.ToString(), "Billing Type", TakeOrIgnore, "Take the issuer's, or ask the issuer how the key is paid.");
        }

        // Of a purchase the revision moves with each refresh of its file, which the issuer does by itself.
        if (license.BillType == Catalog.BillType.Lease && RevisionOf(license.KeyNumber!) is { } revision && RevisionOf(theirs.KeyNumber) is { } other && revision != other)
        {
            Add(SyncField.Revision, license.KeyNumber!, theirs.KeyNumber, "Key Revision", TakeOrIgnore, TakeDates);
        }

        if (license.BillType == Catalog.BillType.Lease)
        {
            Date(SyncField.ExpirationDate, "Expiration Date", license.ExpirationDate, theirs.ExpirationDate);
            Date(SyncField.UpdateDate, "Update Date", license.UpdateDate, theirs.UpdateDate);
        }

        AddOns(ours, theirs, found);
        return found;

        void Add(SyncField field, string here, string there, string name, IReadOnlyList<SyncCure> cures, string remedy) => found.Add(new SyncDifference(
            field, here, there, $"Different {name} in Business Automation and in KA: {(here.Length == 0 ? "none" : here)} here, {(there.Length == 0 ? "none" : there)} there.", remedy, cures));

        void Date(SyncField field, string name, DateOnly? here, DateOnly? there)
        {
            if (there is not null && here != there)
            {
                Add(field, Day(here), Day(there), name, TakeOrIgnore, TakeDates);
            }
        }
    }

    /// <summary>The one difference of a key that the issuer does not show.</summary>
    public static SyncDifference Unknown(string keyNumber, string cause) => new(
        SyncField.Key, keyNumber, "", $"The key {keyNumber} is here and not in KA: {cause.TrimEnd('.')}.", "Check at the issuer whether the key belongs to another account; request a new license where it is lost.", IgnoreOnly);

    private static void AddOns(Compared ours, IssuedKey theirs, List<SyncDifference> found)
    {
        foreach (var key in theirs.AdditionalKeys.Where(k => !ours.AddOns.Any(a => Stem(a.KeyNumber!) == Stem(k.KeyNumber))))
        {
            var name = key.KeyType.Length > 0 ? $"{key.KeyNumber} ({key.KeyType})" : key.KeyNumber;
            found.Add(new SyncDifference(
                SyncField.AdditionalLicense, "", key.KeyNumber, $"Different Additional License in Business Automation and in KA: {name} is there and not here.",
                "Take it: it is stored here, shown as not ordered, and never installed by itself; or ignore it.", TakeOrIgnore));
        }

        foreach (var addOn in ours.AddOns.Where(a => a.TerminatedAt is null && !theirs.AdditionalKeys.Any(k => Stem(k.KeyNumber) == Stem(a.KeyNumber!))))
        {
            found.Add(new SyncDifference(
                SyncField.AdditionalLicense, addOn.KeyNumber!, "",
                string.Create(CultureInfo.InvariantCulture, $"Different Additional License in Business Automation and in KA: {addOn.KeyNumber} ({addOn.KeyType}), license {addOn.Id}, is here and not there."),
                "Have the additional key attached again at the issuer, or terminate it here.", IgnoreOnly));
        }
    }

    /// <summary>A key number without its revision.</summary>
    public static string Stem(string number) => number.Split('.') is [var prefix, var serial, ..] ? $"{prefix}.{serial}" : number;

    private static string? RevisionOf(string number) => number.Split('.') is [_, _, var revision] ? revision : null;

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string Listed(IEnumerable<string> features) => string.Join(", ", features.Order(StringComparer.Ordinal));

    private static string Day(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}
