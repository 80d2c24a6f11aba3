using System.Text.Json.Nodes;

namespace Keygate.Tests.Api;

/// <summary>One operation of an OpenAPI document.</summary>
internal sealed record OpenApiOperation(string Method, string Path, IReadOnlyList<string> PathParameters, IReadOnlyList<string> QueryParameters, JsonNode? Body);

/// <summary>Reads of an OpenAPI document what a client needs for a call.</summary>
internal static class OpenApi
{
    private const string Json = "application/json";

    public static IEnumerable<OpenApiOperation> Operations(JsonObject document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        let parameters = operation.Value!["parameters"] as JsonArray ?? []
        select new OpenApiOperation(operation.Key.ToUpperInvariant(), path.Key, [.. Named(parameters, "path")], [.. Named(parameters, "query")],
            operation.Value["requestBody"]?["content"]?[Json]?["schema"]);

    /// <summary>What a reference such as <c>#/components/schemas/Problem</c> stands for.</summary>
    public static JsonNode Resolve(JsonObject document, string reference) =>
        reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode)document, (node, name) => node[name]!);

    private static IEnumerable<string> Named(JsonArray parameters, string place) =>
        parameters.Where(p => (string?)p!["in"] == place).Select(p => (string)p!["name"]!);
}
