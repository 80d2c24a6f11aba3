using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keygate.Plugins.Abstractions;

namespace Keygate.Installers;

/// <summary>The bodies that are sent. A repeat has the same bytes: no time of sending stands in them.</summary>
internal static class WebhookMessage
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary><c>license.install</c>: the files of one license, base license first.</summary>
    public static byte[] Install(InstallRequest request) => Write("license.install", new
    {
        License = request.LicenseId,
        Subscription = request.SubscriptionId == 0 ? null : (int?)request.SubscriptionId,
        request.Target,
        Files = request.Files.Select(file => new { file.KeyNumber, file.Extension, Sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Content)), file.Content }),
    });

    /// <summary><c>keygate.check</c>: nothing is to be done.</summary>
    public static byte[] Check() => Write("keygate.check", new { });

    private static byte[] Write<T>(string type, T data) => JsonSerializer.SerializeToUtf8Bytes(new { type, data }, Form);
}
