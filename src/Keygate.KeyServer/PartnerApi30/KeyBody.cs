using System.Globalization;
using System.Text.Json;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi10;
using Microsoft.AspNetCore.Http;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>A field of a body: omitted, null, or a value. The three mean different things (reference 4).</summary>
internal readonly record struct Given<T>(bool IsGiven, bool HasValue, T? Value)
{
    public static Given<T> Null => new(true, false, default);

    /// <summary>True where the field is there with value null.</summary>
    public bool IsNull => IsGiven && !HasValue;

    public static Given<T> Of(T value) => new(true, true, value);
}

/// <summary>What a body names a key by; what is missing is null.</summary>
internal sealed record GivenIdentifiers(KeyId? Id, KeyName? Number, string? ActivationCode)
{
    public bool IsEmpty => Id is null && Number is null && ActivationCode is null;

    /// <summary>The name to look the key up by.</summary>
    public KeyName? Name => Id is { } id ? KeyName.Of(id) : Number ?? (ActivationCode is { } code && KeyName.TryParse(code, out var name) ? name : null);

    /// <summary>True when every identifier that was given is the key's.</summary>
    public bool Fit(KeyRow key) =>
        (Id is null || Id == key.Id) && (Number is null || (Number.Number == key.Id && Number.Prefix == key.Prefix))
        && (ActivationCode is null || ActivationCode == key.ActivationCode);
}

/// <summary>An activation asked for.</summary>
internal sealed record GivenActivation(bool Activated, string? Uid);

/// <summary>An item of the target list.</summary>
/// <param name="Item">Constant, or the name of an unmatched item.</param>
/// <param name="ExternalId">The caller's reference, as a JSON text or number.</param>
/// <param name="Quantity">How many.</param>
internal sealed record GivenItem(string Item, Given<string> ExternalId, int Quantity);

/// <summary>
/// The structure of a license key on the way in, reference section 4. Lenient as its section 10 shows clients: numbers and flags as texts, texts of digits
/// as numbers, an empty array for an object, anything after the first value. Informational fields and unknown ones are ignored.
/// </summary>
internal sealed class KeyBody
{
    private const int BytesMax = 1 << 20, DepthMax = 32, TextLengthMax = 255, ItemsMax = 500;
    private readonly List<Error> _faults = [];

    public Given<ClientId> Owner { get; private set; }

    public Given<GivenIdentifiers> Identifiers { get; private set; }

    public Given<GivenIdentifiers> Parent { get; private set; }

    public Given<GivenActivation> Activation { get; private set; }

    public Given<string> Address { get; private set; }

    public Given<string> Nickname { get; private set; }

    public Given<ProductConfigurationId> Configuration { get; private set; }

    public Given<IReadOnlyList<GivenItem>> Items { get; private set; }

    public Given<bool> Terminated { get; private set; }

    public Given<bool> Suspended { get; private set; }

    public Given<bool> AutoRenew { get; private set; }

    public Given<bool> RestrictAddress { get; private set; }

    /// <summary>Reads the body of a call. All faults of form come back at once.</summary>
    public static async Task<Result<KeyBody>> ReadAsync(HttpRequest request, CancellationToken cancellation) =>
        await BoundedBody.ReadAsync(request, BytesMax, cancellation) is { } body ? Read(body) : KeyServerErrors.BodyTooLarge;

    /// <summary>Reads the text of a body.</summary>
    public static Result<KeyBody> Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            // What follows the first value is not looked at: a script that is in use ends its body with a semicolon.
            var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax });
            using var document = JsonDocument.ParseValue(ref json);
            var body = new KeyBody();
            body.Take(document.RootElement);
            return Error.Of(body._faults) is { } faults ? faults : body;
        }
        catch (JsonException e)
        {
            return KeyServerErrors.BodyMalformed.Because($"The body is no JSON: line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}.");
        }
        catch (InvalidOperationException)
        {
            // A text with half a character in it.
            return KeyServerErrors.BodyMalformed.Because("The body holds a text that is no Unicode.");
        }
    }

    private void Take(JsonElement root)
    {
        if (!IsObject(root))
        {
            _faults.Add(KeyServerErrors.BodyMalformed.Because("The body is no JSON object."));
            return;
        }

        Owner = Field<ClientId>(root, "ownerId", (JsonElement value, out ClientId owner) =>
            TryNumber(value, out var number) && number > 0 ? (owner = ClientId.Of(number)) == owner : Not(out owner), "the number of a client", allowsNull: false);
        Identifiers = Field<GivenIdentifiers>(root, "keyIdentifiers", TryIdentifiers, "an object with keyId, keyNumber or activationCode", allowsNull: false);
        Parent = Field<GivenIdentifiers>(root, "parentKeyIdentifiers", TryIdentifiers, "an object with keyId, keyNumber or activationCode, or null");
        Activation = Field<GivenActivation>(root, "activationInfo", TryActivation, "an object with activated and uid, or null");
        Address = Field<string>(root, "ipAddressBinding", (JsonElement value, out string? ip) => Wire.TryIp(value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : "", out ip), "an IP address, or null");
        Nickname = Field<string>(root, "nickname", TryText, "a text of at most 255 characters in one line, or null");
        Configuration = Field<ProductConfigurationId>(root, "productConfigurationId", (JsonElement value, out ProductConfigurationId id) =>
            TryNumber(value, out var number) && number > 0 ? (id = ProductConfigurationId.Of(number)) == id : Not(out id), "the number of a product configuration, or null");
        Items = Field<IReadOnlyList<GivenItem>>(root, "items", TryItems, "a list of objects with item, and externalId and quantity where wanted", allowsNull: false);
        Terminated = Field<bool>(root, "terminated", TryFlag, "true or false", allowsNull: false);
        Suspended = Field<bool>(root, "suspended", TryFlag, "true or false", allowsNull: false);
        AutoRenew = Field<bool>(root, "autoRenew", TryFlag, "true or false", allowsNull: false);
        RestrictAddress = Field<bool>(root, "restrictIPBinding", TryFlag, "true or false", allowsNull: false);
        if (Nickname is { HasValue: true, Value.Length: 0 })
        {
            Nickname = Given<string>.Null;
        }
    }

    private delegate bool Reading<T>(JsonElement value, out T? read);

    private Given<T> Field<T>(JsonElement root, string name, Reading<T> read, string wanted, bool allowsNull = true)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out var value))
        {
            return default;
        }

        if (value.ValueKind == JsonValueKind.Null && allowsNull)
        {
            return Given<T>.Null;
        }

        if (value.ValueKind != JsonValueKind.Null && read(value, out var taken))
        {
            return Given<T>.Of(taken!);
        }

        _faults.Add(KeyServerErrors.FieldMalformed.Because($"{name} must be {wanted}.").At(name));
        return default;
    }

    private static bool Not<T>(out T value)
    {
        value = default!;
        return false;
    }

    // Loosely typed encoders write an object without members as an empty array.
    private static bool IsObject(JsonElement value) => value.ValueKind == JsonValueKind.Object || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);

    private static bool TryMember(JsonElement value, string name, out JsonElement member)
    {
        member = default;
        return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;
    }

    private static bool TryNumber(JsonElement value, out int number) => value.ValueKind switch
    {
        JsonValueKind.Number => (value.TryGetInt32(out number) && number >= 0) || (value.TryGetDouble(out var real) && real is >= 0 and <= int.MaxValue && real == Math.Floor(real) ? (number = (int)real) >= 0 : Not(out number)),
        JsonValueKind.String => int.TryParse(value.GetString()!.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number),
        _ => Not(out number),
    };

    private static bool TryFlag(JsonElement value, out bool flag) => value.ValueKind switch
    {
        JsonValueKind.True => flag = true,
        JsonValueKind.False => !(flag = false),
        JsonValueKind.Number => RestCall.TryFlag(value.GetRawText(), out flag),
        JsonValueKind.String => RestCall.TryFlag(value.GetString()!.Trim(), out flag),
        _ => Not(out flag),
    };

    private static bool TryText(JsonElement value, out string? text)
    {
        text = value.ValueKind switch { JsonValueKind.String => value.GetString()!.Trim(), JsonValueKind.Number => value.GetRawText(), _ => null };
        return text is { Length: <= TextLengthMax } && !text.Any(char.IsControl);
    }

    private static bool TryIdentifiers(JsonElement value, out GivenIdentifiers? identifiers)
    {
        identifiers = null;
        if (!IsObject(value))
        {
            return false;
        }

        KeyId? id = null;
        KeyName? number = null;
        string? code = null;
        if (TryMember(value, "keyId", out var member))
        {
            if (!TryNumber(member, out var digits))
            {
                return false;
            }

            id = KeyId.Of(digits);
        }

        if (TryMember(value, "keyNumber", out member) && !(TryText(member, out var text) && KeyName.TryParse(text!, out number) && number.Number is not null))
        {
            return false;
        }

        if (TryMember(value, "activationCode", out member))
        {
            if (!TryText(member, out text) || !KeyName.TryParse(text!, out var name) || name.ActivationCode is null)
            {
                return false;
            }

            code = name.ActivationCode;
        }

        identifiers = new GivenIdentifiers(id, number, code);
        return true;
    }

    private static bool TryActivation(JsonElement value, out GivenActivation? activation)
    {
        activation = null;
        if (!IsObject(value))
        {
            return false;
        }

        string? uid = null;
        var activated = false;
        if ((TryMember(value, "uid", out var member) && !TryText(member, out uid)) || (TryMember(value, "activated", out member) && !TryFlag(member, out activated)))
        {
            return false;
        }

        activation = new GivenActivation(activated, uid is { Length: > 0 } ? uid : null);
        return true;
    }

    private static bool TryItems(JsonElement value, out IReadOnlyList<GivenItem>? items)
    {
        items = null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > ItemsMax)
        {
            return false;
        }

        var read = new List<GivenItem>();
        foreach (var line in value.EnumerateArray())
        {
            var quantity = 1;
            if (!TryMember(line, "item", out var item) || !TryText(item, out var name) || name!.Length == 0
                || (TryMember(line, "quantity", out var count) && !(TryNumber(count, out quantity) && quantity >= 0)) || !TryExternalId(line, out var externalId))
            {
                return false;
            }

            read.Add(new GivenItem(name, externalId, quantity));
        }

        items = read;
        return true;
    }

    // It comes back as it was given, a text or a bare number.
    private static bool TryExternalId(JsonElement line, out Given<string> externalId)
    {
        externalId = default;
        if (!line.TryGetProperty("externalId", out var value))
        {
            return true;
        }

        externalId = value.ValueKind switch
        {
            JsonValueKind.Null => Given<string>.Null,
            JsonValueKind.String when TryText(value, out _) => Given<string>.Of(JsonSerializer.Serialize(value.GetString())),
            JsonValueKind.Number when value.GetRawText().Length <= 32 => Given<string>.Of(value.GetRawText()),
            _ => default,
        };
        return externalId.IsGiven;
    }
}
