using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;

namespace Keygate.Licensing;

/// <summary>What a license is asked for with. Stored whole as the license request, which never changes.</summary>
public sealed record RequestLicenseRequest
{
    /// <summary>Key type identifier of the license class; a main class.</summary>
    public required string KeyType { get; init; }

    /// <summary>Feature identifiers of that class.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Key types of additional classes that travel with it.</summary>
    public IReadOnlyList<string> AddOns { get; init; } = [];

    /// <summary>The plug-in that issues.</summary>
    public required PluginId Issuer { get; init; }

    /// <summary>The plug-in that installs; null where the license stays here, as stock or to be handed over.</summary>
    public PluginId? Installer { get; init; }

    /// <summary>Where the installer puts it; empty for its default for the subscription.</summary>
    public string Target { get; init; } = "";

    /// <summary>The holder, as Orders tells it.</summary>
    public int? CustomerId { get; init; }

    /// <summary>The holder's name, copied to list and sort by.</summary>
    public string? CustomerName { get; init; }

    /// <summary>The subscription that owns it; null for stock.</summary>
    public int? SubscriptionId { get; init; }

    /// <summary>The subscription's name, copied to list and sort by.</summary>
    public string? SubscriptionName { get; init; }

    /// <summary>Activation data known already.</summary>
    public ActivationInput? Activation { get; init; }

    /// <summary>Addresses of the server that the license is for.</summary>
    public IReadOnlyList<string> IpAddresses { get; init; } = [];
}

/// <summary>What a license is activated for.</summary>
/// <param name="HardwareId">For classes activated by hardware.</param>
/// <param name="Instance">For classes activated by application instance: its address or GUID.</param>
public sealed record ActivationInput(string? HardwareId, string? Instance);

/// <summary>
/// Writes a license request: from here on the license has its number and is Pending. An additional license gets a row of its own under its
/// base. The caller's transaction is the one that starts the subscription's creation, so that no paid order is without its request.
/// </summary>
public sealed class RequestLicense
{
    private readonly LicenseStore _store;
    private readonly CatalogReader _catalog;
    private readonly PluginReader _plugins;
    private readonly OfferReader _offers;

    internal RequestLicense(LicenseStore store, CatalogReader catalog, PluginReader plugins, OfferReader offers) =>
        (_store, _catalog, _plugins, _offers) = (store, catalog, plugins, offers);

    /// <summary>The same by a person's wish and not by an order's: also refused where the issuer's account does not offer what is asked for.</summary>
    public async Task<Result<LicenseId>> NewAsync(Tx tx, RequestLicenseRequest request, Actor actor, CancellationToken cancellation)
    {
        var requested = await HandleAsync(tx, request, actor, cancellation);
        if (!requested.IsDone || await _offers.MissingAsync(tx, request.Issuer, [request.KeyType, .. request.AddOns], request.Features, cancellation) is not [var missing, ..])
        {
            return requested;
        }

        var offer = (await _offers.FindAsync(tx, request.Issuer, cancellation)).Value;
        var word = request.Features.Contains(missing, StringComparer.Ordinal) ? "feature" : "license class";
        return LicensingErrors.NotOffered.Because(NotOffered.Cause(offer, word, missing)).Mend(NotOffered.Remedy(offer, word)).At(word == "feature" ? "features" : "keyType");
    }

    /// <summary>Checks against the catalog and writes; refuses with all faults at once.</summary>
    public async Task<Result<LicenseId>> HandleAsync(Tx tx, RequestLicenseRequest request, Actor actor, CancellationToken cancellation)
    {
        PluginId[] named = request.Installer is { } installing ? [request.Issuer, installing] : [request.Issuer];
        var asked = _plugins.Ask(tx, named, cancellation);
        var catalog = await _catalog.GetAsync(tx, cancellation);
        var faults = new List<Error>(CatalogRules.Check(catalog, request.KeyType, request.Features, request.AddOns));
        var plugins = await asked.AllAsync();
        CheckPlugin(plugins, request.Issuer, "issuer.", LicensingErrors.IssuerMissing.At("issuer"), faults);
        if (request.Installer is { } installer)
        {
            CheckPlugin(plugins, installer, "installer.", LicensingErrors.InstallerUnfit.At("installer"), faults);
        }

        if (Error.Of(faults) is { } error)
        {
            return error;
        }

        var id = await InsertAsync(tx, catalog.Class(request.KeyType)!, request, null, actor, cancellation);
        foreach (var addOn in request.AddOns)
        {
            await InsertAsync(tx, catalog.Class(addOn)!, request with { KeyType = addOn, Features = [], AddOns = [] }, id, actor, cancellation);
        }

        return id;
    }

    private async Task<LicenseId> InsertAsync(
        Tx tx, LicenseClass of, RequestLicenseRequest request, LicenseId? parent, Actor actor, CancellationToken cancellation)
    {
        var id = await _store.InsertAsync(tx, new License
        {
            ParentId = parent,
            Ordered = true,
            KeyType = of.KeyType,
            ClassName = of.Name,
            BillTypeName = of.BillType.ToString(),
            ActivationName = of.Activation.ToString(),
            IssuerId = request.Issuer,
            InstallerId = request.Installer,
            CustomerId = request.CustomerId,
            CustomerName = request.CustomerName,
            SubscriptionId = request.SubscriptionId,
            SubscriptionName = request.SubscriptionName,
            Target = request.Target,
            Request = Json.Write(request),
            HardwareId = request.Activation?.HardwareId,
            Instance = request.Activation?.Instance,
        }, actor, cancellation);
        await _store.HistoryAsync(tx, id, actor, null, LicenseState.Pending, "License request written", cancellation);
        return id;
    }

    private static void CheckPlugin(List<Plugin> plugins, PluginId id, string kind, Error error, List<Error> faults)
    {
        var plugin = plugins.Find(p => p.Id == id);
        if (plugin is null || !plugin.Kind.StartsWith(kind, StringComparison.Ordinal))
        {
            faults.Add(error.Because(plugin is null ? $"There is no plug-in {id.Value}." : $"Plug-in {id.Value} ({plugin.Name}) is of kind {plugin.Kind}."));
        }
    }
}
