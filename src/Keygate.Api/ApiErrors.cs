using Keygate.Kernel;

namespace Keygate.Api;

/// <summary>Refusals of the REST door itself.</summary>
public static class ApiErrors
{
    public static readonly Error RouteUnknown = new("api.route-unknown", ErrorKind.NotFound,
        "There is nothing at this address", "See /openapi/v1.json for the addresses of the API.");

    public static readonly Error MethodUnknown = new("api.method-unknown", ErrorKind.Invalid,
        "The address does not know this method", "See /openapi/v1.json for the methods of the address.");

    public static readonly Error BodyNotJson = new("api.body-not-json", ErrorKind.Invalid,
        "The request's body is not JSON", "Send JSON with the header 'Content-Type: application/json'.");

    public static readonly Error ConditionUnknown = new("api.condition-unknown", ErrorKind.Invalid,
        "Writes take no If-Match", "Leave the header out; what no longer fits the state of a thing is refused anyway.");

    public static readonly Error BodyTooLarge = new("api.body-too-large", ErrorKind.Invalid,
        "The request's body is too large", "Send less than 30 MB in one request.");

    public static readonly Error BodyTooSlow = new("api.body-too-slow", ErrorKind.Invalid,
        "The request's body came too slowly", "Send the whole request at once; after some seconds without 240 bytes a second the connection is closed.");
}
