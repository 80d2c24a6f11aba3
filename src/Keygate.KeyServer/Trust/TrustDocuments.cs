using System.Security.Cryptography;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>A signed document as it is served.</summary>
/// <param name="Content">The text.</param>
/// <param name="Number">Its number.</param>
internal sealed record TrustDocument(string Content, long Number);

/// <summary>
/// The signed trust bundle and the signed status lists: signed when somebody asks and what they say has changed, or half their life is over, and kept for
/// all nodes. Signing happens outside transactions; where two nodes sign at once, the first one's stays.
/// </summary>
internal sealed class TrustDocuments(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, TrustStore store, SigningKeyStore keys, SigningRing ring, IOptions<KeyServerOptions> options, TimeProvider time)
{
    // Each try loses only against another node that has just signed; more would mean that nothing is kept at all.
    private const int TriesMax = 10;

    /// <summary>The trust bundle as it is now.</summary>
    public async Task<Result<TrustDocument>> BundleAsync(CancellationToken cancellation)
    {
        try
        {
            var row = await CurrentBundleAsync(cancellation);
            return new TrustDocument(row.Content, row.Number);
        }
        catch (Exception e) when (e is SignerException or CryptographicException)
        {
            return KeyServerErrors.SignerUnavailable.Because(e.Message);
        }
    }

    /// <summary>
    /// How the earlier roots lead to the present one, each by what it has signed of the next. What was announced and is not in use yet is left out: nobody shall follow it before documents are
    /// signed by it.
    /// </summary>
    public async Task<Result<TrustDocument>> RootsAsync(CancellationToken cancellation)
    {
        var root = (await ring.RootAsync(cancellation)).Certificate.KeyThumbprint;
        var kept = await database.ReadAsync(s => store.SuccessionsAsync(s, cancellation), cancellation);
        var way = new List<string>();
        for (var (at, to) = (kept.Count - 1, root); at >= 0; at--)
        {
            if (kept[at].ToKey == to)
            {
                way.Insert(0, kept[at].Content);
                to = kept[at].FromKey;
            }
        }

        return new TrustDocument(JsonSerializer.Serialize(new { roots = way }), 0);
    }

    /// <summary>The status list of a shard; a refusal for a shard without keys.</summary>
    public async Task<Result<TrustDocument>> StatusAsync(int shard, CancellationToken cancellation)
    {
        if (shard < 0 || shard > await database.ReadAsync(s => store.HighestKeyAsync(s, cancellation), cancellation) / LicenseFormat.StatusShardKeys)
        {
            return KeyServerErrors.ShardUnknown.Because($"No key has a number in shard {shard}.");
        }

        try
        {
            var row = await CurrentListAsync(shard, cancellation);
            return new TrustDocument(row.Content, row.Number);
        }
        catch (Exception e) when (e is SignerException or CryptographicException)
        {
            return KeyServerErrors.SignerUnavailable.Because(e.Message);
        }
    }

    private async Task<BundleRow> CurrentBundleAsync(CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            // Asked first: they make what the bundle has to tell of.
            var root = await ring.RootAsync(cancellation);
            await ring.ActiveAsync(cancellation);

            // The count of changes is read before the keys: if a change comes between, the bundle tells of it and is signed once too often.
            var (row, all) = await database.ReadAsync(async s => (Row: await store.BundleAsync(s, cancellation), Keys: await keys.ListAsync(s, cancellation)), cancellation);
            if (row.Number > 0 && row.SignedChanges == row.Changes && row.Root == root.Certificate.KeyThumbprint)
            {
                return row;
            }

            var signing = all.Where(k => k.Purpose != SigningKeyPurpose.Root).ToList();
            var revoked = signing.Where(k => k.State == SigningKeyState.Revoked).ToList();
            var contents = new TrustContents
            {
                Number = row.Number + 1,
                IssuedAt = time.GetUtcNow(),
                Keys = [.. signing.Where(k => k.State != SigningKeyState.Revoked).Select(k => (k.Name, SigningRing.CertificateOf(k.Certificate)))],
                Revoked = [.. revoked.Select(Revoked)],
            };
            var next = row with
            {
                Number = row.Number + 1,
                NumberMin = revoked.Count > row.SignedRevoked ? row.Number + 1 : row.NumberMin,
                SignedRevoked = revoked.Count,
                Root = root.Certificate.KeyThumbprint,
                Content = await root.SignTrustAsync(contents, cancellation),
            };
            if (await database.WriteAsync(tx => store.SaveBundleAsync(tx, next, cancellation), cancellation) == 1)
            {
                return next;
            }
        }

        throw new InvalidOperationException("The trust bundle was signed again and again, and never kept.");
    }

    private async Task<StatusListRow> CurrentListAsync(int shard, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            var bundle = await CurrentBundleAsync(cancellation);
            var root = await ring.RootAsync(cancellation);
            var now = time.GetUtcNow();
            var life = options.Value.StatusListLife;
            var (row, notGood) = await database.ReadAsync(async s => (Row: await store.ListAsync(s, shard, cancellation), Keys: await store.NotGoodAsync(s, shard, cancellation)), cancellation);
            if (row.Number > 0 && row.SignedChanges == row.Changes && row.NumberMin == bundle.NumberMin && row.Root == bundle.Root && row.ExpiresAt - (life / 2) > now && row.IssuedAt <= now)
            {
                return row;
            }

            var contents = new StatusContents
            {
                Shard = shard,
                Number = row.Number + 1,
                IssuedAt = now,
                ExpiresAt = now + life,
                TrustNumberMin = bundle.NumberMin,
                Keys = [.. notGood.Select(k => (k.KeyId % LicenseFormat.StatusShardKeys, k.Status))],
            };
            var next = row with
            {
                Number = row.Number + 1,
                NumberMin = bundle.NumberMin,
                Root = root.Certificate.KeyThumbprint,
                Content = await root.SignStatusAsync(contents, cancellation),
                IssuedAt = now,
                ExpiresAt = now + life,
            };
            if (await database.WriteAsync(tx => store.SaveListAsync(tx, next, cancellation), cancellation) == 1)
            {
                return next;
            }
        }

        throw new InvalidOperationException($"The status list {shard} was signed again and again, and never kept.");
    }

    private static RevokedKey Revoked(SigningKeyRow row)
    {
        var certificate = SigningRing.CertificateOf(row.Certificate);
        return new RevokedKey(certificate.KeyThumbprint, certificate.Fingerprint, row.Name, row.RevokedAt ?? throw new InvalidOperationException($"{row.Name} was revoked at no time."));
    }
}
