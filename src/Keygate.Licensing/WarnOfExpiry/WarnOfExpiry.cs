using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.Licensing;

/// <summary>
/// Warns of leases that end soon, whatever keeps them from being renewed: on set days before, each once for each end, as an event and in the history. After a
/// time without Keygate only the nearest warning is given.
/// </summary>
internal sealed class WarnOfExpiry(LicenseStore store, RenewalStore renewals, Outbox outbox, TimeProvider time) : RecurringJob
{
    /// <summary>Days before the end, the nearest first.</summary>
    public static readonly IReadOnlyList<int> Days = [1, 3, 7];

    private const int Batch = 200;

    public override string Name => "licensing.warn-of-expiry";

    public override TimeSpan Every => TimeSpan.FromHours(1);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        foreach (var days in Days)
        {
            var due = await store.ExpiringUnwarnedAsync(tx, today, days, Batch, cancellation);
            foreach (var license in due)
            {
                await WarnAsync(tx, license, days, today, now, cancellation);
            }

            if (due.Count == Batch)
            {
                return true;
            }
        }

        return false;
    }

    private async Task WarnAsync(Tx tx, License license, int days, DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        await tx.ExecuteAsync(
            "insert into license_warnings(license_id, expiration_date, days, at) values (@Id, @ExpirationDate, @days, @now)",
            new { license.Id, license.ExpirationDate, days, now }, cancellation);
        var left = license.ExpirationDate!.Value.DayNumber - today.DayNumber;
        var standing = await renewals.StandingAsync(tx, license.Id, cancellation);
        var why = standing is not null ? $"not in good standing since {standing.Since:yyyy-MM-dd}: {standing.Why}" : (await renewals.FindAsync(tx, license.Id, cancellation)).LastError?.Detail;
        await store.NoteAsync(
            tx, license, Actor.Keygate, string.Create(CultureInfo.InvariantCulture, $"Expires on {license.ExpirationDate:yyyy-MM-dd}, in {left} day{(left == 1 ? "" : "s")}{(why is null ? "" : $"; {why}")}"),
            cancellation);
        await outbox.AddAsync(
            tx, "license.expiring", license.Id.Subject,
            Json.Write(new { license.Id, license.KeyNumber, license.KeyType, license.CustomerId, license.SubscriptionId, license.ExpirationDate, DaysLeft = left, Why = why }), cancellation);
    }
}
