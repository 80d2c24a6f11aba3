using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>The structs ClientInfo and ClientSearchInfo, reference 4.7 and 4.8. Unknown members are ignored.</summary>
internal static class ClientInfoWire
{
    /// <summary>A ClientInfo; the first member that is missing, too long or malformed gives its code.</summary>
    public static Result<NewClient> Read(XmlRpcValue value)
    {
        if (!value.TryToStruct(out var members))
        {
            return KeyServerErrors.ParametersMalformed.Because("ClientInfo is no struct.").Mend("Send a struct with the members of ClientInfo.");
        }

        var client = new NewClient
        {
            Login = Text(members, "login"), Password = Text(members, "password"), FirstName = Text(members, "firstName"), LastName = Text(members, "lastName"),
            Company = Text(members, "company"), Address = Text(members, "address"), Email = Text(members, "email"), Phone = Text(members, "phone"),
            Fax = Text(members, "fax"), City = Text(members, "city"), Zip = Text(members, "zip"), State = Text(members, "state"), Country = Text(members, "country"),
            Language = Text(members, "language"), EmailLanguage = Text(members, "email_language"),
        };
        return ClientRules.Fault(client) is { } fault ? fault : client;
    }

    /// <summary>A ClientSearchInfo: at least one text, none over-long.</summary>
    public static Result<ClientSearch> ReadSearch(XmlRpcValue value)
    {
        if (!value.TryToStruct(out var members))
        {
            return KeyServerErrors.SearchEmpty;
        }

        var (first, last, company, email, number) =
            (Text(members, "firstName"), Text(members, "lastName"), Text(members, "companyName"), Text(members, "email"), Text(members, "keyNumber"));
        if (number.Length > 0 && !KeyName.TryParse(number, out _))
        {
            return KeyServerErrors.KeyNumberMalformed;
        }

        var over = first.Length > ClientRules.NameMax ? KeyServerErrors.FirstNameLong
            : last.Length > ClientRules.NameMax ? KeyServerErrors.LastNameLong
            : company.Length > ClientRules.NameMax ? KeyServerErrors.CompanyNameLong
            : email.Length > ClientRules.EmailMax ? KeyServerErrors.EmailLong
            : null;
        if (over is not null)
        {
            return over;
        }

        return first.Length + last.Length + company.Length + email.Length + number.Length == 0
            ? KeyServerErrors.SearchEmpty
            : new ClientSearch(first, last, company, email, KeyName.TryParse(number, out var name) ? name : null);
    }

    // What is no text reads as one that no rule lets through.
    private static string Text(XmlRpcStruct members, string name)
    {
        var value = members.GetOrNil(name);
        return value.IsNil ? "" : value.TryToText(out var text) ? text.Trim() : "\0";
    }
}
