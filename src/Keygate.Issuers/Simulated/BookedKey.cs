using System.Globalization;

namespace Keygate.Issuers;

/// <summary>A key in the books of the simulated issuer.</summary>
internal sealed record BookedKey(
    string Number, string Trace, string KeyType, IReadOnlyList<string> Features, IReadOnlyList<BookedAddOn> AddOns, bool Lease, DateTimeOffset From, bool Terminated)
{
    /// <summary>Months of a lease that were paid after the first; 0 in books that knew no renewals.</summary>
    public int Renewals { get; init; }

    /// <summary>True while it is not valid.</summary>
    public bool Suspended { get; init; }

    /// <summary>How often it was changed: its revision.</summary>
    public int Revision { get; init; }

    /// <summary>The number with the present revision.</summary>
    public string Present => string.Create(CultureInfo.InvariantCulture, $"{Stem(Number)}.{Revision:0000}");

    /// <summary>The end of the last month that is paid, counted from the day of creation.</summary>
    public DateOnly UpdateDate => Start.AddMonths(1 + Renewals);

    private DateOnly Start => DateOnly.FromDateTime(From.UtcDateTime);

    /// <summary>The same key one month on; one that has lain expired begins again at the first month that lies ahead.</summary>
    public BookedKey Renewed(DateOnly today)
    {
        var renewals = Renewals + 1;
        while (Start.AddMonths(1 + renewals) <= today)
        {
            renewals++;
        }

        return this with { Renewals = renewals, Revision = Revision + 1 };
    }

    /// <summary>A number without its revision.</summary>
    public static string Stem(string number) => number.Split('.') is [var prefix, var serial, ..] ? $"{prefix}.{serial}" : number;

    /// <summary>The number of the next key; all prefixes share one sequence.</summary>
    public static string NextNumber(IEnumerable<BookedKey> keys) => string.Create(CultureInfo.InvariantCulture, $"SIM.{keys.Sum(k => 1 + k.AddOns.Count) + 1:00000000}.0000");
}

/// <summary>An additional key of it.</summary>
internal sealed record BookedAddOn(string Number, string KeyType, bool Terminated = false, bool Suspended = false);
