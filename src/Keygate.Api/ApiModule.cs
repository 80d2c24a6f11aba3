using System.Text.Json.Serialization;
using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keygate.Api;

/// <summary>The pipeline of our REST: who calls, what they sent, and how an answer or refusal looks. Rooms only map endpoints into it.</summary>
public static class ApiModule
{
    /// <summary>Where our REST begins.</summary>
    public const string Prefix = "/api/v1";

    /// <summary>Adds what the pipeline needs.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            Json.Shape(options.SerializerOptions);
            options.SerializerOptions.Converters.Add(new PlainTextConverter());
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            // A null where the type has none would surface deep inside as a fault of ours. A mistyped field of a paid order must not be passed over in silence.
            options.SerializerOptions.RespectNullableAnnotations = true;
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddOpenApiDocument();
        return services;
    }

    /// <summary>Lays the pipeline over the application. Comes after routing and before the endpoints.</summary>
    public static IApplicationBuilder UseApi(this IApplicationBuilder app)
    {
        app.UseProblems(app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Keygate.Api"));
        app.UseBearer();
        return app;
    }

    /// <summary>The group that rooms map their endpoints into, and the OpenAPI document.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi();
        var group = routes.MapGroup(Prefix);
        group.WithMetadata(RestEndpoint.It);
        group.AddEndpointFilter<ResultFilter>();
        group.DescribeResults();
        return group;
    }
}
