using System.Collections.Frozen;
using System.Globalization;
using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi10;
using Microsoft.AspNetCore.Http;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>
/// The errors of Partner API 3.0, reference section 6, and the one place where a refusal becomes one. Its <c>type</c> is 24204 for a terminated key, the
/// only one published; the result code of Partner API 1.0 where that knows the refusal; otherwise a number of our own from 90001 (ADR 0018).
/// </summary>
public static class RestErrors
{
    private const string Terminated = "24204";

    private static readonly FrozenDictionary<string, string> Own = new Dictionary<Error, int>
    {
        [KeyServerErrors.PathUnknown] = 90001,
        [KeyServerErrors.VerbUnsupported] = 90002,
        [KeyServerErrors.AnswerNotAccepted] = 90003,
        [KeyServerErrors.MediaUnsupported] = 90004,
        [KeyServerErrors.BodyTooLarge] = 90005,
        [KeyServerErrors.BodyMalformed] = 90006,
        [KeyServerErrors.FieldMalformed] = 90007,
        [KeyServerErrors.ParameterMalformed] = 90008,
        [KeyServerErrors.ItemUnknown] = 90011,
        [KeyServerErrors.ItemsUnfit] = 90012,
        [KeyServerErrors.OperationsConflicting] = 90013,
        [KeyServerErrors.IdentifiersDiffer] = 90014,
        [KeyServerErrors.OperationUnsupported] = 90015,
        [KeyServerErrors.SusMissing] = 90021,
        [KeyServerErrors.SusEnded] = 90022,
        [KeyServerErrors.SusRuns] = 90023,
        [KeyServerErrors.NotDomainBased] = 90024,
        [KeyServerErrors.EditionUnknown] = 90025,
        [KeyServerErrors.ActivationsUsedUp] = 90026,
        [KeyServerErrors.KeyIsRevoked] = 90031,
    }.ToFrozenDictionary(pair => pair.Key.Code, pair => pair.Value.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>The HTTP status of a refusal.</summary>
    public static int StatusOf(Error error) =>
        error.Code == KeyServerErrors.VerbUnsupported.Code ? StatusCodes.Status405MethodNotAllowed
        : error.Code == KeyServerErrors.AnswerNotAccepted.Code ? StatusCodes.Status406NotAcceptable
        : error.Code == KeyServerErrors.BodyTooLarge.Code ? StatusCodes.Status413PayloadTooLarge
        : error.Code == KeyServerErrors.MediaUnsupported.Code ? StatusCodes.Status415UnsupportedMediaType
        : error.Code == KeyServerErrors.RateExceeded.Code ? StatusCodes.Status429TooManyRequests
        : error.Kind switch
        {
            ErrorKind.Unauthenticated => StatusCodes.Status401Unauthorized,
            ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
            ErrorKind.NotFound => StatusCodes.Status404NotFound,
            ErrorKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
            ErrorKind.Invalid or ErrorKind.Conflict or ErrorKind.Limit => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status500InternalServerError,
        };

    /// <summary>The <c>type</c> of a refusal.</summary>
    public static string TypeOf(Error error) =>
        error.Code == KeyServerErrors.KeyIsTerminated.Code ? Terminated
        : Own.GetValueOrDefault(error.Code) ?? ResultCodes.Of(error).ToString(CultureInfo.InvariantCulture);

    /// <summary>The body of a refusal, and its status.</summary>
    internal static (int Status, byte[] Body) Of(Error error)
    {
        var status = StatusOf(error);
        // The one error that is published word for word; its occurrence begins with the key's number.
        return error.Code == KeyServerErrors.KeyIsTerminated.Code
            ? (status, Json(status, Terminated, "License key is terminated, nothing can be done with it.", $"Key number = {error.Detail.Split(' ')[0]}."))
            : (status, Json(status, TypeOf(error), string.Join(" ", error.Others.Prepend(error).Select(e => e.Detail)), error.Remedy));
    }

    /// <summary>The body for our own crash.</summary>
    internal static byte[] Crash(string trace) => Json(
        StatusCodes.Status500InternalServerError, ResultCodes.Internal.ToString(CultureInfo.InvariantCulture), "Internal error.",
        $"The key server failed while carrying out the call; the issuer finds it in the log under {trace}.");

    private static byte[] Json(int status, string type, string message, string details) => KeyWire.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("code", status.ToString(CultureInfo.InvariantCulture));
        json.WriteString("type", type);
        json.WriteString("message", message);
        json.WriteString("details", details);
        json.WriteEndObject();
    });
}
