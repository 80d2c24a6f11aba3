using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>How a class or feature of the catalog stands to what an issuer's account offers.</summary>
public enum OfferStanding
{
    /// <summary>It is offered and can be sold.</summary>
    Offered,

    /// <summary>It is set up here and not offered there: it cannot be sold.</summary>
    Missing,

    /// <summary>It is offered there and not set up here.</summary>
    NotSetUp,

    /// <summary>Nobody knows: the issuer cannot tell, or has not yet.</summary>
    Unknown,
}

/// <summary>A class or feature, here and at an issuer.</summary>
/// <param name="Code">Its identifier.</param>
/// <param name="Name">Its name in the catalog; empty where it is not set up here.</param>
/// <param name="Standing">How the two stand.</param>
/// <param name="Since">Since when it is offered, or since when it is no longer; null where it never was.</param>
/// <param name="Cause">Why it cannot be sold; null where it can.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record ComparedItem(string Code, string Name, OfferStanding Standing, DateTimeOffset? Since, string? Cause, string? Remedy);

/// <summary>The catalog beside what an issuer's account offers.</summary>
/// <param name="Plugin">The plug-in.</param>
/// <param name="Status">Whether it can be sold from.</param>
/// <param name="At">When the offer was last seen; null before.</param>
/// <param name="Items">Those that are set up here by identifier, then those that are not.</param>
public sealed record ComparedOffer(PluginId Plugin, PluginStatus Status, DateTimeOffset? At, IReadOnlyList<ComparedItem> Items);

/// <summary>
/// The tabs <i>License Classes</i> and <i>Features</i> of a plug-in: what can really be sold through it. What was set up here and is missing there says why, in the
/// words of the administrator's guide.
/// </summary>
public sealed class CompareOffer
{
    private readonly CatalogReader _catalog;
    private readonly OfferReader _offers;

    internal CompareOffer(CatalogReader catalog, OfferReader offers) => (_catalog, _offers) = (catalog, offers);

    /// <summary>The license classes; refused where the plug-in is no issuer.</summary>
    public Task<Result<ComparedOffer>> ClassesAsync(Session session, PluginId plugin, CancellationToken cancellation) => CompareAsync(
        session, plugin, OfferItemKind.KeyType, "license class",
        catalog => catalog.Contents.Classes.Where(c => c.ArchivedAt is null).Select(c => (c.KeyType, c.Name)), cancellation);

    /// <summary>The features; upgrade plans that the catalog's upgrade options use are set up by these.</summary>
    public Task<Result<ComparedOffer>> FeaturesAsync(Session session, PluginId plugin, CancellationToken cancellation) => CompareAsync(
        session, plugin, OfferItemKind.Feature, "feature",
        catalog => catalog.Contents.Features.Where(f => f.ArchivedAt is null).Select(f => (f.Id, f.Name))
            .Concat(catalog.Contents.UpgradeOptions.Where(o => o.ArchivedAt is null).Select(o => (o.Plan, o.Description.Length > 0 ? o.Description : $"{o.From} to {o.To}"))),
        cancellation);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/plugins/{id:int}/license-classes", (int id, Database database, CompareOffer handler, CancellationToken cancellation) =>
                database.ReadAsync(s => handler.ClassesAsync(s, PluginId.Of(id), cancellation), cancellation))
            .WithName("ListPluginLicenseClasses").WithTags("Plug-ins").WithSummary("License classes of the catalog beside what the issuer's account offers");
        routes.MapGet("/plugins/{id:int}/features", (int id, Database database, CompareOffer handler, CancellationToken cancellation) =>
                database.ReadAsync(s => handler.FeaturesAsync(s, PluginId.Of(id), cancellation), cancellation))
            .WithName("ListPluginFeatures").WithTags("Plug-ins").WithSummary("Features of the catalog beside what the issuer's account offers");
    }

    private async Task<Result<ComparedOffer>> CompareAsync(
        Session session, PluginId plugin, OfferItemKind kind, string word, Func<CatalogView, IEnumerable<(string Code, string Name)>> setUp, CancellationToken cancellation)
    {
        if (!(await _offers.FindAsync(session, plugin, cancellation)).TryGet(out var offer, out var error))
        {
            return error;
        }

        var catalog = await _catalog.GetAsync(session, cancellation);
        var offered = offer.Items.Where(i => i.Kind == kind).ToDictionary(i => i.Code, StringComparer.Ordinal);
        var here = setUp(catalog).DistinctBy(i => i.Code, StringComparer.Ordinal).OrderBy(i => i.Code, StringComparer.Ordinal).ToList();
        var items = here.Select(i => Compare(offer, word, offered.GetValueOrDefault(i.Code), i.Code, i.Name)).ToList();
        var known = here.Select(i => i.Code).ToHashSet(StringComparer.Ordinal);
        items.AddRange(offered.Values.Where(i => i.WithdrawnAt is null && !known.Contains(i.Code)).OrderBy(i => i.Code, StringComparer.Ordinal)
            .Select(i => new ComparedItem(i.Code, "", OfferStanding.NotSetUp, i.Since, null, $"Set the {word} up in the catalog to sell it.")));
        return new ComparedOffer(plugin, offer.Status, offer.At, items);
    }

    private static ComparedItem Compare(PluginOffer offer, string word, OfferItem? there, string code, string name)
    {
        if (offer.Kind is null or OfferKind.Untold)
        {
            return new ComparedItem(
                code, name, OfferStanding.Unknown, null, offer.Kind is null ? offer.Cause ?? "The plug-in is not Configured yet: what the account offers has not been listed." : null,
                offer.Kind is null ? offer.Remedy ?? "Wait for the background, or synchronize the list of license classes." : null);
        }

        if (offer.Kind == OfferKind.Everything || there is { WithdrawnAt: null })
        {
            return new ComparedItem(code, name, OfferStanding.Offered, there?.Since ?? offer.At, null, null);
        }

        return new ComparedItem(code, name, OfferStanding.Missing, there?.WithdrawnAt, NotOffered.Cause(offer, word, code), NotOffered.Remedy(offer, word));
    }
}

/// <summary>Why something that is set up here cannot be sold through an issuer.</summary>
public static class NotOffered
{
    /// <summary>The cause.</summary>
    public static string Cause(PluginOffer offer, string word, string code)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return offer.Kind == OfferKind.Ticked
            ? $"The {word} {code} is not ticked for '{offer.Name}'."
            : $"The {word} {code} is not available for the account of '{offer.Name}'.";
    }

    /// <summary>The remedy.</summary>
    public static string Remedy(PluginOffer offer, string word)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return offer.Kind == OfferKind.Ticked
            ? $"Tick the {word} in the plug-in's list, where your agreement with the issuer covers it."
            : $"Address your account manager or sales representative to enable the {word} for your account, and synchronize the plug-in after that.";
    }
}
