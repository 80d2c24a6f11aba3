using Keygate.XmlRpc;

namespace Keygate.Testing;

/// <summary>The XML-RPC reader under changed documents: each is read, or refused in the reader's own words, within time and memory.</summary>
public static class XmlRpcFuzz
{
    /// <summary>A document holds 256 KiB at most; its values, texts and pieces may take some times that.</summary>
    public const long BytesMax = 64 << 20;

    /// <summary>Good documents: a call, an answer, a fault.</summary>
    public static readonly IReadOnlyList<string> Corpus =
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

    /// <summary>Words of the format, and values at its edges.</summary>
    public static readonly IReadOnlyList<string> Words =
    [
        "<", ">", "/>", "</", "<!--", "-->", "<![CDATA[", "]]>", "<?x ?>", "<?xml version=\"1.0\" encoding=\"utf-16\"?>", "<!DOCTYPE m [<!ENTITY a \"b\">]>", "&a;", "&amp;",
        "&#0;", "&#x10FFFF;", "&#xD800;", "&lt", "\0", "\uFEFF", "\uFFFF", "\r", "\t", "<value>", "</value>", "<struct>", "</struct>", "<member><name>a</name><value/></member>",
        "<array><data>", "</data></array>", "<int>2147483648</int>", "<i8>-9223372036854775808</i8>", "<double>1e999</double>", "<double>NaN</double>", "<boolean>2</boolean>", "<nil/>",
        "<base64>====</base64>", "<dateTime.iso8601>99991231T23:59:59+14:00</dateTime.iso8601>", "<dateTime.iso8601>00000000T00:00:00</dateTime.iso8601>", " a='<'", "\"", "'",
        "</methodCall>", "<params>", "<param>", "<ex:nil/>", "<i4>", "<string>", "<fault>",
    ];

    /// <summary>Reads changed documents as calls, or as answers, until told to stop.</summary>
    /// <param name="seed">Decides the documents.</param>
    /// <param name="asCalls">True for calls, false for answers.</param>
    /// <param name="until">Ends the run: the number of documents so far, the time so far.</param>
    /// <returns>How many were read.</returns>
    public static int Run(int seed, bool asCalls, Func<int, TimeSpan, bool> until) => Fuzz.Run(seed, Corpus, Words, until, bytes =>
    {
        try
        {
            if (asCalls)
            {
                XmlRpcReader.ReadRequest(bytes);
            }
            else
            {
                XmlRpcReader.ReadResponse(bytes);
            }
        }
        catch (XmlRpcFormatException refused) when (refused.Message.Length < 200)
        {
            // Refused in its own words.
        }
    }, BytesMax);
}
