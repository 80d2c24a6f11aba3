using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

/// <summary>Whatever is not XML-RPC gives one kind of exception with the right code, and quickly.</summary>
public sealed class XmlRpcMalformedTests
{
    private const string Good = "<methodCall><methodName>m</methodName><params><param><value><int>1</int></value></param></params></methodCall>";

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("hello")]
    [InlineData("{\"jsonrpc\":\"2.0\"}")]
    [InlineData("<")]
    [InlineData("<methodCall")]
    [InlineData("<methodCall>")]
    [InlineData("<methodCall/>")]
    [InlineData("<methodResponse></methodResponse>")]
    [InlineData("<html><body>502 Bad Gateway</body></html>")]
    [InlineData("<methodCall><methodName></methodName></methodCall>")]
    [InlineData("<methodCall><methodName>a b</methodName></methodCall>")]
    [InlineData("<methodCall><methodName>m</methodName></methodCall><more/>")]
    [InlineData("<methodCall><methodName>m</methodName><params><value/></params></methodCall>")]
    [InlineData("<methodCall><methodName>m</methodName><other/></methodCall>")]
    [InlineData("<methodCall><methodName>m</methodCall></methodName>")]
    [InlineData("<?xml version='1.0'?><?xml version='1.0'?>" + Good)]
    [InlineData("<?xml version='1.0'" + Good)]
    [InlineData("text" + Good)]
    [InlineData(Good + "text")]
    [InlineData("<!-- -- -->" + Good)]
    [InlineData("<!--" + Good)]
    [InlineData("<m:methodCall xmlns:m='u'><methodName>m</methodName></m:methodCall>")]
    public void Refuses_a_document_that_is_no_call(string xml) => Refused(xml);

    [Theory]
    [InlineData("<value><int></int></value>")]
    [InlineData("<value><int/></value>")]
    [InlineData("<value><int>1.5</int></value>")]
    [InlineData("<value><int>x</int></value>")]
    [InlineData("<value><int>1 2</int></value>")]
    [InlineData("<value><int>+-1</int></value>")]
    [InlineData("<value><int>2147483648</int></value>")]
    [InlineData("<value><int>-2147483649</int></value>")]
    [InlineData("<value><i8>9223372036854775808</i8></value>")]
    [InlineData("<value><boolean>2</boolean></value>")]
    [InlineData("<value><boolean></boolean></value>")]
    [InlineData("<value><double>NaN</double></value>")]
    [InlineData("<value><double>Infinity</double></value>")]
    [InlineData("<value><double>1e999</double></value>")]
    [InlineData("<value><double>1,5</double></value>")]
    [InlineData("<value><dateTime.iso8601>20260230T00:00:00</dateTime.iso8601></value>")]
    [InlineData("<value><dateTime.iso8601>20260418</dateTime.iso8601></value>")]
    [InlineData("<value><dateTime.iso8601>20260418T24:00:00</dateTime.iso8601></value>")]
    [InlineData("<value><dateTime.iso8601>2026-0418T00:00:00</dateTime.iso8601></value>")]
    [InlineData("<value><dateTime.iso8601>20260418T00:00:00x</dateTime.iso8601></value>")]
    [InlineData("<value><dateTime.iso8601>00010101T00:00:00+02:00</dateTime.iso8601></value>")]
    [InlineData("<value><dateTime.iso8601/></value>")]
    [InlineData("<value><base64>@@@</base64></value>")]
    [InlineData("<value><base64>QUJ</base64></value>")]
    [InlineData("<value><float>1</float></value>")]
    [InlineData("<value><int>1</int>text</value>")]
    [InlineData("<value>text<int>1</int></value>")]
    [InlineData("<value><int>1</int><int>2</int></value>")]
    [InlineData("<value><string>a<b/></string></value>")]
    [InlineData("<value><string>a</int></value>")]
    [InlineData("<value><nil>x</nil></value>")]
    [InlineData("<value><struct><member><name>a</name></member></struct></value>")]
    [InlineData("<value><struct><member><value/></member></struct></value>")]
    [InlineData("<value><struct><member><name>a</name><value/></member><member><name>a</name><value/></member></struct></value>")]
    [InlineData("<value><struct><name>a</name><value/></struct></value>")]
    [InlineData("<value><array><value/></array></value>")]
    [InlineData("<value><array><data><int>1</int></data></array></value>")]
    [InlineData("<value><array><data></data><data></data></array></value>")]
    [InlineData("<value a>x</value>")]
    [InlineData("<value a=b>x</value>")]
    [InlineData("<value a='<'>x</value>")]
    [InlineData("<value a='x>y</value>")]
    [InlineData("<value a='1'b='2'/ >x</value>")]
    [InlineData("<1value>x</1value>")]
    public void Refuses_a_value_that_is_none(string value) => Refused(Good.Replace("<value><int>1</int></value>", value, StringComparison.Ordinal));

    [Theory]
    [InlineData("&")]
    [InlineData("&;")]
    [InlineData("&amp")]
    [InlineData("&nbsp;")]
    [InlineData("&#0;")]
    [InlineData("&#8;")]
    [InlineData("&#xD800;")]
    [InlineData("&#xFFFE;")]
    [InlineData("&#x110000;")]
    [InlineData("&#99999999999999999999;")]
    [InlineData("&#-65;")]
    [InlineData("&#+65;")]
    [InlineData("&#xZ;")]
    [InlineData("&#;")]
    [InlineData("<![CDATA[x")]
    [InlineData("<!ELEMENT x>")]
    [InlineData("<!-- x")]
    [InlineData("<?x")]
    [InlineData("<?xml version='1.0'?>")]
    public void Refuses_references_and_sections_that_XML_does_not_know(string text) =>
        Refused(Good.Replace("<int>1</int>", text, StringComparison.Ordinal)).ShouldBe(XmlRpcFaultCodes.NotWellFormed);

    [Theory]
    [InlineData("<!DOCTYPE methodCall>")]
    [InlineData("<!DOCTYPE methodCall SYSTEM \"http://127.0.0.1/x.dtd\">")]
    [InlineData("<!DOCTYPE m [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>")]
    [InlineData("<!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>")]
    [InlineData("<?xml version='1.0'?>\n <!-- x --> <!DOCTYPE m>")]
    public void Refuses_every_document_type_declaration(string prolog) =>
        Should.Throw<XmlRpcFormatException>(() => XmlRpcWireTests.Request(prolog + Good))
            .Message.ShouldContain("a document type declaration is refused");

    [Fact]
    public void Refuses_an_entity_that_a_bomb_would_use_even_without_a_declaration() =>
        Refused(Good.Replace("<int>1</int>", "&lol9;", StringComparison.Ordinal)).ShouldBe(XmlRpcFaultCodes.NotWellFormed);

    [Theory]
    [InlineData("<value><array><data>")]
    [InlineData("<value><struct><member><name>a</name>")]
    public void Refuses_a_depth_of_100000_without_a_crash(string level)
    {
        var xml = new StringBuilder("<methodCall><methodName>m</methodName><params><param>");
        for (var i = 0; i < 100_000; i++)
        {
            xml.Append(level);
        }

        var limits = new XmlRpcLimits { BytesMax = 16 << 20 };
        Should.Throw<XmlRpcFormatException>(() => XmlRpcReader.ReadRequest(Encoding.UTF8.GetBytes(xml.ToString()), limits))
            .Message.ShouldContain("nested deeper than 64 levels");
    }

    [Fact]
    public void Reads_the_deepest_nesting_that_can_be_allowed()
    {
        var (request, refused) = ReadAndWriteOnAThread(read => read());

        refused.ShouldBeNull();
        request.ShouldNotBeNull();
    }

    // Not by a small stack: the C library hands out a used one of up to four times the size that was asked for.
    [Fact]
    public void Refuses_the_deepest_nesting_where_the_stack_is_used_up()
    {
        var (request, refused) = ReadAndWriteOnAThread(WithTheStackUsedUp);

        refused.ShouldNotBeNull();
        request.ShouldBeNull();
    }

    private static (XmlRpcRequest? Request, XmlRpcFormatException? Refused) ReadAndWriteOnAThread(Action<Action> call)
    {
        var levels = XmlRpcLimits.DepthCap;
        var xml = "<methodCall><methodName>m</methodName><params><param>" + string.Concat(Enumerable.Repeat("<value><array><data>", levels))
            + string.Concat(Enumerable.Repeat("</data></array></value>", levels)) + "</param></params></methodCall>";
        XmlRpcRequest? request = null;
        XmlRpcFormatException? refused = null;
        var thread = new Thread(
            () => call(() =>
            {
                try
                {
                    request = XmlRpcReader.ReadRequest(Encoding.UTF8.GetBytes(xml), new XmlRpcLimits { DepthMax = levels });
                    using var buffer = new XmlRpcBuffer();
                    XmlRpcWriter.WriteResponse(buffer, request.Parameters[0]);
                }
                catch (XmlRpcFormatException exception)
                {
                    refused = exception;
                }
            }),
            maxStackSize: 1 << 20);
        thread.Start();
        thread.Join();
        return (request, refused);
    }

    /// <summary>Acts where the runtime says that no more than its own reserve is left.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WithTheStackUsedUp(Action act)
    {
        if (RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            WithTheStackUsedUp(act);
            GC.KeepAlive(act);
            return;
        }

        act();
    }

    [Fact]
    public void Refuses_to_write_a_value_that_holds_itself()
    {
        var array = new XmlRpcArray();
        array.Add(array);
        using var buffer = new XmlRpcBuffer();

        Should.Throw<InvalidOperationException>(() => XmlRpcWriter.WriteResponse(buffer, array));
    }

    [Fact]
    public void Refuses_more_than_each_limit_allows_and_takes_just_as_much()
    {
        static string Call(string parameters) => $"<methodCall><methodName>m</methodName><params>{parameters}</params></methodCall>";
        static string Array(int items) => $"<param><value><array><data>{string.Concat(Enumerable.Repeat("<value/>", items))}</data></array></value></param>";
        static string Struct(int members) =>
            $"<param><value><struct>{string.Concat(Enumerable.Range(0, members).Select(i => $"<member><name>{i}</name><value/></member>"))}</struct></value></param>";
        static string Text(int length) => $"<param><value>{new string('x', length)}</value></param>";
        static string Pieces(int length) => $"<param><value>&amp;{new string('x', length - 1)}</value></param>";
        static string Section(int length) => $"<param><value><![CDATA[{new string('x', length)}]]></value></param>";
        static string Name(int length) => $"<param><value><struct><member><name>{new string('x', length)}</name><value/></member></struct></value></param>";
        static string Parameters(int count) => string.Concat(Enumerable.Repeat("<param><value/></param>", count));
        (Func<int, string> Make, XmlRpcLimits Limits, int Most)[] cases =
        [
            (Array, new() { MembersMax = 5 }, 5),
            (Struct, new() { MembersMax = 5 }, 5),
            (Array, new() { ValuesMax = 10 }, 9),
            (Text, new() { TextBytesMax = 20 }, 20),
            (Pieces, new() { TextBytesMax = 20 }, 20),
            (Section, new() { TextBytesMax = 20 }, 20),
            (Name, new() { NameBytesMax = 20 }, 20),
            (Parameters, new() { ParametersMax = 4 }, 4),
        ];

        foreach (var (make, limits, most) in cases)
        {
            XmlRpcReader.ReadRequest(Encoding.UTF8.GetBytes(Call(make(most))), limits).Parameters.Count.ShouldBePositive();
            Should.Throw<XmlRpcFormatException>(() => XmlRpcReader.ReadRequest(Encoding.UTF8.GetBytes(Call(make(most + 1))), limits))
                .Fault.Code.ShouldBe(XmlRpcFaultCodes.InvalidXmlRpc);
        }
    }

    [Fact]
    public void Refuses_a_document_above_the_limit_of_bytes_before_reading_it()
    {
        var bytes = new byte[(1 << 20) + 1];

        Should.Throw<XmlRpcFormatException>(() => XmlRpcReader.ReadRequest(bytes)).Message.ShouldBe("The document is longer than 1048576 bytes.");
        Should.Throw<XmlRpcFormatException>(() => XmlRpcReader.ReadRequest(Split(bytes, 1000))).Message.ShouldBe("The document is longer than 1048576 bytes.");
    }

    [Fact]
    public void Reads_a_body_that_arrived_in_pieces()
    {
        var bytes = Encoding.UTF8.GetBytes(Good);
        for (var at = 1; at < bytes.Length; at++)
        {
            XmlRpcReader.ReadRequest(Split(bytes, at)).Parameters[0].AsInt().ShouldBe(1);
        }
    }

    /// <summary>What would take quadratic time in a careless parser takes none here.</summary>
    [Theory]
    [InlineData("<", 1_000_000)]
    [InlineData("<!--", 250_000)]
    [InlineData("<!---->", 140_000)]
    [InlineData("<?x?>", 200_000)]
    [InlineData("<![CDATA[", 100_000)]
    [InlineData("<![CDATA[]]>", 80_000)]
    [InlineData("&", 1_000_000)]
    [InlineData("&#1", 300_000)]
    [InlineData("&amp;", 200_000)]
    [InlineData("\r", 1_000_000)]
    [InlineData("<a b='", 150_000)]
    [InlineData("<value>", 140_000)]
    public void Ends_quickly_on_a_megabyte_made_to_be_slow(string piece, int times)
    {
        var text = string.Concat(Enumerable.Repeat(piece, times));
        var clock = Stopwatch.StartNew();
        foreach (var xml in (string[])[text, "<methodCall>" + text, Good.Replace("<int>1</int>", text, StringComparison.Ordinal)])
        {
            try
            {
                XmlRpcReader.ReadRequest(Encoding.UTF8.GetBytes(xml));
            }
            catch (XmlRpcFormatException refused)
            {
                refused.Message.Length.ShouldBeLessThan(200);
            }
        }

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Refuses_a_call_cut_at_any_byte()
    {
        var bytes = Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><!-- c --><methodCall a='b'><methodName>m</methodName><params><param><value><struct><member><name>a</name><value>&amp;<![CDATA[x]]></value></member></struct></value></param></params></methodCall>");
        XmlRpcReader.ReadRequest(bytes).Method.ShouldBe("m");
        for (var length = 0; length < bytes.Length; length++)
        {
            Should.Throw<XmlRpcFormatException>(() => XmlRpcReader.ReadRequest(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Says_where_a_document_is_wrong() =>
        Should.Throw<XmlRpcFormatException>(() => XmlRpcWireTests.Request("<methodCall>\n  <methodName>m</methodName>\n  <wrong/>\n</methodCall>"))
            .Message.ShouldBe("Not XML-RPC, line 3, column 11: <params> expected, <wrong> found.");

    [Fact]
    public void Never_shows_contents_of_a_document_that_it_refuses()
    {
        var text = Should.Throw<XmlRpcFormatException>(() => XmlRpcWireTests.Request(Good.Replace("<int>1", "<int>s3cret", StringComparison.Ordinal))).Message;

        text.ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("utf-8", "UTF-8")]
    [InlineData("us-ascii", "UTF-8")]
    [InlineData("ISO-8859-1", "iso-8859-1")]
    [InlineData("windows-1252", "windows-1252")]
    [InlineData("iso-8859-15", "iso-8859-15")]
    public void Reads_the_encoding_that_the_document_declares(string declared, string actual)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(actual) ?? Encoding.GetEncoding(actual);
        var text = declared == "us-ascii" ? "abc" : "Grüße";
        var bytes = encoding.GetBytes($"<?xml version=\"1.0\" encoding=\"{declared}\"?>" + Good.Replace("<int>1</int>", text, StringComparison.Ordinal));

        XmlRpcReader.ReadRequest(bytes).Parameters[0].AsString().ShouldBe(text);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void Reads_UTF_16_with_and_without_a_mark(bool bigEndian, bool mark)
    {
        var encoding = new UnicodeEncoding(bigEndian, mark);
        var xml = "<?xml version=\"1.0\" encoding=\"utf-16\"?>" + Good.Replace("<int>1</int>", "Grüße \U0001F511", StringComparison.Ordinal);

        XmlRpcReader.ReadRequest([.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(xml)]).Parameters[0].AsString().ShouldBe("Grüße \U0001F511");
    }

    [Fact]
    public void Takes_the_charset_of_the_transport_before_the_one_of_the_document()
    {
        var bytes = Encoding.Latin1.GetBytes("<?xml version=\"1.0\" encoding=\"utf-8\"?>" + Good.Replace("<int>1</int>", "Grüße", StringComparison.Ordinal));

        XmlRpcReader.ReadRequest(bytes, charset: "\"ISO-8859-1\"").Parameters[0].AsString().ShouldBe("Grüße");
    }

    [Theory]
    [InlineData("utf-7")]
    [InlineData("iso-2022-jp")]
    [InlineData("ebcdic-cp-us")]
    [InlineData("nonsense")]
    public void Refuses_an_encoding_that_can_hide_markup(string name) =>
        Refused($"<?xml version='1.0' encoding='{name}'?>{Good}").ShouldBe(XmlRpcFaultCodes.UnsupportedEncoding);

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0x08 })]
    [InlineData(new byte[] { 0xEF, 0xBF, 0xBF })]
    [InlineData(new byte[] { 0xE2, 0x82 })]
    public void Refuses_bytes_that_are_no_characters_of_XML(byte[] wrong)
    {
        var at = Good.IndexOf("<int>", StringComparison.Ordinal);
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Good[..at]), .. wrong, .. Encoding.UTF8.GetBytes(Good[(at + 12)..])];

        Should.Throw<XmlRpcFormatException>(() => XmlRpcReader.ReadRequest(bytes)).Fault.Code.ShouldBe(XmlRpcFaultCodes.InvalidCharacter);
    }

    private static int Refused(string xml) =>
        Should.Throw<XmlRpcFormatException>(() => XmlRpcWireTests.Request(xml)).Fault.Code;

    private static ReadOnlySequence<byte> Split(byte[] bytes, int at)
    {
        var second = new Segment(bytes.AsMemory(at), null, at);
        var first = new Segment(bytes.AsMemory(0, at), second, 0);
        return new(first, 0, second, bytes.Length - at);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? next, long start) => (Memory, Next, RunningIndex) = (memory, next, start);
    }
}
