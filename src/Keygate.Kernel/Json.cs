using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keygate.Kernel;

/// <summary>The one way Keygate writes JSON: camelCase members, enums by their names (<c>Installed</c>, <c>Lease</c>), nulls left out, typed numbers plain.</summary>
public static class Json
{
    /// <summary>The options that doors and stored payloads share.</summary>
    public static readonly JsonSerializerOptions Options = Shape(new JsonSerializerOptions());

    /// <summary>Lays our way of writing onto options that somebody else owns, such as the web framework's.</summary>
    public static JsonSerializerOptions Shape(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.PropertyNameCaseInsensitive = true;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter());
        options.Converters.Add(new NumberJsonConverter());
        return options;
    }

    /// <summary>The value as JSON text.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>The value that JSON text holds. Throws <see cref="JsonException"/> for text that does not hold one.</summary>
    public static T Read<T>(string json) =>
        JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException($"The text holds no {typeof(T).Name}.");
}
