namespace Keygate.Verification;

internal static class Octets
{
    /// <summary>Whether <paramref name="part"/> stands at a place in <paramref name="whole"/>.</summary>
    public static bool StandAt(byte[] whole, int at, byte[] part)
    {
        if (at < 0 || at > whole.Length - part.Length)
        {
            return false;
        }
#if NET
        return whole.AsSpan(at, part.Length).SequenceEqual(part);
#else
        for (var i = 0; i < part.Length; i++)
        {
            if (whole[at + i] != part[i])
            {
                return false;
            }
        }
        return true;
#endif
    }

    public static string Hex(byte[] octets)
    {
#if NET
        return Convert.ToHexStringLower(octets);
#else
        return BitConverter.ToString(octets).Replace("-", "").ToLowerInvariant();
#endif
    }

    public static byte[] Sha256(byte[] octets, int start, int count)
    {
#if NET
        return System.Security.Cryptography.SHA256.HashData(octets.AsSpan(start, count));
#else
        using var sha = System.Security.Cryptography.SHA256.Create();
        return sha.ComputeHash(octets, start, count);
#endif
    }
}

internal static class StrictBase64
{
    /// <summary>Decodes base64 in its one canonical spelling: no white space, and no second form by the unused bits of the last character.</summary>
    public static bool TryDecode(string text, out byte[] octets)
    {
        octets = [];
        try
        {
            var decoded = Convert.FromBase64String(text);
            if (!string.Equals(Convert.ToBase64String(decoded), text, StringComparison.Ordinal))
            {
                return false;
            }
            octets = decoded;
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
