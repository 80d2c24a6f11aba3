using System.Globalization;
using System.Net;
using System.Text;
using Keygate.Kernel;
using Microsoft.AspNetCore.Http;

namespace Keygate.KeyServer;

/// <summary>What a foreign Key Administrator asks of us as its vendor: the form of the ISV protocol, read.</summary>
internal sealed record VendorQuestion
{
    private const int PurchaseMax = 32, ProductMax = 64, RegistrantMax = 100, WordMax = 255, WordsMax = 100;
    private const string DateForm = "dd/MM/yyyy";

    /// <summary>PURCHASE, RENEW, UPGRADE, TERMINATE or GET-INFO.</summary>
    public required string Action { get; init; }

    /// <summary>The number that the administrator gave its own key.</summary>
    public required string Purchase { get; init; }

    /// <summary>The product: a key type of the price list; empty where the question needs none.</summary>
    public required string Product { get; init; }

    /// <summary>True for a test order, which nobody pays.</summary>
    public required bool Test { get; init; }

    public required string Registrant { get; init; }

    /// <summary>Addresses among the activation data, in the one spelling that they are stored in.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>The first of the activation data that is no address: a hardware id, or what names an instance.</summary>
    public required string? Machine { get; init; }

    /// <summary>What the administrator has of us, as it came; null where it sent nothing.</summary>
    public required string? Previous { get; init; }

    /// <summary>Until when its own key lasts after what it asks for; null where it does not say.</summary>
    public required DateOnly? Expiry { get; init; }

    /// <summary>The previous body's octets, as the two ways of sending it have them: as it is, and in base64.</summary>
    public IEnumerable<byte[]> PreviousBodies()
    {
        if (Previous is not null)
        {
            yield return Encoding.UTF8.GetBytes(Previous);
            var octets = new byte[Previous.Length];
            if (Convert.TryFromBase64String(Previous, octets, out var length))
            {
                yield return octets[..length];
            }
        }
    }

    /// <summary>Reads the form: unknown fields are passed over, their order means nothing, and all faults come at once.</summary>
    public static Result<VendorQuestion> Of(IFormCollection form)
    {
        var faults = new List<Error>();
        string Text(string field, int max, bool needed)
        {
            var text = form[field].ToString().Trim();
            if (text.Length > max || text.Any(char.IsControl) || (needed && text.Length == 0))
            {
                faults.Add(KeyServerErrors.VendorQuestionInvalid.Because(text.Length == 0 ? $"{field} is missing." : $"{field} has more than {max} characters, or control characters.").At(field));
            }

            return text;
        }

        DateOnly? Date(string field)
        {
            // The published examples write the date with backslashes, and the table beside them with slashes.
            var text = Text(field, DateForm.Length, needed: false).Replace('\\', '/');
            if (text.Length == 0)
            {
                return null;
            }

            if (DateOnly.TryParseExact(text, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                return date;
            }

            faults.Add(KeyServerErrors.VendorQuestionInvalid.Because($"{field} is no date of the form DD/MM/YYYY.").At(field));
            return null;
        }

        var action = Text("APS_ACTION", 30, needed: true).ToUpperInvariant();
        if (action.Length > 0 && action is not ("PURCHASE" or "RENEW" or "UPGRADE" or "TERMINATE" or "GET-INFO"))
        {
            faults.Add(KeyServerErrors.VendorQuestionInvalid.Because("APS_ACTION is none of PURCHASE, RENEW, UPGRADE, TERMINATE and GET-INFO.").At("APS_ACTION"));
        }

        var words = form["ACTIVATION_DATA"].ToString().Split([' ', '\t', '\r', '\n', ',', ';'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > WordsMax || words.Any(w => w.Length > WordMax || w.Any(char.IsControl)))
        {
            faults.Add(KeyServerErrors.VendorQuestionInvalid.Because("ACTIVATION_DATA holds more than 100 words, or one of more than 255 characters.").At("ACTIVATION_DATA"));
        }

        var question = new VendorQuestion
        {
            Action = action,
            Purchase = Text("PURCHASE_ID", PurchaseMax, needed: true),
            Product = Text("PRODUCT_ID", ProductMax, needed: action is "PURCHASE" or "UPGRADE"),
            Test = Text("APS_TEST_MODE", 1, needed: false).Equals("Y", StringComparison.OrdinalIgnoreCase),
            Registrant = Text("REG_NAME", RegistrantMax, needed: false),
            Addresses = [.. words.Where(w => IPAddress.TryParse(w, out _)).Select(w => IPAddress.Parse(w).ToString()).Distinct(StringComparer.Ordinal)],
            Machine = words.FirstOrDefault(w => !IPAddress.TryParse(w, out _)),
            Previous = form["PREVIOUS_LICENSE_BODY"].ToString() is { Length: > 0 } previous ? previous : null,
            Expiry = Date("EXPIRY_DATE"),
        };
        return Error.Of(faults) is { } fault ? fault : question;
    }
}
