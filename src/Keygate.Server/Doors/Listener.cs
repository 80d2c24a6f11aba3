using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Keygate.Server;

/// <summary>A listener of this process.</summary>
internal enum Listener
{
    /// <summary>REST, pages, health.</summary>
    Http,

    /// <summary>The Billing API.</summary>
    Billing,

    /// <summary>The Partner APIs.</summary>
    Partner,
}

/// <summary>
/// Keeps endpoints on their listener: each connection carries the listener it came in by, and routing passes over endpoints of another one.
/// Told by the connection and not by the port, so that it also holds for ports that the system chose.
/// </summary>
internal sealed class ListenerPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => true;

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var listener = Of(httpContext);
        for (var i = 0; i < candidates.Count; i++)
        {
            // What no room has put on another listener belongs to the main one.
            if (candidates.IsValidCandidate(i) && (candidates[i].Endpoint.Metadata.GetMetadata<OnListener>()?.Listener ?? Listener.Http) != listener)
            {
                candidates.SetValidity(i, false);
            }
        }

        return Task.CompletedTask;
    }

    public static Listener Of(HttpContext http) => http.Features.Get<OnListener>()?.Listener ?? Listener.Http;

    public static void Mark(ListenOptions options, Listener listener)
    {
        var mark = new OnListener(listener);
        options.Use(next => connection =>
        {
            connection.Features.Set(mark);
            return next(connection);
        });
    }
}

/// <summary>On a connection: the listener it came in by. On an endpoint: the listener it belongs to.</summary>
internal sealed record OnListener(Listener Listener);
