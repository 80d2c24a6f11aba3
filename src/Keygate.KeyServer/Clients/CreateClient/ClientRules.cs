using System.Net.Mail;
using System.Text.RegularExpressions;
using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>A client's account as a partner orders it; what is empty was not given.</summary>
internal sealed record NewClient
{
    public string Login { get; init; } = "";

    public string Password { get; init; } = "";

    public string FirstName { get; init; } = "";

    public string LastName { get; init; } = "";

    public string Company { get; init; } = "";

    public string Address { get; init; } = "";

    public string Email { get; init; } = "";

    public string Phone { get; init; } = "";

    public string Fax { get; init; } = "";

    public string City { get; init; } = "";

    public string Zip { get; init; } = "";

    public string State { get; init; } = "";

    public string Country { get; init; } = "";

    public string Language { get; init; } = "";

    public string EmailLanguage { get; init; } = "";

    /// <summary>Shows nothing of the password.</summary>
    public override string ToString() => $"{Login} {Company} (***)";
}

/// <summary>What a client's account may hold, in the order of the fields' codes; the first fault wins.</summary>
internal static partial class ClientRules
{
    public const int NameMax = 64, EmailMax = 256;

    private const int LoginMax = 32, PasswordMax = 32, AddressMax = 256, PhoneMax = 128, ZipMax = 16, StateMax = 32;

    public static Error? Fault(NewClient given) => FaultOf(given with { Country = given.Country.ToUpperInvariant() });

    private static Error? FaultOf(NewClient client) =>
        client.Login.Length > 0 && !(client.Login.Length <= LoginMax && ClientName.IsLogin(client.Login)) ? KeyServerErrors.ClientLoginMalformed
        : client.Password.Length > 0 && !IsLine(client.Password, PasswordMax) ? KeyServerErrors.ClientPasswordMalformed
        : !IsLine(client.FirstName, NameMax) ? KeyServerErrors.ClientFirstNameMalformed
        : !IsLine(client.LastName, NameMax) ? KeyServerErrors.ClientLastNameMalformed
        : !IsLine(client.Company, NameMax) ? KeyServerErrors.ClientCompanyMalformed
        : !IsLine(client.Address.ReplaceLineEndings(" "), AddressMax) ? KeyServerErrors.ClientAddressMalformed
        : !IsEmail(client.Email) ? KeyServerErrors.EmailMalformed
        : !IsLine(client.Phone, PhoneMax) ? KeyServerErrors.ClientPhoneMalformed
        : client.Fax.Length > 0 && !IsLine(client.Fax, PhoneMax) ? KeyServerErrors.ClientFaxMalformed
        : !IsLine(client.City, NameMax) ? KeyServerErrors.ClientCityMalformed
        : !(client.Country == "US" ? AmericanZip().IsMatch(client.Zip) : IsLine(client.Zip, ZipMax)) ? KeyServerErrors.ClientZipMalformed
        : !(client.Country is "US" or "CA" ? TwoLetters().IsMatch(client.State) : IsLine(client.State, StateMax)) ? KeyServerErrors.ClientStateMalformed
        : !TwoLetters().IsMatch(client.Country) ? KeyServerErrors.ClientCountryMalformed
        : (client.Language.Length > 0 && !TwoLetters().IsMatch(client.Language)) || (client.EmailLanguage.Length > 0 && !TwoLetters().IsMatch(client.EmailLanguage))
            ? KeyServerErrors.ClientLanguageMalformed
        : null;

    /// <summary>True for one address, without a name around it.</summary>
    public static bool IsEmail(string text) =>
        text.Length <= EmailMax && !text.Any(char.IsControl) && MailAddress.TryCreate(text, out var address) && address.Address == text;

    private static bool IsLine(string text, int max) => text.Length > 0 && text.Length <= max && !text.Any(char.IsControl);

    [GeneratedRegex(@"^[0-9]{5}(-[0-9]{4})?\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AmericanZip();

    [GeneratedRegex(@"^[A-Za-z]{2}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TwoLetters();
}
