using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What a product says of its use.</summary>
/// <param name="Resellers">Reseller accounts.</param>
/// <param name="Clients">Client accounts.</param>
/// <param name="Domains">Domains.</param>
/// <param name="Addresses">Addresses it runs on, in the one spelling that they are stored in.</param>
/// <param name="ProductVersion">Its version.</param>
/// <param name="Os">The operating system; null where it says none.</param>
internal sealed record UsageReport(int Resellers, int Clients, int Domains, IReadOnlyList<string> Addresses, string ProductVersion, string? Os);

/// <summary>Keeps the last report of a product. May be repeated: a later report takes the place of the one before.</summary>
internal sealed class ReportUsageHandler(KeyStore store, KeyAccess access, TimeProvider time)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, UsageReport report, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        var row = new UsageRow
        {
            Resellers = report.Resellers, Clients = report.Clients, Domains = report.Domains, Addresses = string.Join(", ", report.Addresses),
            ProductVersion = report.ProductVersion, ReportedAt = time.GetUtcNow(),
        };
        await store.SetUsageAsync(tx, key.Id, row, report.Addresses, report.Os, cancellation);
        return key with { ReportedAt = row.ReportedAt, ReportedVersion = row.ProductVersion, ReportedOs = report.Os };
    }
}
