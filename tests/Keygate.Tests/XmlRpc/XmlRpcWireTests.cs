using System.Text;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

/// <summary>The wire forms of real clients, as raw text.</summary>
public sealed class XmlRpcWireTests
{
    /// <summary>What Python 3.11's <c>xmlrpc.client.dumps</c> sends.</summary>
    private const string Python = """
        <?xml version='1.0'?>
        <methodCall>
        <methodName>partner10.createKey</methodName>
        <params>
        <param>
        <value><struct>
        <member>
        <name>login</name>
        <value><string>northwind-api</string></value>
        </member>
        <member>
        <name>password</name>
        <value><string>s3&lt;cr&amp;t</string></value>
        </member>
        </struct></value>
        </param>
        <param>
        <value><array><data>
        <value><int>-42</int></value>
        <value><boolean>1</boolean></value>
        <value><double>1.5</double></value>
        <value><dateTime.iso8601>20260418T00:00:00</dateTime.iso8601></value>
        <value><base64>
        aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29y
        bGQ=
        </base64></value>
        <value><nil/></value></data></array></value>
        </param>
        </params>
        </methodCall>

        """;

    [Fact]
    public void Reads_what_Python_sends()
    {
        var request = Request(Python);

        request.Method.ShouldBe("partner10.createKey");
        request.Parameters.Count.ShouldBe(2);
        request.Parameters[0].AsStruct()["password"].AsString().ShouldBe("s3<cr&t");
        var items = request.Parameters[1].AsArray();
        items[0].AsInt().ShouldBe(-42);
        items[1].AsBoolean().ShouldBeTrue();
        items[2].AsDouble().ShouldBe(1.5);
        items[3].AsDateTime().ShouldBe(new DateTime(2026, 4, 18, 0, 0, 0, DateTimeKind.Unspecified));
        Encoding.ASCII.GetString(items[4].AsBytes().Span).ShouldBe("hello world hello world hello world hello world hello world");
        items[5].IsNil.ShouldBeTrue();
    }

    [Fact]
    public void Reads_the_pretty_printed_example_of_the_reference()
    {
        var request = Request("""
            <?xml version="1.0"?>
            <methodCall>
              <methodName>partner10.createKey</methodName>
              <params>
                <param><value><struct>
                  <member><name>ips</name><value><array><data><value><string>198.51.100.24</string></value></data></array></value></member>
                  <member><name>macs</name><value><array><data/></array></value></member>
                </struct></value></param>
                <param><value>untyped  text </value></param>
                <param><value><i4>7</i4></value></param>
                <param><value><i8>5000000000</i8></value></param>
              </params>
            </methodCall>
            """);

        var address = request.Parameters[0].AsStruct();
        address["ips"].AsArray()[0].AsString().ShouldBe("198.51.100.24");
        address["macs"].AsArray().Count.ShouldBe(0);
        request.Parameters[1].AsString().ShouldBe("untyped  text ");
        request.Parameters[2].AsInt().ShouldBe(7);
        request.Parameters[3].AsLong().ShouldBe(5_000_000_000);
    }

    [Theory]
    [InlineData("<value/>", "")]
    [InlineData("<value></value>", "")]
    [InlineData("<value><string/></value>", "")]
    [InlineData("<value> </value>", " ")]
    [InlineData("<value>a&amp;b&#65;&#x42;&lt;&gt;&quot;&apos;</value>", "a&bAB<>\"'")]
    [InlineData("<value><![CDATA[<b>&amp;]]></value>", "<b>&amp;")]
    [InlineData("<value>a<![CDATA[ b ]]>c</value>", "a b c")]
    [InlineData("<value>a<!-- no -->b</value>", "ab")]
    [InlineData("<value><string>a<!-- no -->b<?pi x?>c</string></value>", "abc")]
    [InlineData("<value><!-- no --><string>x</string><!-- no --></value>", "x")]
    [InlineData("<value\n><string type='x' other=\"y>\" >x</string\t></value >", "x")]
    [InlineData("<value>a\r\nb\rc\n</value>", "a\nb\nc\n")]
    [InlineData("<value>a&#13;b</value>", "a\rb")]
    [InlineData("<value><![CDATA[a\r\nb\rc]]></value>", "a\nb\nc")]
    [InlineData("<value>Grüße 漢字 \U0001F511 &#x1F511;</value>", "Grüße 漢字 \U0001F511 \U0001F511")]
    public void Reads_text_as_XML_means_it(string value, string expected) => Value(value).AsString().ShouldBe(expected);

    [Theory]
    [InlineData("20260418T13:14:15")]
    [InlineData("2026-04-18T13:14:15")]
    [InlineData("20260418T131415")]
    [InlineData("2026-04-18 13:14:15")]
    [InlineData(" 2026-04-18T13:14:15.123 ")]
    public void Reads_dates_without_zone_in_all_their_forms(string text)
    {
        var date = Value($"<value><dateTime.iso8601>{text}</dateTime.iso8601></value>").AsDateTime();

        date.ShouldBe(new DateTime(2026, 4, 18, 13, 14, 15, DateTimeKind.Unspecified));
        date.Kind.ShouldBe(DateTimeKind.Unspecified);
    }

    [Theory]
    [InlineData("20260418T13:14:15Z", 13)]
    [InlineData("2026-04-18T13:14:15+02:00", 11)]
    [InlineData("2026-04-18T13:14:15-0200", 15)]
    public void Turns_a_date_with_a_zone_into_UTC(string text, int hour)
    {
        var date = Value($"<value><dateTime.iso8601>{text}</dateTime.iso8601></value>").AsDateTime();

        date.ShouldBe(new DateTime(2026, 4, 18, hour, 14, 15, DateTimeKind.Utc));
        date.Kind.ShouldBe(DateTimeKind.Utc);
    }

    [Fact]
    public void Writes_the_answer_of_the_reference_to_the_byte()
    {
        var answer = new XmlRpcStruct
        {
            ["resultCode"] = 100,
            ["resultDesc"] = "PLSK.00041207.0000 created.",
            ["expirationDate"] = new DateOnly(2026, 4, 18),
            ["susDate"] = XmlRpcValue.Nil,
            ["additionalKeysNumbers"] = new XmlRpcArray(),
        };

        Written(answer).ShouldBe(
            "<?xml version=\"1.0\"?>\n<methodResponse><params><param><value><struct>"
            + "<member><name>resultCode</name><value><int>100</int></value></member>"
            + "<member><name>resultDesc</name><value><string>PLSK.00041207.0000 created.</string></value></member>"
            + "<member><name>expirationDate</name><value><dateTime.iso8601>20260418T00:00:00</dateTime.iso8601></value></member>"
            + "<member><name>additionalKeysNumbers</name><value><array><data></data></array></value></member>"
            + "</struct></value></param></params></methodResponse>");
    }

    [Fact]
    public void Reads_a_fault()
    {
        var response = XmlRpcReader.ReadResponse(
            "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member><member><name>faultString</name><value>Too many.</value></member></struct></value></fault></methodResponse>"u8);

        response.Fault.ShouldBe(new XmlRpcFault(4, "Too many."));
    }

    [Fact]
    public void Reads_an_answer_without_a_value_as_nil() =>
        XmlRpcReader.ReadResponse("<methodResponse><params/></methodResponse>"u8).Value.IsNil.ShouldBeTrue();

    internal static XmlRpcRequest Request(string xml) => XmlRpcReader.ReadRequest(Encoding.UTF8.GetBytes(xml));

    internal static XmlRpcValue Value(string value) =>
        Request($"<methodCall><methodName>m</methodName><params><param>{value}</param></params></methodCall>").Parameters[0];

    internal static string Written(XmlRpcValue value)
    {
        using var buffer = new XmlRpcBuffer();
        XmlRpcWriter.WriteResponse(buffer, value);
        return Encoding.UTF8.GetString(buffer.Span);
    }
}
