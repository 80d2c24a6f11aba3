namespace Keygate.Verification;

/// <summary>Base64url as tokens write it: no padding, and one spelling for each run of octets.</summary>
internal static class Base64Url
{
    public static string Encode(byte[] octets) => Convert.ToBase64String(octets).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Decodes; false for any other character, for padding, and for a second spelling by the unused bits of the last character.</summary>
    public static bool TryDecode(string text, out byte[] octets)
    {
        octets = [];
        if (text.Length % 4 == 1)
        {
            return false;
        }
        foreach (var c in text)
        {
            if (!IsLetter(c))
            {
                return false;
            }
        }
        var decoded = Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/') + new string('=', (4 - (text.Length % 4)) % 4));
        if (!string.Equals(Encode(decoded), text, StringComparison.Ordinal))
        {
            return false;
        }
        octets = decoded;
        return true;
    }

    public static bool IsLetter(char c) => c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_';
}
