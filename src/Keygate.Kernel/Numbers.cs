using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keygate.Kernel;

/// <summary>
/// A number that people and the Billing API call an ID: rising, 32 bits, never given twice. Rooms declare one record struct
/// for each thing, so that an order's number cannot be passed for a license's.
/// </summary>
public interface INumber<TSelf> : IParsable<TSelf>
    where TSelf : struct, INumber<TSelf>
{
    /// <summary>The number itself; positive.</summary>
    int Value { get; }

    /// <summary>The typed number for a plain one.</summary>
    static abstract TSelf Of(int value);

    static TSelf IParsable<TSelf>.Parse(string s, IFormatProvider? provider) => TSelf.Of(int.Parse(s, NumberStyles.None, CultureInfo.InvariantCulture));

    static bool IParsable<TSelf>.TryParse(string? s, IFormatProvider? provider, out TSelf result) => TryParse(s, provider, out result);

    /// <summary>Reads digits. Not virtual: only so does the web framework find it for numbers in a route, without each type repeating it.</summary>
    new static bool TryParse(string? s, IFormatProvider? provider, out TSelf result)
    {
        var fits = int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        result = fits ? TSelf.Of(value) : default;
        return fits;
    }
}

/// <summary>Writes typed numbers as plain JSON numbers.</summary>
public sealed class NumberJsonConverter : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsValueType && typeToConvert.GetInterfaces().Any(i =>
            i.IsGenericType && i.GetGenericTypeDefinition() == typeof(INumber<>) && i.GenericTypeArguments[0] == typeToConvert);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

    private sealed class Of<T> : JsonConverter<T>
        where T : struct, INumber<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => T.Of(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
    }
}
