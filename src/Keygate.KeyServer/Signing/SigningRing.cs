using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Keygate.Storage;
using Keygate.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>
/// The keys that sign license files: one active, older ones still trusted. The first is made at first use; private keys lie sealed under the
/// master key. Thread-safe.
/// </summary>
internal sealed class SigningRing(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database,
    SigningKeyStore store,
    MasterKey masterKey,
    IOptions<KeyServerOptions> options,
    TimeProvider time)
{
    // Other tools look at a certificate's dates, and a pinned certificate needs no renewal: it outlives the files it signed.
    private const int CertificateYears = 30;

    // Loaded once per key and kept for the life of the process: a signer may be signing when its key retires.
    private readonly ConcurrentDictionary<string, LicenseSigner> _signers = new(StringComparer.Ordinal);

    /// <summary>The signer of new files.</summary>
    public async Task<LicenseSigner> ActiveAsync(CancellationToken cancellation)
    {
        var row = await database.ReadAsync(s => store.FindActiveAsync(s, cancellation), cancellation);
        if (row is null || row.Algorithm != options.Value.SigningAlgorithm.ToString())
        {
            row = await MakeAsync(row, cancellation);
        }

        return _signers.GetOrAdd(row.Name, (name, key) => Load(key), row);
    }

    /// <summary>The certificates that products trust.</summary>
    public async Task<TrustBundle> TrustAsync(CancellationToken cancellation)
    {
        await ActiveAsync(cancellation);
        var rows = await database.ReadAsync(s => store.ListAsync(s, cancellation), cancellation);
        return TrustBundle.Parse(string.Join('\n', rows.Select(row => row.Certificate)));
    }

    /// <summary>All signing keys, the oldest first.</summary>
    public async Task<List<SigningKeyRow>> ListAsync(CancellationToken cancellation)
    {
        await ActiveAsync(cancellation);
        return await database.ReadAsync(s => store.ListAsync(s, cancellation), cancellation);
    }

    private async Task<SigningKeyRow> MakeAsync(SigningKeyRow? before, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var name = $"KG-{now.Year}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

        // Other tools judge it by the machine's clock, so it isn't dated by the clock of a test; with a day of slack for clocks that lag behind.
        var real = TimeProvider.System.GetUtcNow();
        var made = LicenseSigningKey.Create(options.Value.SigningAlgorithm, $"Keygate license signing {name}", real.AddDays(-1), real.AddYears(CertificateYears));
        var row = new SigningKeyRow
        {
            Name = name, Algorithm = options.Value.SigningAlgorithm.ToString(), Certificate = made.CertificatePem,
            PrivateKey = masterKey.Seal(Purpose(name), Encoding.ASCII.GetBytes(made.PrivateKeyPem)),
        };
        return await database.WriteAsync(async tx =>
        {
            if (before is not null)
            {
                await store.RetireAsync(tx, before.Name, now, cancellation);
            }

            await store.AddActiveAsync(tx, row, now, cancellation);

            // Two processes may start at once: whichever came first has made the key for both.
            return await store.FindActiveAsync(tx, cancellation) ?? throw new InvalidOperationException("The signing key that was just made is gone.");
        }, cancellation);
    }

    private LicenseSigner Load(SigningKeyRow row) =>
        LicenseSigner.FromPem(row.Name, row.Certificate, Encoding.ASCII.GetString(masterKey.Open(Purpose(row.Name), row.PrivateKey)));

    private static string Purpose(string name) => $"keyserver signing key {name}";
}
