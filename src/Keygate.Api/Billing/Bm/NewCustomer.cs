using Keygate.Accounts;

namespace Keygate.Api.Billing.Bm;

/// <summary>A customer in the words of the Billing API.</summary>
internal static class NewCustomer
{
    /// <summary>The parameters of an account, in their order.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning, int LengthMax, bool Optional)> Names =
    [
        ("CompanyName", "the company; empty for a person", 80, false), ("Address1", "first line of the address", 80, false), ("Address2", "second line", 80, false), ("City", "city", 40, false),
        ("State", "state or province", 80, false), ("Zip", "postal code", 10, false), ("CountryID", "two letters of ISO 3166", 2, false), ("PostalAddress", "another address for post", 1024, false),
        ("AdminFirstName", "first name", 30, false), ("AdminMiddleName", "middle name", 30, false), ("AdminLastName", "last name", 30, false), ("AdminEmail", "where mail goes to", 100, false),
        ("AdminPhCountryCode", "telephone: country", 4, true), ("AdminPhAreaCode", "area", 10, true), ("AdminPhNumber", "number", 20, true), ("AdminPhExtention", "extension", 10, true),
        ("AdminFaxCountryCode", "fax: country", 4, true), ("AdminFaxAreaCode", "area", 10, true), ("AdminFaxNumber", "number", 20, true), ("AdminFaxExtention", "extension", 10, true),
    ];

    /// <summary>The customer that these values describe; what is not given is empty.</summary>
    public static CreateCustomerRequest Of(Func<string, string> value)
    {
        var (company, first, last) = (value("CompanyName"), value("AdminFirstName"), value("AdminLastName"));
        return new CreateCustomerRequest
        {
            Name = company.Length > 0 ? company : $"{first} {last}".Trim(),
            Email = value("AdminEmail"),
            Contact = new CustomerContact
            {
                Company = company, Address1 = value("Address1"), Address2 = value("Address2"), City = value("City"), State = value("State"), Zip = value("Zip"), Country = value("CountryID"),
                PostalAddress = value("PostalAddress"), FirstName = first, MiddleName = value("AdminMiddleName"), LastName = last, Phone = Phone("AdminPh"), Fax = Phone("AdminFax"),
            },
        };

        PhoneNumber? Phone(string of)
        {
            var phone = new PhoneNumber(value($"{of}CountryCode"), value($"{of}AreaCode"), value($"{of}Number"), value($"{of}Extention"));
            return phone.Number.Length == 0 ? null : phone;
        }
    }
}
