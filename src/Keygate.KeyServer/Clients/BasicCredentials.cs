using System.Buffers.Text;
using System.Text;

namespace Keygate.KeyServer;

/// <summary>Login and password as HTTP Basic carries them.</summary>
internal static class BasicCredentials
{
    private const int HeaderMax = 1024, LoginMax = 255;

    /// <summary>Reads an Authorization header; false where it holds no usable credentials.</summary>
    public static bool TryRead(string header, out string login, out string password)
    {
        (login, password) = ("", "");
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || header.Length > HeaderMax)
        {
            return false;
        }

        var encoded = header["Basic ".Length..].Trim();
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        (login, password) = colon < 0 ? ("", "") : (text[..colon], text[(colon + 1)..]);
        return login.Length is > 0 and <= LoginMax && !text.Contains('\0', StringComparison.Ordinal);
    }
}
