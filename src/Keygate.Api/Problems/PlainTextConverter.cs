using System.Text.Json;
using System.Text.Json.Serialization;
using Keygate.Kernel;
using Microsoft.AspNetCore.Http;

namespace Keygate.Api;

/// <summary>
/// Texts without the character NUL, which PostgreSQL cannot store: a call that holds it is refused at the door, with the field that does, the same on
/// both databases.
/// </summary>
internal sealed class PlainTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Plain(reader.GetString());

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Plain(reader.GetString())!;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    /// <summary>The refusal of a query that holds the character; null where none does. The web server refuses it in a path itself.</summary>
    public static Error? Refusal(HttpRequest request)
    {
        // Most requests hold no percent sign, so that nothing has to be read.
        var bad = request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true
            ? request.Query.FirstOrDefault(q => q.Key.Contains('\0', StringComparison.Ordinal) || q.Value.Any(v => v?.Contains('\0', StringComparison.Ordinal) == true)).Key
            : null;
        return bad is null ? null : KernelErrors.RequestInvalid.Because("The query holds the character NUL.").At(bad.Replace("\0", "", StringComparison.Ordinal));
    }

    private static string? Plain(string? text) => text?.Contains('\0', StringComparison.Ordinal) == true ? throw new JsonException() : text;
}
