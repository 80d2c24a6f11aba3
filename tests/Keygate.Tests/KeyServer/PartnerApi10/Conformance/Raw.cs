using System.Security;
using System.Xml.Linq;

namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>Requests as text, written from the reference: nothing of our own XML-RPC library makes or reads them.</summary>
internal static class Raw
{
    /// <summary>An empty array; loosely typed clients send it for an empty struct too.</summary>
    public const string None = "<value><array><data/></array></value>";

    public static string Text(string text) => $"<value><string>{SecurityElement.Escape(text)}</string></value>";

    public static string Int(int number) => FormattableString.Invariant($"<value><int>{number}</int></value>");

    public static string Bool(bool flag) => $"<value><boolean>{(flag ? 1 : 0)}</boolean></value>";

    public static string Array(params string[] texts) => $"<value><array><data>{string.Concat(texts.Select(Text))}</data></array></value>";

    public static string Struct(params (string Name, string Value)[] members) =>
        $"<value><struct>{string.Concat(members.Select(m => $"<member><name>{m.Name}</name>{m.Value}</member>"))}</struct></value>";

    public static string Auth(string login, string password) => Struct(("login", Text(login)), ("password", Text(password)));

    public static string Ips(params string[] ips) => Struct(("ips", Array(ips)));

    public static string Call(string method, params IEnumerable<string> arguments) => CallOf($"partner10.{method}", arguments);

    public static string CallOf(string method, IEnumerable<string> arguments) =>
        $"""
        <?xml version="1.0"?>
        <methodCall><methodName>{method}</methodName><params>{string.Concat(arguments.Select(a => $"<param>{a}</param>"))}</params></methodCall>
        """;

    /// <summary>The members of the answer's struct; a fault reads as the code -1.</summary>
    public static RawAnswer Read(string xml)
    {
        var document = XDocument.Parse(xml);
        var members = document.Descendants("params").Elements("param").Elements("value").Elements("struct").Elements("member");
        return new RawAnswer(xml, members.ToDictionary(m => m.Element("name")!.Value, m => m.Element("value")!, StringComparer.Ordinal));
    }
}

/// <summary>An answer as it came over the wire.</summary>
internal sealed record RawAnswer(string Xml, IReadOnlyDictionary<string, XElement> Members)
{
    public int Code => Members.TryGetValue("resultCode", out var code) ? int.Parse(code.Value, System.Globalization.CultureInfo.InvariantCulture) : -1;

    public string Description => Members.TryGetValue("resultDesc", out var text) ? text.Value : Xml;

    public string this[string member] => Members.TryGetValue(member, out var value) ? value.Value : "";

    /// <summary>The texts of an array.</summary>
    public IReadOnlyList<string> List(string member) => [.. Members[member].Descendants("data").First().Elements("value").Select(v => v.Value)];
}
