using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Keygate.Work;

/// <summary>Where jitter, tokens and node numbers come from. Injected, so that a run with a seed can be repeated.</summary>
public abstract class Chance
{
    /// <summary>True randomness.</summary>
    public static readonly Chance Real = new RealChance();

    /// <summary>The same sequence for the same seed. Thread-safe.</summary>
    public static Chance Seeded(int seed) => new SeededChance(seed);

    /// <summary>Fills a buffer.</summary>
    public abstract void Fill(Span<byte> buffer);

    internal long Number()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>46 random bits as a locally administered unicast MAC address without colons.</summary>
    internal string Token()
    {
        Span<byte> bytes = stackalloc byte[6];
        Fill(bytes);
        return TokenOf(bytes);
    }

    internal static string TokenOf(Span<byte> bytes)
    {
        bytes[0] = (byte)((bytes[0] & 0b1111_1100) | 0b10);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>From 0 to just under 1.</summary>
    internal double Share() => (Number() & 0xFFFFFF) / (double)0x1000000;

    private sealed class RealChance : Chance
    {
        public override void Fill(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);
    }

    private sealed class SeededChance(int seed) : Chance
    {
#pragma warning disable CA5394 // Repeatable on purpose.
        private readonly Random _random = new(seed);

        public override void Fill(Span<byte> buffer)
        {
            lock (_random)
            {
                _random.NextBytes(buffer);
            }
        }
#pragma warning restore CA5394
    }
}
