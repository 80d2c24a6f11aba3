using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>A key whose software updates run again.</summary>
/// <param name="Key">The key.</param>
/// <param name="Billed">The feature under which they are billed; null where they come with the key type.</param>
internal sealed record ReinstatedSus(KeyRow Key, FeatureItem? Billed);

/// <summary>
/// Brings back software updates that have ended, from today on. Where the price list bills them as a feature of their own, the key has that feature
/// afterwards. May be repeated: updates that run are refused.
/// </summary>
internal sealed class ReinstateSusHandler(KeyAccess access, PriceListStore priceLists, SusDates dates, TimeProvider time)
{
    public async Task<Result<ReinstatedSus>> HandleAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        var today = time.Utc();
        if (key.SusDate is not { } sus)
        {
            return KeyServerErrors.SusMissing.Because($"{key.Number} has no software updates.");
        }

        if (sus > today)
        {
            return KeyServerErrors.SusRuns.Because($"The software updates of {key.Number} run until {sus:yyyy-MM-dd}.");
        }

        var list = await priceLists.GetAsync(tx, key.PriceListId, cancellation);
        var billed = list.Items.Features.FirstOrDefault(f =>
            f.Sus && list.Offers(f, today) && f.KeyTypes.Contains(key.KeyType, StringComparer.Ordinal) && f.IsOfferedIn(key.Billing));
        return (await dates.SetAsync(tx, key, today.AddMonths, billed, "SUS reinstated", caller, cancellation)).Map(changed => new ReinstatedSus(changed, billed));
    }
}
