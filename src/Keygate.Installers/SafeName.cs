using System.Text;

namespace Keygate.Installers;

/// <summary>
/// Turns any text into a file name that stays in its folder: letters, digits, <c>. _ -</c> stand for themselves, all else is written as %XX
/// of its UTF-8, a leading dot as well. Two texts never give one name.
/// </summary>
internal static class SafeName
{
    /// <summary>File systems take 255 bytes; the rest is for the ending of the temporary file.</summary>
    public const int LengthMax = 200;

    public static string Of(string text)
    {
        var name = new StringBuilder(text.Length);
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            var plain = char.IsAsciiLetterOrDigit((char)one) || one is (byte)'_' or (byte)'-' || (one == (byte)'.' && name.Length > 0);
            if (plain)
            {
                name.Append((char)one);
            }
            else
            {
                name.Append('%').Append(Convert.ToHexString([one]));
            }
        }

        return name.ToString();
    }
}
