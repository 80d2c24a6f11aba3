using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>
/// Prolongs software updates that still run, by the months that the key type brings. <b>Not repeatable</b>: each call prolongs them, and takes the next
/// revision.
/// </summary>
internal sealed class RenewSusHandler(KeyAccess access, SusDates dates, TimeProvider time)
{
    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        return key.SusDate is not { } sus ? KeyServerErrors.SusMissing.Because($"{key.Number} has no software updates.")
            : sus <= time.Utc() ? KeyServerErrors.SusEnded.Because($"The software updates of {key.Number} ended on {sus:yyyy-MM-dd}.")
            : await dates.SetAsync(tx, key, months => key.Dates.SusAfter(sus, months), null, "SUS renewed", caller, cancellation);
    }
}

/// <summary>Gives a key that is held another end of its software updates, under the next revision.</summary>
internal sealed class SusDates(KeyContents contents)
{
    /// <param name="tx">The transaction that holds the key.</param>
    /// <param name="key">The key.</param>
    /// <param name="end">The end, from the months that the key type brings.</param>
    /// <param name="billed">The feature under which the updates are billed; the key has it afterwards. Null for none.</param>
    /// <param name="act">What the history calls it.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task<Result<KeyRow>> SetAsync(
        Tx tx, KeyRow key, Func<int, DateOnly> end, FeatureItem? billed, string act, KeyCaller caller, CancellationToken cancellation)
    {
        var held = await contents.ReadAsync(tx, key, cancellation);
        var months = held.Content.KeyType.SusMonthsFor(key.Billing);
        if (months == 0)
        {
            return KeyServerErrors.SusMissing.Because($"The price list offers no software updates for {key.KeyType}.");
        }

        var content = held.Content with { Sus = end(months) };
        content = billed is null || content.Feature(billed.Id) is not null ? content : content.With(new OrderedFeature(billed, null));
        return (await contents.WriteAsync(tx, held, content, act, $"until {content.Sus:yyyy-MM-dd}", caller, cancellation)).Map(changed => changed.Key);
    }
}
