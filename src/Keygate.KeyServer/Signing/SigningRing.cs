using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Keygate.Storage;
using Keygate.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>
/// The keys that sign: for each purpose one active, older ones still trusted until they are revoked. What the operator does not give is made at first use;
/// private keys made here lie sealed under the master key. Thread-safe.
/// </summary>
internal sealed class SigningRing(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database,
    SigningKeyStore store,
    TrustStore trust,
    MasterKey masterKey,
    IOptions<KeyServerOptions> options,
    TimeProvider time)
{
    // Other tools look at a certificate's dates, and a pinned certificate needs no renewal: it outlives the files it signed.
    private const int CertificateYears = 30;

    // Loaded once per key and kept for the life of the process: a signer may be signing when its key retires.
    private readonly ConcurrentDictionary<string, ILicenseSigner> _signers = new(StringComparer.Ordinal);

    /// <summary>The signer of new files.</summary>
    public async Task<ILicenseSigner> ActiveAsync(CancellationToken cancellation) => await SignerAsync(SigningKeyPurpose.License, cancellation);

    /// <summary>The signer of new tokens: a key of their own, or the one of files.</summary>
    public async Task<ILicenseSigner> ForTokensAsync(CancellationToken cancellation) =>
        await database.ReadAsync(s => store.FindActiveAsync(s, SigningKeyPurpose.Token, cancellation), cancellation) is { } own
            ? await OpenAsync(own, cancellation)
            : await ActiveAsync(cancellation);

    /// <summary>The root, which signs the trust bundle and the status lists.</summary>
    public async Task<ILicenseSigner> RootAsync(CancellationToken cancellation) => await SignerAsync(SigningKeyPurpose.Root, cancellation);

    /// <summary>The certificates of keys that sign or signed licenses and are not revoked.</summary>
    public async Task<TrustBundle> TrustAsync(CancellationToken cancellation)
    {
        var rows = await ListAsync(cancellation);
        return TrustBundle.Parse(string.Join('\n', rows.Where(row => row.Purpose != SigningKeyPurpose.Root && row.State != SigningKeyState.Revoked).Select(row => row.Certificate)));
    }

    /// <summary>All keys, the oldest first.</summary>
    public async Task<List<SigningKeyRow>> ListAsync(CancellationToken cancellation)
    {
        await RootAsync(cancellation);
        await ActiveAsync(cancellation);
        return await database.ReadAsync(s => store.ListAsync(s, cancellation), cancellation);
    }

    /// <summary>A new key of a type, not kept yet.</summary>
    public SigningKeyRow Make(SigningKeyType type, SigningKeyPurpose purpose, string by, string reason)
    {
        // Other tools judge it by the machine's clock, so it isn't dated by the clock of a test; with a day of slack for clocks that lag behind.
        var real = TimeProvider.System.GetUtcNow();
        var name = NewName();
        var made = LicenseSigningKey.Create(
            type.Algorithm(), purpose == SigningKeyPurpose.Root ? $"Keygate root {name}" : $"Keygate license signing {name}", real.AddDays(-1), real.AddYears(CertificateYears),
            type == SigningKeyType.Rsa3072 ? 3072 : 2048);
        return new SigningKeyRow
        {
            Name = name, Purpose = purpose, Origin = SigningKeyOrigin.Made, Algorithm = type.ToString(), Certificate = made.CertificatePem,
            PrivateKey = masterKey.Seal(Purpose(name), Encoding.ASCII.GetBytes(made.PrivateKeyPem)), ChangedBy = by, Reason = reason,
        };
    }

    private async Task<ILicenseSigner> SignerAsync(SigningKeyPurpose purpose, CancellationToken cancellation)
    {
        var given = purpose == SigningKeyPurpose.Root ? options.Value.RootKey : options.Value.SigningKey;
        var row = await database.ReadAsync(s => store.FindActiveAsync(s, purpose, cancellation), cancellation);
        var certificate = given is null ? null : await given.CertificateAsync(cancellation);
        if (row is null || !IsWanted(row, certificate))
        {
            row = await ReplaceAsync(row, purpose, certificate, cancellation);
        }

        return await OpenAsync(row, cancellation);
    }

    // A given key that is given no more has gone with its private part.
    private static bool IsWanted(SigningKeyRow row, string? given) => given is null ? row.Origin == SigningKeyOrigin.Made : CertificateOf(row.Certificate).Fingerprint == CertificateOf(given).Fingerprint;

    private async Task<SigningKeyRow> ReplaceAsync(SigningKeyRow? before, SigningKeyPurpose purpose, string? given, CancellationToken cancellation)
    {
        const string By = "keygate";
        var now = time.GetUtcNow();
        var wanted = given is null
            ? Make(purpose == SigningKeyPurpose.Root ? SigningKeyType.EcdsaP256 : options.Value.SigningKeyType, purpose, By, "")
            : new SigningKeyRow
            {
                Name = NewName(), Purpose = purpose, Origin = SigningKeyOrigin.Given, Certificate = given, Algorithm = CertificateOf(given).TypeName(), ChangedBy = By,
            };
        return await database.WriteAsync(async tx =>
        {
            var known = given is null ? null : (await store.ListAsync(tx, cancellation)).Find(row => CertificateOf(row.Certificate).Fingerprint == CertificateOf(given).Fingerprint);
            if (known is { State: SigningKeyState.Revoked } || (known is not null && known.Purpose != purpose))
            {
                throw new SignerException(known.State == SigningKeyState.Revoked
                    ? $"The key given by the settings is {known.Name}, which was revoked."
                    : $"The key given by the settings is {known.Name}, which serves as {known.Purpose}: root and signing key must differ.");
            }

            if (before is not null)
            {
                await store.RetireAsync(tx, before.Name, By, now, cancellation);
            }

            var added = known is not null ? await store.ReactivateAsync(tx, known.Name, By, now, cancellation) : await store.AddActiveAsync(tx, wanted, now, cancellation);
            if (added > 0)
            {
                await trust.RingChangedAsync(tx, cancellation);
            }

            // Two processes may start at once: whichever came first has made the key for both.
            return await store.FindActiveAsync(tx, purpose, cancellation) ?? throw new InvalidOperationException("The signing key that was just made is gone.");
        }, cancellation);
    }

    private async Task<ILicenseSigner> OpenAsync(SigningKeyRow row, CancellationToken cancellation)
    {
        if (_signers.TryGetValue(row.Name, out var known))
        {
            return known;
        }

        var given = row.Purpose == SigningKeyPurpose.Root ? options.Value.RootKey : options.Value.SigningKey;
        return _signers.GetOrAdd(row.Name, row.Origin == SigningKeyOrigin.Given
            ? await given!.OpenAsync(row.Name, cancellation)
            : LicenseSigner.FromPem(row.Name, row.Certificate, Encoding.ASCII.GetString(masterKey.Open(Purpose(row.Name), row.PrivateKey))));
    }

    private string NewName() => $"KG-{time.GetUtcNow().Year}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    internal static TrustedCertificate CertificateOf(string pem) => TrustBundle.Parse(pem).Certificates[0];

    private static string Purpose(string name) => $"keyserver signing key {name}";
}
