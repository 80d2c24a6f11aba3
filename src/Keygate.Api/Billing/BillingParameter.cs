namespace Keygate.Api.Billing;

/// <summary>What a parameter of a method must be.</summary>
internal enum BillingType
{
    /// <summary>A whole number of 32 bits; digits in a string are taken as well.</summary>
    Int,

    /// <summary>A number with decimals, such as an amount in the vendor's currency.</summary>
    Double,

    /// <summary>A text; blanks at its end do not count. A number is taken as its digits.</summary>
    Text,

    /// <summary>1 or 0.</summary>
    YesNo,
}

/// <summary>A parameter of a method, by its position.</summary>
/// <param name="Name">What the reference calls it.</param>
/// <param name="Type">What it must be.</param>
/// <param name="Meaning">What it says, in a few words.</param>
internal sealed record BillingParameter(string Name, BillingType Type, string Meaning)
{
    /// <summary>The most characters of a text.</summary>
    public int LengthMax { get; init; } = 1000;

    /// <summary>True where it may be left out; only at the end of the list.</summary>
    public bool Optional { get; init; }

    /// <summary>True where its value must not reach a log.</summary>
    public bool Secret { get; init; }

    /// <summary>What it is called in messages and in the reference page.</summary>
    public string TypeName => Type switch
    {
        BillingType.Int => "int",
        BillingType.Double => "double",
        BillingType.Text => $"string({LengthMax})",
        BillingType.YesNo => "int 1/0",
        _ => throw new InvalidOperationException($"There is no type {Type}."),
    };

    public static BillingParameter Int(string name, string meaning) => new(name, BillingType.Int, meaning);

    public static BillingParameter Text(string name, string meaning, int lengthMax = 1000) => new(name, BillingType.Text, meaning) { LengthMax = lengthMax };

    public static BillingParameter YesNo(string name, string meaning) => new(name, BillingType.YesNo, meaning);

    public static BillingParameter Double(string name, string meaning) => new(name, BillingType.Double, meaning);

    /// <summary>The column to sort by, which lists of the reference end with.</summary>
    public static BillingParameter SortNo { get; } = Int("SortNo", "1-based column to sort by, negative for descending, -1 for any order") with { Optional = true };

    /// <summary>The seller's account, which is always the provider's.</summary>
    public static BillingParameter Vendor { get; } = Int("VendorAccountID", "the seller: 1, the provider");
}
