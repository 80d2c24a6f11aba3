using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keygate.Orders;

/// <summary>
/// A resource of an order: <c>{"resource": "30_DOMAINS", "quantity": 1}</c>, or its name alone. For licenses the name is the identifier of the
/// class or feature; <c>command</c> and <c>keyType</c> are understood as well.
/// </summary>
/// <param name="Resource">Its command.</param>
/// <param name="Quantity">Units; null for the plan's minimum, at least one. Features and add-ons come with each license and need none.</param>
[JsonConverter(typeof(ResourceInputConverter))]
public sealed record ResourceInput(string Resource, int? Quantity = null);

internal sealed class ResourceInputConverter : JsonConverter<ResourceInput>
{
    public override ResourceInput Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new ResourceInput(reader.GetString()!);
        }

        var written = JsonSerializer.Deserialize<Written>(ref reader, options) ?? throw new JsonException("A resource is a name, or an object with a name.");
        return new ResourceInput(
            written.Resource ?? written.Command ?? written.KeyType ?? throw new JsonException("A resource needs the member 'resource'."), written.Quantity);
    }

    public override void Write(Utf8JsonWriter writer, ResourceInput value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new Written(value.Resource, null, null, value.Quantity), options);

    private sealed record Written(string? Resource, string? Command, string? KeyType, int? Quantity);
}
