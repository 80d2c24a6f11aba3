using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Keygate.Accounts;
using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Keygate.Api;

/// <summary>The OpenAPI document: results as what they hold, refusals as problems, typed numbers as integers, the bearer token.</summary>
internal static class OpenApiShape
{
    public const string Document = "v1";
    private const string Bearer = "bearer";

    public static void AddOpenApiDocument(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.ShouldInclude = description => description.RelativePath?.StartsWith(ApiModule.Prefix.TrimStart('/') + "/", StringComparison.Ordinal) == true;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            if (IsNumber(type))
            {
                schema.Type = type == context.JsonTypeInfo.Type ? JsonSchemaType.Integer : JsonSchemaType.Integer | JsonSchemaType.Null;
                schema.Format = "int32";
                schema.Minimum = "1";
                schema.Pattern = null;
            }

            OfTexts(schema, context.JsonTypeInfo, context.JsonPropertyInfo);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach (var parameter in operation.Parameters ?? [])
            {
                var described = context.Description.ParameterDescriptions.FirstOrDefault(p => string.Equals(p.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
                if (described?.Type is { } type && IsNumber(Nullable.GetUnderlyingType(type) ?? type) && parameter is OpenApiParameter own)
                {
                    own.Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1" };
                }
                else if (described?.Type is { IsArray: true } && parameter is OpenApiParameter list)
                {
                    // Given no times it is empty; the compiled endpoint calls it required all the same.
                    list.Required = false;
                }
            }

            // What an endpoint reads from its path by itself is not seen by the framework.
            operation.Parameters ??= [];
            foreach (var name in RoutePatternFactory.Parse(context.Description.RelativePath!).Parameters.Select(p => p.Name).Reverse())
            {
                if (operation.Parameters.All(p => p.Name != name))
                {
                    operation.Parameters.Insert(0, new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
                }
            }

            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (!HttpMethods.IsGet(context.Description.HttpMethod ?? "") && !metadata.OfType<WithoutToken>().Any())
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = WriteDoor.KeyHeader,
                    In = ParameterLocation.Header,
                    Required = metadata.OfType<RequireIdempotencyKey>().Any(),
                    Description = "Makes the request repeatable: the same key with the same contents gets the first answer.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 200 },
                });
            }

            if (!metadata.OfType<WithoutToken>().Any())
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            }

            operation.Responses ??= [];
            if (HttpMethods.IsGet(context.Description.HttpMethod ?? "") && EntityTags.IsSingle(RoutePatternFactory.Parse(context.Description.RelativePath!)))
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = HeaderNames.IfNoneMatch,
                    In = ParameterLocation.Header,
                    Description = "The ETag of an earlier answer.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
                operation.Responses["304"] = new OpenApiResponse { Description = "It is as it was when the tag was given." };
            }

            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "A refusal.",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document) },
                },
            };
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(async (document, context, cancellation) =>
        {
            document.Info = new OpenApiInfo { Title = "Keygate", Version = "v1", Description = "Everything Keygate can do, for programs. Refusals are problems (RFC 9457) with a stable code and a remedy." };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token." },
            };
            document.AddComponent(nameof(Problem), await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellation));
        });
    });

    /// <summary>Tells the document what a <see cref="Result{T}"/> holds, and that each endpoint may answer with a problem.</summary>
    public static void DescribeResults(this RouteGroupBuilder group) => ((IEndpointConventionBuilder)group).Finally(endpoint =>
    {
        if (endpoint.Metadata.OfType<MethodInfo>().FirstOrDefault() is { } method && HeldBy(method.ReturnType) is { } held)
        {
            // The framework has described the result itself by now.
            foreach (var guess in endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().Where(m => m.Type is { } type && HeldBy(type) is not null).ToList())
            {
                endpoint.Metadata.Remove(guess);
            }

            endpoint.Metadata.Add(held == typeof(Done)
                ? new ProducesResponseTypeMetadata(StatusCodes.Status204NoContent)
                : new ProducesResponseTypeMetadata(StatusCodes.Status200OK, held, ["application/json"]));
        }
    });

    // The document does not look into a type with a converter of its own, as texts have one (PlainTextConverter).
    private static void OfTexts(OpenApiSchema schema, JsonTypeInfo type, JsonPropertyInfo? property)
    {
        if (type.Type == typeof(string))
        {
            schema.Type = property is { IsGetNullable: true } or { IsSetNullable: true } ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        }
        else if (type.ElementType == typeof(string) && type.Kind == JsonTypeInfoKind.Enumerable)
        {
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String };
        }
        else if (type.ElementType == typeof(string) && type.Kind == JsonTypeInfoKind.Dictionary)
        {
            schema.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }

    private static bool IsNumber(Type type) => type.IsValueType && type.GetInterfaces().Any(i =>
        i.IsGenericType && i.GetGenericTypeDefinition() == typeof(INumber<>) && i.GenericTypeArguments[0] == type);

    private static Type? HeldBy(Type type)
    {
        if (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>)))
        {
            type = type.GenericTypeArguments[0];
        }

        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Result<>) ? type.GenericTypeArguments[0] : null;
    }
}
