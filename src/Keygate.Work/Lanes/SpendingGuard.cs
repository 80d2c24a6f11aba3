using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Work;

/// <summary>
/// Counts what acts spend on a lane against its bounds, by conditional updates in the commit of the intent, so that no number of processes
/// passes a bound. What certainly did not happen is given back, and counted anew with the next try. Lanes without a bound are not counted:
/// a counter is a row that all commits queue for.
/// </summary>
internal static class SpendingGuard
{
    /// <summary>Charges the intent; the refusal that makes the work wait for approval where a bound would be passed: then all rolls back.</summary>
    public static async Task<Error?> ChargeAsync(Tx tx, WorkRow row, Asking asking, LaneStore.LaneRow? lane, IntentRow intent, DateTimeOffset now, CancellationToken cancellation)
    {
        if (lane is not { IsGuarded: true } || asking.Keys == 0 || intent.ChargedAt is not null)
        {
            return null;
        }

        var cost = asking.CostAsync is { } ask ? await ask(tx, cancellation) : null;

        // All that counts is counted under any bound, so that what is given back was taken. Always in this order: two that charge at once don't block each other.
        foreach (var (period, keysMax, moneyMax, word) in new[] { (Hour(now), lane.KeysPerHour, lane.MoneyPerHour, "an hour"), (Day(now), lane.KeysPerDay, lane.MoneyPerDay, "a day") })
        {
            if (!await LaneStore.SpendKeysAsync(tx, lane.Lane, period, asking.Keys, row.Approved ? int.MaxValue : keysMax ?? int.MaxValue, cancellation))
            {
                var spent = await LaneStore.KeysAsync(tx, lane.Lane, period, cancellation);
                return Over(row, lane.Lane, string.Create(CultureInfo.InvariantCulture, $"costs {Keys(asking.Keys)}, and {spent} of {Keys(keysMax)} {word} are spent"));
            }

            if (cost is not null && !await LaneStore.SpendMoneyAsync(tx, lane.Lane, period, cost, row.Approved ? long.MaxValue : moneyMax ?? long.MaxValue, cancellation))
            {
                var spent = await LaneStore.MoneyAsync(tx, lane.Lane, period, cost.Currency, cancellation);
                return Over(row, lane.Lane, string.Create(CultureInfo.InvariantCulture, $"costs {cost}, and {cost with { Amount = spent }} of {cost with { Amount = moneyMax ?? 0 }} {word} are spent"));
            }
        }

        (intent.ChargedAt, intent.Amount, intent.Currency) = (now, cost?.Amount, cost?.Currency);
        return null;
    }

    /// <summary>Gives back what an act counted that certainly did not happen, and lets those try again that wait for approval.</summary>
    public static async Task GiveBackAsync(Tx tx, IntentRow intent, DateTimeOffset now, CancellationToken cancellation)
    {
        if (intent.ChargedAt is not { } at)
        {
            return;
        }

        foreach (var period in new[] { Hour(at), Day(at) })
        {
            await LaneStore.GiveBackKeysAsync(tx, intent.Lane, period, intent.Keys, cancellation);
            if (intent is { Amount: { } amount, Currency: { } currency })
            {
                await LaneStore.GiveBackMoneyAsync(tx, intent.Lane, period, amount, currency, cancellation);
            }
        }

        (intent.ChargedAt, intent.Amount, intent.Currency) = (null, null, null);
        await LaneStore.WakeHeldAsync(tx, intent.Lane, now, cancellation);
    }

    public static string Hour(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Error Over(WorkRow row, string lane, string why) => WorkErrors.ApprovalNeeded.Because($"'{row.Step}' of {row.Subject} {why} on {lane}.");

    private static string Keys(int? count) => string.Create(CultureInfo.InvariantCulture, $"{count ?? 0} {(count == 1 ? "key" : "keys")}");
}
