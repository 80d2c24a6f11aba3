using System.Globalization;

namespace Keygate.Issuers;

/// <summary>A key in the books of the simulated issuer.</summary>
internal sealed record BookedKey(
    string Number, string Trace, string KeyType, IReadOnlyList<string> Features, IReadOnlyList<BookedAddOn> AddOns, bool Lease, DateTimeOffset From, bool Terminated)
{
    /// <summary>The number of the next key; all prefixes share one sequence.</summary>
    public static string NextNumber(IEnumerable<BookedKey> keys) => string.Create(CultureInfo.InvariantCulture, $"SIM.{keys.Sum(k => 1 + k.AddOns.Count) + 1:00000000}.0000");
}

/// <summary>An additional key of it.</summary>
internal sealed record BookedAddOn(string Number, string KeyType, bool Terminated = false);
