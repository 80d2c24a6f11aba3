using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>A key that several servers use side by side.</summary>
/// <param name="Number">The key's number with its revision.</param>
/// <param name="ClientId">The client who owns it.</param>
/// <param name="KeyType">Key type identifier.</param>
/// <param name="Servers">The servers.</param>
public sealed record MultiUseView(string Number, ClientId ClientId, string KeyType, IReadOnlyList<ServerView> Servers);

/// <summary>A server that a key was seen on.</summary>
/// <param name="Server">The instance that the product names, or else its addresses.</param>
/// <param name="Addresses">The addresses that it reported last.</param>
/// <param name="ProductVersion">The product's version that it reported last; may be empty.</param>
/// <param name="Reports">How many times it reported.</param>
/// <param name="FirstAt">When first.</param>
/// <param name="LastAt">When last.</param>
public sealed record ServerView(string Server, string Addresses, string ProductVersion, int Reports, DateTimeOffset FirstAt, DateTimeOffset LastAt);

internal static class ListMultiUseEndpoint
{
    private const int DaysMax = 3650;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/multi-use", (int? days, int? limit, string? cursor, HttpContext http, KeyDesk desk, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            database.ReadAsync(
                s => desk.MultiUseAsync(s, Math.Clamp(days ?? KeyDesk.MultiUseDays, 1, DaysMax), PageRequest.Of(limit, cursor), http.RequestAborted), http.RequestAborted))
        .WithSummary("List keys that several servers use side by side")
        .WithDescription("By what products report when they refresh: servers whose times of use overlap. A server that another one replaced does not. days: how far to look back, 45 by default.");
}
