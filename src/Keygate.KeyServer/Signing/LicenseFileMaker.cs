using Keygate.Storage;
using Keygate.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>A license file ready to be handed out.</summary>
/// <param name="Number">The key's number with the revision that the file carries.</param>
/// <param name="Content">The file.</param>
/// <param name="Extension">Extension to store it under, without dot.</param>
internal sealed record MadeFile(KeyNumber Number, byte[] Content, string Extension);

/// <summary>Makes the license file of a key's revision: signed once, kept, and handed out unchanged ever after.</summary>
internal sealed class LicenseFileMaker(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database,
    KeyStore keys,
    ClientStore clients,
    PriceListStore priceLists,
    ProductConfigurationStore configurations,
    SigningRing ring,
    IOptions<KeyServerOptions> options,
    TimeProvider time)
{
    /// <summary>The file of the key's present revision. May be repeated: all answers for one revision are the same bytes.</summary>
    public async Task<MadeFile> MakeAsync(KeyRow key, bool previousVersion, CancellationToken cancellation)
    {
        var (list, kept, features, owner, configuration) = await database.ReadAsync(async s => (
            List: await priceLists.GetAsync(s, key.PriceListId, cancellation),
            Kept: await keys.FindFileAsync(s, key.Id, key.Revision, previousVersion, cancellation),
            Features: await keys.FeaturesAsync(s, key.Id, cancellation),
            Owner: await clients.FindAsync(s, key.ClientId, cancellation),
            Configuration: key.ProductConfigurationId is { } id ? await configurations.FindAsync(s, id, cancellation) : null), cancellation);
        var keyType = list.KeyType(key.KeyType) ?? throw new InvalidOperationException($"The price list of {key.Number} has lost its key type {key.KeyType}.");
        if (kept is not null)
        {
            return new MadeFile(key.Number, kept.Content, keyType.FileExtension);
        }

        var signer = await ring.ActiveAsync(cancellation);
        var file = Contents(key, list, keyType, [.. features.Select(f => f.Feature)], configuration?.Read() ?? [], owner?.Name, options.Value.PublicUrl);
        var content = signer.Sign(previousVersion ? file with { ProductVersion = keyType.PreviousVersion } : file);
        var first = await database.WriteAsync(async tx =>
        {
            await keys.AddFileAsync(tx, key.Id, key.Revision, previousVersion, signer.KeyId, content, time.GetUtcNow(), cancellation);
            return await keys.FindFileAsync(tx, key.Id, key.Revision, previousVersion, cancellation);
        }, cancellation);
        return new MadeFile(key.Number, first!.Content, keyType.FileExtension);
    }

    internal static LicenseFile Contents(KeyRow key, PriceList list, KeyTypeItem keyType, IReadOnlyList<string> features, IReadOnlyList<PropertyItem> configured, string? owner, Uri server)
    {
        var carried = features
            .Select(id => list.Feature(id) ?? throw new InvalidOperationException($"The price list of {key.Number} has lost its feature {id}."))
            .OrderBy(f => f.Sort).ThenBy(f => f.Id, StringComparer.Ordinal).ToList();

        // A feature says more precisely what the key type says in general, so it comes later and wins; last comes what the client configured.
        var properties = new Dictionary<string, LicenseProperty>(StringComparer.Ordinal);
        foreach (var property in keyType.Properties.Concat(carried.SelectMany(f => f.Properties)).Concat(configured))
        {
            properties[property.Name] = new LicenseProperty(property.Name, property.Type, property.Value);
        }

        return new LicenseFile
        {
            KeyNumber = key.Number.Stem,
            KeyVersion = key.Revision,
            KeyType = key.KeyType,
            Features = [.. carried.Select(f => f.Id)],
            Product = keyType.Product,
            ProductVersion = keyType.ProductVersion,
            Owner = owner,
            StartDate = key.StartDate,
            ExpirationDate = key.ExpirationDate,
            UpdateDate = key.UpdateDate,
            SusDate = key.SusDate is { } sus ? LicenseDate.FromDateOnly(sus) : null,
            LicenseServerUrl = server.GetLeftPart(UriPartial.Authority),
            UpdateTicket = key.UpdateTicket,
            Bindings = key.ActivatedFor is { } bound
                ? [new LicenseBinding(key.Activation == ActivationRule.HardwareId ? BindingKind.HardwareId : BindingKind.Instance, bound)]
                : [],
            Properties = [.. properties.Values],
        };
    }
}
