using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Keygate.Webhooks;

/// <summary>A secret of Standard Webhooks, <c>whsec_</c> and 24 to 64 bytes in base64, and what it signs.</summary>
public sealed class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int BytesMin = 24, BytesMax = 64;

    private readonly byte[] _key;

    internal WebhookSecret(byte[] key) => _key = key;

    /// <summary>The secret; null where the text is none.</summary>
    public static WebhookSecret? Read(string text)
    {
        var trimmed = text.Trim();
        var key = new byte[BytesMax + 3];
        return trimmed.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(trimmed[Prefix.Length..], key, out var length) && length is >= BytesMin and <= BytesMax
            ? new WebhookSecret(key[..length])
            : null;
    }

    /// <summary>A new one of 32 random bytes, with its text for the receiver.</summary>
    public static string NewText() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The signature of <c>ID.TIMESTAMP.BODY</c>, with its version.</summary>
    public string Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(_key, signed))}";
    }

    /// <inheritdoc/>
    public override string ToString() => "***";
}
