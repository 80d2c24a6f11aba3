using Keygate.Testing;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

/// <summary>Changed documents by the thousand: each is read or refused in the reader's own words, within time and memory.</summary>
public sealed class XmlRpcFuzzTests
{
    private const int Documents = 25_000;

    // A document holds 256 KiB at most; its values, texts and pieces may take some times that.
    private const long BytesMax = 64 << 20;

    private static readonly string[] Corpus =
    [
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <methodCall><methodName>partner10.createKey</methodName><params>
        <param><value><struct><member><name>login</name><value><string>northwind-api</string></value></member>
        <member><name>password</name><value>s3cret&amp;&#xE4;</value></member></struct></value></param>
        <param><value><struct><member><name>ips</name><value><array><data><value>192.0.2.1</value></data></array></value></member>
        <member><name>macs</name><value><array><data/></array></value></member></struct></value></param>
        <param><value><int>1</int></value></param><param><value><string>PLESK_10</string></value></param>
        <param><value><array><data><value><i4>-7</i4></value><value><i8>4294967296</i8></value></data></array></value></param>
        <param><value><boolean>1</boolean></value></param></params></methodCall>
        """,
        """
        <?xml version='1.0'?><!-- answer --><methodResponse><params><param><value><struct>
        <member><name>resultCode</name><value><int>100</int></value></member>
        <member><name>updateDate</name><value><dateTime.iso8601>20260408T00:00:00</dateTime.iso8601></value></member>
        <member><name>susDate</name><value><dateTime.iso8601>2026-04-08T00:00:00Z</dateTime.iso8601></value></member>
        <member><name>share</name><value><double>-1.5e3</double></value></member><member><name>nothing</name><value><nil/></value></member>
        <member><name>key</name><value><base64>PGtleT48L2tleT4=</base64></value></member><member><name>text</name><value><![CDATA[<&>]]></value></member>
        </struct></value></param></params></methodResponse>
        """,
        """
        <methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32601</int></value></member>
        <member><name>faultString</name><value><string>no such method</string></value></member></struct></value></fault></methodResponse>
        """,
    ];

    private static readonly string[] Words =
    [
        "<", ">", "/>", "</", "<!--", "-->", "<![CDATA[", "]]>", "<?x ?>", "<?xml version=\"1.0\" encoding=\"utf-16\"?>", "<!DOCTYPE m [<!ENTITY a \"b\">]>", "&a;", "&amp;",
        "&#0;", "&#x10FFFF;", "&#xD800;", "&lt", "\0", "\uFEFF", "\uFFFF", "\r", "\t", "<value>", "</value>", "<struct>", "</struct>", "<member><name>a</name><value/></member>",
        "<array><data>", "</data></array>", "<int>2147483648</int>", "<i8>-9223372036854775808</i8>", "<double>1e999</double>", "<double>NaN</double>", "<boolean>2</boolean>", "<nil/>",
        "<base64>====</base64>", "<dateTime.iso8601>99991231T23:59:59+14:00</dateTime.iso8601>", "<dateTime.iso8601>00000000T00:00:00</dateTime.iso8601>", " a='<'", "\"", "'",
        "</methodCall>", "<params>", "<param>", "<ex:nil/>", "<i4>", "<string>", "<fault>",
    ];

    [Theory]
    [InlineData(20260311)]
    [InlineData(4711)]
    public void Reads_or_refuses_whatever_arrives_as_a_call(int seed) => Read(seed, bytes => XmlRpcReader.ReadRequest(bytes));

    [Theory]
    [InlineData(20260312)]
    [InlineData(815)]
    public void Reads_or_refuses_whatever_arrives_as_an_answer(int seed) => Read(seed, bytes => XmlRpcReader.ReadResponse(bytes));

    [Fact]
    public void Says_which_document_a_reader_fell_over()
    {
        var failure = Should.Throw<InvalidOperationException>(() => Fuzz.Run(1, Corpus, Words, (count, _) => count == 100, document =>
            ArgumentOutOfRangeException.ThrowIfGreaterThan(document.AsSpan().IndexOf("int"u8), 0), BytesMax));

        failure.Message.ShouldStartWith("Seed 1, document ");
    }

    /// <summary>What is read is written and read again: the same value.</summary>
    [Fact]
    public void What_was_read_survives_writing_and_reading()
    {
        var read = 0;
        Fuzz.Run(7, Corpus, Words, (count, _) => count == 20_000, bytes =>
        {
            XmlRpcResponse response;
            try
            {
                response = XmlRpcReader.ReadResponse(bytes);
            }
            catch (XmlRpcFormatException)
            {
                return;
            }

            if (response.Fault is null)
            {
                using var first = new XmlRpcBuffer();
                using var second = new XmlRpcBuffer();
                XmlRpcWriter.WriteResponse(first, response.Value);
                XmlRpcWriter.WriteResponse(second, XmlRpcReader.ReadResponse(first.Memory.Span).Value);
                second.Memory.Span.SequenceEqual(first.Memory.Span).ShouldBeTrue();
                read++;
            }
        }, BytesMax);

        read.ShouldBeGreaterThan(100);
    }

    private static void Read(int seed, Action<byte[]> read) => Fuzz.Run(seed, Corpus, Words, (count, _) => count == Documents, bytes =>
    {
        try
        {
            read(bytes);
        }
        catch (XmlRpcFormatException refused)
        {
            refused.Message.Length.ShouldBeLessThan(200);
        }
    }, BytesMax);
}
