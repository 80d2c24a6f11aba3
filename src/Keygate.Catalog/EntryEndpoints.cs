using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Keygate.Catalog;

/// <summary>The doors of all kinds of entries: each is added, listed, shown, archived and put back in the same way.</summary>
internal static class EntryEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        Map<LicenseClass, LicenseClassView, AddLicenseClassRequest, AddLicenseClass>(
            routes, CatalogKind.LicenseClass, "/license-classes", "{keyType}", c => c.Classes, LicenseClassView.Of, (add, tx, request, actor, end) => add.HandleAsync(tx, request, actor, end),
            "Adds a license class", "Lists the license classes by key type", "Shows a license class with its features and add-ons");

        // A feature belongs to a class or not: there is nothing to list or show of that by itself.
        const string ofClass = "/license-classes/{keyType}/features/{feature}";
        routes.MapPut(ofClass, (string keyType, string feature, AddClassFeature add, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, null, (tx, actor) => add.HandleAsync(tx, new AddClassFeatureRequest(keyType, feature), actor, http.RequestAborted)))
            .WithName("AddClassFeature").WithSummary("Says that a feature belongs to a license class; may be repeated");
        MapArchive(routes, ofClass, CatalogKind.ClassFeature);

        Map<FeatureGroup, FeatureGroupView, AddFeatureGroupRequest, AddFeatureGroup>(
            routes, CatalogKind.FeatureGroup, "/feature-groups", "{id}", c => c.Groups, FeatureGroupView.Of, (add, tx, request, actor, end) => add.HandleAsync(tx, request, actor, end),
            "Adds a feature group", "Lists the feature groups by code", "Shows a feature group with its features");
        Map<Feature, FeatureView, AddFeatureRequest, AddFeature>(
            routes, CatalogKind.Feature, "/features", "{id}", c => c.Features, FeatureView.Of, (add, tx, request, actor, end) => add.HandleAsync(tx, request, actor, end),
            "Adds a feature", "Lists the features by code", "Shows a feature with the classes it belongs to");
        Map<AddOn, AddOnView, AddAddOnRequest, AddAddOn>(
            routes, CatalogKind.AddOn, "/add-ons", "{parent}/{addOn}", c => c.AddOns, (_, a) => AddOnView.Of(a), (add, tx, request, actor, end) => add.HandleAsync(tx, request, actor, end),
            "Says that an additional license class goes with a main one", "Lists which additional license class goes with which main one", "Shows an add-on relation");
        Map<UpgradeOption, UpgradeOptionView, AddUpgradeOptionRequest, AddUpgradeOption>(
            routes, CatalogKind.UpgradeOption, "/upgrade-options", "{from}/{to}", c => c.UpgradeOptions, (_, o) => UpgradeOptionView.Of(o), (add, tx, request, actor, end) => add.HandleAsync(tx, request, actor, end),
            "Adds an upgrade option", "Lists what may be turned into what", "Shows an upgrade option");
    }

    private static void Map<TEntry, TView, TRequest, TAdd>(
        IEndpointRouteBuilder routes, CatalogKind kind, string path, string key, Func<CatalogContents, IReadOnlyList<TEntry>> all, Func<CatalogView, TEntry, TView> view,
        Func<TAdd, Tx, TRequest, Actor, CancellationToken, Task<Result<TView>>> add, string toAdd, string toList, string toShow)
        where TEntry : CatalogEntry
        where TRequest : class
        where TAdd : class
    {
        routes.MapPost(path, (TRequest request, TAdd handler, WriteDoor door, HttpContext http) =>
                door.WriteAsync(http, request, (tx, actor) => add(handler, tx, request, actor, http.RequestAborted)))
            .WithName($"Add{kind}").WithSummary(toAdd);

        routes.MapGet(path, (int? limit, string? cursor, bool? archived, Database database, CatalogReader reader, CancellationToken cancellation) =>
                database.ReadAsync(async s =>
                {
                    var now = await reader.GetAsync(s, cancellation);
                    return CatalogLists.Page(all(now.Contents), new CatalogListQuery(limit, cursor, archived), entry => view(now, entry));
                }, cancellation))
            .WithName($"List{Plural(path)}").WithSummary(toList);

        var one = $"{path}/{key}";
        var code = CodeIn(one);
        routes.MapGet(one, (HttpContext http, Database database, CatalogReader reader) =>
                database.ReadAsync(async s =>
                {
                    var now = await reader.GetAsync(s, http.RequestAborted);
                    return CatalogLists.Found((TEntry?)now.Contents.Find(kind, code(http)), kind, code(http)).Map(entry => view(now, entry));
                }, http.RequestAborted))
            .WithName($"Show{kind}").WithSummary(toShow);

        MapArchive(routes, one, kind);
    }

    private static void MapArchive(IEndpointRouteBuilder routes, string path, CatalogKind kind)
    {
        var code = CodeIn(path);
        foreach (var (verb, archived) in new[] { ("archive", true), ("put-back", false) })
        {
            routes.MapPost($"{path}/{verb}", (ArchiveEntry archive, WriteDoor door, HttpContext http) =>
                    door.WriteAsync(http, null, (tx, actor) => archive.HandleAsync(tx, new ArchiveEntryRequest(kind, code(http), archived), actor, http.RequestAborted)))
                .WithName($"{(archived ? "Archive" : "PutBack")}{kind}")
                .WithSummary(archived ? $"Takes a {CatalogShape.Word(kind)} out of use" : $"Puts an archived {CatalogShape.Word(kind)} back");
        }
    }

    /// <summary>The values in a path, joined by a slash, are the entry's code.</summary>
    private static Func<HttpContext, string> CodeIn(string path)
    {
        var names = RoutePatternFactory.Parse(path).Parameters.Select(p => p.Name).ToArray();
        return http => string.Join('/', names.Select(n => (string?)http.Request.RouteValues[n]));
    }

    // license-classes is LicenseClasses.
    private static string Plural(string path) => string.Concat(path[1..].Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
