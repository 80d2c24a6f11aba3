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
    /// <summary>How far back use side by side counts where nobody says otherwise.</summary>
    public const int DaysDefault = 45;

    private const int DaysMax = 3650;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/multi-use", (
            int? days, int? limit, string? cursor, HttpContext http, SightingStore sightings, KeyStore keys, TimeProvider time,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) => database.ReadAsync<Result<Page<MultiUseView>>>(async s =>
        {
            var since = time.GetUtcNow() - TimeSpan.FromDays(Math.Clamp(days ?? DaysDefault, 1, DaysMax));
            var page = await PageRequest.Of(limit, cursor).OldestFirstAsync(
                $"multi-use {days}", (after, rows) => sightings.SeveralAsync(s, since, after, rows, http.RequestAborted), id => id, id => id);
            if (!page.TryGet(out var ids, out var refusal))
            {
                return refusal;
            }

            var views = new List<MultiUseView>();
            foreach (var id in ids.Items.Select(KeyId.Of))
            {
                var key = (await keys.PageAsync(s, null, id, null, 1, http.RequestAborted)).Single();
                var servers = await sightings.ServersAsync(s, id, since, http.RequestAborted);
                views.Add(new MultiUseView(key.Number.ToString(), key.ClientId, key.KeyType, [.. servers.Select(r => new ServerView(
                    r.Server, r.Addresses, r.ProductVersion, r.Reports, r.FirstAt, r.LastAt))]));
            }

            return new Page<MultiUseView>(views, ids.Next);
        }, http.RequestAborted))
        .WithSummary("List keys that several servers use side by side")
        .WithDescription("By what products report when they refresh: servers whose times of use overlap. A server that another one replaced does not. days: how far to look back, 45 by default.");
}
