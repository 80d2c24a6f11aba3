using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Keygate.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;

namespace Keygate.Api;

/// <summary>Says in our words what the framework found wrong with a request, without naming types of ours.</summary>
internal static partial class RequestFaults
{
    private static readonly MethodInfo ReadsMethod = typeof(RequestFaults).GetMethod(nameof(Reads), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static Error Of(BadHttpRequestException exception)
    {
        if (exception.InnerException is JsonException json)
        {
            return OfJson(json);
        }

        if (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return ApiErrors.BodyTooLarge;
        }

        if (exception.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            return ApiErrors.BodyTooSlow;
        }

        if (exception.StatusCode == StatusCodes.Status415UnsupportedMediaType || exception.Message.Contains("body was not provided", StringComparison.Ordinal)
            || exception.Message.Contains("no body", StringComparison.Ordinal))
        {
            return ApiErrors.BodyNotJson;
        }

        var parameter = Parameter().Match(exception.Message);
        return parameter.Success
            ? Unread(parameter.Groups["value"].Value, parameter.Groups["name"].Value)
            : MissingParameter().Match(exception.Message) is { Success: true } missing
                ? KernelErrors.RequestInvalid.Because($"The parameter {Camel(missing.Groups["name"].Value)} is missing.").At(Camel(missing.Groups["name"].Value))
                : KernelErrors.RequestInvalid.Because("The request cannot be read.");
    }

    /// <summary>
    /// What is wrong with a parameter that may be left out but was given and cannot be read: compiled endpoints answer 400 to that without a word
    /// and without an exception. Null where all can be read.
    /// </summary>
    public static Error? OfParameter(HttpContext http)
    {
        foreach (var parameter in http.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
        {
            var given = http.Request.RouteValues.TryGetValue(parameter.Name, out var value) ? new StringValues(value?.ToString()) : http.Request.Query[parameter.Name];
            if (parameter.HasTryParse && given.FirstOrDefault(text => text is { Length: > 0 } && !CanBeRead(parameter.ParameterInfo.ParameterType, text)) is { } text)
            {
                return Unread(text, parameter.Name);
            }
        }

        return null;
    }

    private static bool CanBeRead(Type type, string text)
    {
        var bare = type.GetElementType() ?? type;
        bare = Nullable.GetUnderlyingType(bare) ?? bare;
        return bare.IsEnum ? Enum.TryParse(bare, text, ignoreCase: true, out _) : (bool)ReadsMethod.MakeGenericMethod(bare).Invoke(null, [text])!;
    }

    private static bool Reads<T>(string text)
        where T : IParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out _);

    private static Error Unread(string text, string name) => KernelErrors.RequestInvalid.Because($"'{text}' cannot be read as {Camel(name)}.").At(Camel(name));

    private static Error OfJson(JsonException json)
    {
        var field = FieldOf(json.Path);
        if (Missing().Match(json.Message) is { Success: true } missing)
        {
            var names = missing.Groups["names"].Value;
            return KernelErrors.RequestInvalid.Because($"The request lacks {names.Replace("'", "", StringComparison.Ordinal)}.")
                .At(Join(field, names.Split(',')[0].Trim(' ', '\'')));
        }

        if (Unknown().Match(json.Message) is { Success: true } unknown)
        {
            var name = unknown.Groups["name"].Value;
            return KernelErrors.RequestInvalid.Because($"The request has a field '{name}', which is not known.").At(Join(field, name));
        }

        var place = json.LineNumber is { } line ? $" (line {line + 1}, byte {json.BytePositionInLine + 1})" : "";
        var error = field is null
            ? KernelErrors.RequestInvalid.Because($"The body is not well-formed JSON{place}.")
            : KernelErrors.RequestInvalid.Because($"The value of '{field}' does not fit{place}.");
        return field is null ? error : error.At(field);
    }

    private static string? FieldOf(string? path) => path is null or "$" or "" ? null : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;

    private static string Join(string? field, string name) => field is null || field == name || field.EndsWith("." + name, StringComparison.Ordinal) ? field ?? name : $"{field}.{name}";

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    [GeneratedRegex("""^Failed to bind parameter "\S+ (?<name>\w+)" from "(?<value>[^"]*)"\.""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex("""^Required parameter "\S+ (?<name>\w+)" was not provided""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MissingParameter();

    [GeneratedRegex("missing required properties including: (?<names>.+?)\\.( Path:|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("^The JSON property '(?<name>[^']*)' could not be mapped", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unknown();
}
