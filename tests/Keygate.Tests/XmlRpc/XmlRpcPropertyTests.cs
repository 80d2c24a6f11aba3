using System.Text;
using System.Xml;
using System.Xml.Linq;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

/// <summary>Random values and random damage; the seed stands in the failure's text.</summary>
public sealed class XmlRpcPropertyTests
{
    [Fact]
    public void Reads_back_what_it_wrote()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var value = Value(random, 0);
            using var buffer = new XmlRpcBuffer();

            XmlRpcWriter.WriteResponse(buffer, value, XmlRpcInvalidCharacters.Refuse);

            XmlRpcReader.ReadResponse(buffer.Span).Value.ShouldBe(value, $"seed {seed}");
        }
    }

    [Fact]
    public void Writes_what_any_XML_parser_reads_alike()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var text = Text(new Random(seed), 40);
            var xml = XmlRpcWireTests.Written(text);

            XDocument.Parse(xml, LoadOptions.PreserveWhitespace).Root!.Value.ShouldBe(text, $"seed {seed}");
        }
    }

    [Fact]
    public void Reads_the_same_after_a_detour_through_another_XML_writer()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var value = Value(new Random(seed), 0);
            using var detour = new MemoryStream();
            using (var writer = XmlWriter.Create(detour, new XmlWriterSettings { NewLineHandling = NewLineHandling.Entitize }))
            {
                XDocument.Parse(XmlRpcWireTests.Written(value), LoadOptions.PreserveWhitespace).Save(writer);
            }

            XmlRpcReader.ReadResponse(detour.ToArray()).Value.ShouldBe(value, $"seed {seed}");
        }
    }

    [Fact]
    public void Survives_every_kind_of_damage()
    {
        for (var seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            using var buffer = new XmlRpcBuffer();
            XmlRpcWriter.WriteRequest(buffer, "m", [Value(random, 0), Value(random, 0)]);
            var bytes = buffer.Span.ToArray();
            for (var hits = random.Next(1, 8); hits > 0; hits--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)"<>&/;![]-?'\"="[random.Next(13)];
            }

            try
            {
                XmlRpcReader.ReadRequest(bytes);
            }
            catch (XmlRpcFormatException refused)
            {
                refused.Fault.Code.ShouldBeOneOf(-32700, -32701, -32702, -32600);
            }
            catch (Exception crash)
            {
                Assert.Fail($"seed {seed}: {crash}");
            }
        }
    }

    [Theory]
    [InlineData(0d, "0")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(1e21, "1000000000000000000000")]
    [InlineData(-1.25e-7, "-0.000000125")]
    [InlineData(123456789.125, "123456789.125")]
    public void Writes_a_double_without_an_exponent(double value, string digits) =>
        XmlRpcWireTests.Written(value).ShouldContain($"<double>{digits}</double>");

    [Fact]
    public void Replaces_what_XML_cannot_carry_in_an_answer_and_refuses_it_in_a_request()
    {
        foreach (var character in (char[])['\0', '\u001B', '\uFFFF', '\uD800', '\uDC00'])
        {
            var text = $"a{character}b";
            using var buffer = new XmlRpcBuffer();

            XDocument.Parse(XmlRpcWireTests.Written(text)).Root!.Value.ShouldBe("a\uFFFDb");
            Should.Throw<XmlRpcFormatException>(() => XmlRpcWriter.WriteRequest(buffer, "m", [text])).Fault.Code.ShouldBe(XmlRpcFaultCodes.InvalidCharacter);
        }
    }

    [Fact]
    public void Keeps_pairs_of_surrogates_together_in_long_texts()
    {
        foreach (var lead in (int[])[0, 1])
        {
            var text = new string('x', lead) + string.Concat(Enumerable.Repeat("\U0001F511", 20_000));

            XmlRpcReader.ReadResponse(Encoding.UTF8.GetBytes(XmlRpcWireTests.Written(text))).Value.AsString().ShouldBe(text);
        }
    }

    private static XmlRpcValue Value(Random random, int depth)
    {
        switch (random.Next(depth > 4 ? 8 : 10))
        {
            case 0: return random.Next(int.MinValue, int.MaxValue);
            case 1: return random.NextInt64(long.MinValue, long.MaxValue);
            case 2: return random.Next(2) == 0;
            case 3:
                var bits = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
                return double.IsFinite(bits) ? bits : 0.1;
            case 4: return Text(random, 30);
            case 5: return new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Unspecified).AddSeconds(random.NextInt64(0, 315_000_000_000));
            case 6:
                var bytes = new byte[random.Next(40)];
                random.NextBytes(bytes);
                return bytes;
            case 7: return XmlRpcValue.Nil;
            case 8:
                var members = new XmlRpcStruct();
                for (var i = random.Next(20); i > 0; i--)
                {
                    var value = Value(random, depth + 1);
                    members[Text(random, 8)] = value;
                }

                return members;
            default:
                var items = new XmlRpcArray();
                for (var i = random.Next(6); i > 0; i--)
                {
                    items.Add(Value(random, depth + 1));
                }

                return items;
        }
    }

    private static string Text(Random random, int length)
    {
        const string Alphabet = "abcXYZ 0123 <>&\"'\r\n\t]]>äß漢\u00A0\u0085\u2028\uFFFD";
        var text = new StringBuilder();
        for (var i = random.Next(length); i > 0; i--)
        {
            text.Append(random.Next(20) == 0 ? "\U0001F511" : Alphabet[random.Next(Alphabet.Length)].ToString());
        }

        return text.ToString();
    }
}
