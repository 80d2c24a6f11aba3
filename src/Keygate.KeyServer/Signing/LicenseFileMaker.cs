using System.Security.Cryptography;
using System.Text;
using Keygate.Kernel;
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

/// <summary>A license signed in one of its forms.</summary>
/// <param name="SigningKeyId">The name of the key that signed.</param>
/// <param name="Content">The file's octets, or the token's characters.</param>
internal sealed record SignedLicense(string SigningKeyId, byte[] Content);

/// <summary>Makes the license file and the token of a key's revision: signed once, kept, and handed out unchanged ever after.</summary>
internal sealed class LicenseFileMaker(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database,
    SignedFormStore forms,
    KeyStore keys,
    ClientStore clients,
    PriceListStore priceLists,
    ProductConfigurationStore configurations,
    VendorStore vendors,
    SigningRing ring,
    IOptions<KeyServerOptions> options,
    TimeProvider time)
{
    /// <summary>The extension that tokens are stored under.</summary>
    public const string TokenExtension = "jwt";

    /// <summary>The file or token of the key's present revision. May be repeated: all answers for one revision are the same bytes.</summary>
    public async Task<Result<MadeFile>> MakeAsync(KeyRow key, SignedForm form, CancellationToken cancellation)
    {
        var (keyType, file) = await ReadAsync(key, form, cancellation);
        var extension = form == SignedForm.Token ? TokenExtension : keyType.FileExtension;
        if (await database.ReadAsync(s => forms.FindAsync(s, form, key.Id, key.Revision, cancellation), cancellation) is { } kept)
        {
            return new MadeFile(key.Number, kept, extension);
        }

        if (!(await SignAsync(file, form, cancellation)).TryGet(out var signed, out var refusal))
        {
            return refusal;
        }

        var first = await database.WriteAsync(async tx =>
        {
            await forms.AddAsync(tx, form, key.Id, key.Revision, signed.SigningKeyId, signed.Content, time.GetUtcNow(), cancellation);
            return await forms.FindAsync(tx, form, key.Id, key.Revision, cancellation);
        }, cancellation);
        return new MadeFile(key.Number, first!, extension);
    }

    /// <summary>The file or token of a revision that the key does not have yet: signed, not kept.</summary>
    public async Task<Result<SignedLicense>> SignAheadAsync(KeyRow key, SignedForm form, CancellationToken cancellation) =>
        await SignAsync((await ReadAsync(key, form, cancellation)).File, form, cancellation);

    /// <summary>Signs a file with a signer at hand.</summary>
    public static async Task<Result<SignedLicense>> SignAsync(ILicenseSigner signer, LicenseFile license, SignedForm form, CancellationToken cancellation)
    {
        try
        {
            var content = form == SignedForm.Token
                ? Encoding.ASCII.GetBytes(await signer.SignTokenAsync(license, cancellation))
                : await signer.SignFileAsync(license, cancellation);
            return new SignedLicense(signer.KeyId, content);
        }
        catch (Exception e) when (e is SignerException or CryptographicException)
        {
            return KeyServerErrors.SignerUnavailable.Because(e.Message);
        }
    }

    private async Task<Result<SignedLicense>> SignAsync(LicenseFile license, SignedForm form, CancellationToken cancellation)
    {
        try
        {
            return await SignAsync(form == SignedForm.Token ? await ring.ForTokensAsync(cancellation) : await ring.ActiveAsync(cancellation), license, form, cancellation);
        }
        catch (Exception e) when (e is SignerException or CryptographicException)
        {
            return KeyServerErrors.SignerUnavailable.Because(e.Message);
        }
    }

    private async Task<(KeyTypeItem KeyType, LicenseFile File)> ReadAsync(KeyRow key, SignedForm form, CancellationToken cancellation)
    {
        var (list, features, owner, configuration, body) = await database.ReadAsync(async s => (
            List: await priceLists.GetAsync(s, key.PriceListId, cancellation),
            Features: await keys.FeaturesAsync(s, key.Id, cancellation),
            Owner: await clients.FindAsync(s, key.ClientId, cancellation),
            Configuration: key.ProductConfigurationId is { } id ? await configurations.FindAsync(s, id, cancellation) : null,
            Body: key.VendorId is null ? null : await vendors.BodyAsync(s, key.Id, key.Revision, cancellation)), cancellation);
        var keyType = list.KeyType(key.KeyType) ?? throw new InvalidOperationException($"The price list of {key.Number} has lost its key type {key.KeyType}.");
        var file = Contents(key, list, keyType, features, configuration?.Read() ?? [], owner?.Name, options.Value.PublicUrl) with { KeyBody = body };
        return (keyType, form == SignedForm.PreviousFile ? file with { ProductVersion = keyType.PreviousVersion } : file);
    }

    internal static LicenseFile Contents(KeyRow key, PriceList list, KeyTypeItem keyType, IReadOnlyList<KeyFeatureRow> features, IReadOnlyList<PropertyItem> configured, string? owner, Uri server)
    {
        var carried = features
            .Select(f => (Item: list.Feature(f.Feature) ?? throw new InvalidOperationException($"The price list of {key.Number} has lost its feature {f.Feature}."), f.Quantity))
            .OrderBy(f => f.Item.Sort).ThenBy(f => f.Item.Id, StringComparer.Ordinal).ToList();

        // A feature says more precisely what the key type says in general, so it comes later and wins; last comes what the client configured.
        var properties = new Dictionary<string, LicenseProperty>(StringComparer.Ordinal);
        foreach (var property in keyType.Properties.Concat(carried.SelectMany(f => f.Item.PropertiesFor(f.Quantity))).Concat(configured))
        {
            properties[property.Name] = new LicenseProperty(property.Name, property.Type, property.Value);
        }

        return new LicenseFile
        {
            KeyNumber = key.Number.Stem,
            KeyVersion = key.Revision,
            KeyType = key.KeyType,
            Features = [.. carried.Select(f => f.Item.Id)],
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
