using Keygate.Testing;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

/// <summary>Changed documents, for fifteen seconds in all: each is read or refused in the reader's own words, within time and memory. <c>./bench fuzz</c> goes on for as long as wanted.</summary>
public sealed class XmlRpcFuzzTests
{
    // The seeds are fixed, so that a run that fails can be repeated. A slow machine reads fewer documents and fails for that no more than a quick one; what each test must have seen is little.
    private const int Least = 200;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3.5);

    [Theory]
    [InlineData(20260311)]
    [InlineData(4711)]
    public void Reads_or_refuses_whatever_arrives_as_a_call(int seed) => XmlRpcFuzz.Run(seed, asCalls: true, IsEnough).ShouldBeGreaterThanOrEqualTo(Least);

    [Theory]
    [InlineData(20260312)]
    [InlineData(815)]
    public void Reads_or_refuses_whatever_arrives_as_an_answer(int seed) => XmlRpcFuzz.Run(seed, asCalls: false, IsEnough).ShouldBeGreaterThanOrEqualTo(Least);

    [Fact]
    public void Says_which_document_a_reader_fell_over()
    {
        var failure = Should.Throw<InvalidOperationException>(() => Fuzz.Run(1, XmlRpcFuzz.Corpus, XmlRpcFuzz.Words, (count, _) => count == 100, document =>
            ArgumentOutOfRangeException.ThrowIfGreaterThan(document.AsSpan().IndexOf("int"u8), 0), XmlRpcFuzz.BytesMax));

        failure.Message.ShouldStartWith("Seed 1, document ");
    }

    /// <summary>What is read is written and read again: the same value.</summary>
    [Fact]
    public void What_was_read_survives_writing_and_reading()
    {
        var read = 0;
        Fuzz.Run(7, XmlRpcFuzz.Corpus, XmlRpcFuzz.Words, (count, _) => read == 100 || count == 50_000, bytes =>
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
        }, XmlRpcFuzz.BytesMax);

        read.ShouldBe(100);
    }

    private static bool IsEnough(int count, TimeSpan so) => count >= Least && so >= Time;
}
