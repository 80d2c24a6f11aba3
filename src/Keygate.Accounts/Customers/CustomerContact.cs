using Keygate.Kernel;

namespace Keygate.Accounts;

/// <summary>Address and person of a customer, as invoices and scripts ask for them; what is not known is empty.</summary>
public sealed record CustomerContact
{
    private const int LengthMax = 1024;

    /// <summary>The company; empty for a person.</summary>
    public string Company { get; init; } = "";

    /// <summary>First line of the address.</summary>
    public string Address1 { get; init; } = "";

    /// <summary>Second line of the address.</summary>
    public string Address2 { get; init; } = "";

    /// <summary>City.</summary>
    public string City { get; init; } = "";

    /// <summary>State or province.</summary>
    public string State { get; init; } = "";

    /// <summary>Postal code.</summary>
    public string Zip { get; init; } = "";

    /// <summary>Country, two letters of ISO 3166.</summary>
    public string Country { get; init; } = "";

    /// <summary>Where post goes to, where that is another address.</summary>
    public string PostalAddress { get; init; } = "";

    /// <summary>The person's first name.</summary>
    public string FirstName { get; init; } = "";

    /// <summary>The person's middle name.</summary>
    public string MiddleName { get; init; } = "";

    /// <summary>The person's last name.</summary>
    public string LastName { get; init; } = "";

    /// <summary>Telephone.</summary>
    public PhoneNumber? Phone { get; init; }

    /// <summary>Fax.</summary>
    public PhoneNumber? Fax { get; init; }

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<Error> Faults()
    {
        var faults = new List<Error>();
        foreach (var (field, value) in new[]
        {
            ("company", Company), ("address1", Address1), ("address2", Address2), ("city", City), ("state", State), ("zip", Zip), ("postalAddress", PostalAddress),
            ("firstName", FirstName), ("middleName", MiddleName), ("lastName", LastName), ("phone", $"{Phone}"), ("fax", $"{Fax}"),
        })
        {
            if (value.Length > LengthMax)
            {
                faults.Add(AccountsErrors.TextTooLong.Because($"{field} has {value.Length} characters; {LengthMax} are the most.").At($"contact.{field}"));
            }
        }

        if (Country.Length > 0 && (Country.Length != 2 || !Country.All(char.IsAsciiLetter)))
        {
            faults.Add(AccountsErrors.CountryInvalid.Because($"'{Country}' is no country's code.").At("contact.country"));
        }

        return faults;
    }
}

/// <summary>A telephone number in four parts.</summary>
/// <param name="Country">The country's code.</param>
/// <param name="Area">The area's code.</param>
/// <param name="Number">The number.</param>
/// <param name="Extension">The extension.</param>
public sealed record PhoneNumber(string Country, string Area, string Number, string Extension);
