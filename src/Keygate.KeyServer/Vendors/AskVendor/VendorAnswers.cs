using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;

namespace Keygate.KeyServer;

/// <summary>Works a vendor's answer in: the key changes, or stays as it was, in the commit that ends the act.</summary>
internal sealed class VendorAnswers(VendorStore store, KeyStore keys, VendorActs acts, KeyContents contents, KeyRefresh refresh, RenewalStore renewals, TimeProvider time)
{
    /// <summary>Ends an act. Does nothing where a person has ended it already.</summary>
    public async Task<Move> SettleAsync(Tx tx, VendorActId id, VendorReply reply, CancellationToken cancellation)
    {
        var act = (await store.FindActAsync(tx, id, cancellation))!;
        var key = (await keys.HoldAsync(tx, KeyName.Of(act.KeyId), cancellation))!;
        if (reply.Refused)
        {
            await RefuseAsync(tx, act, reply.Words, cancellation);
            return Move.Finish;
        }

        if (!await store.SetStateAsync(tx, id, VendorActState.Done, "", time.GetUtcNow(), cancellation))
        {
            return Move.Finish;
        }

        await ApplyAsync(tx, act, key, reply.Body, cancellation);
        if (act.Action != VendorAction.Terminate)
        {
            await FollowAsync(tx, act, cancellation);
        }

        return Move.Finish;
    }

    /// <summary>Ends an act that the vendor refused, or that a person gave up: nothing has changed, and an order that came to nothing ends as a whole.</summary>
    public async Task RefuseAsync(Tx tx, VendorActRow act, string words, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (!await store.SetStateAsync(tx, act.Id, VendorActState.Refused, words, now, cancellation))
        {
            return;
        }

        if (act.Action == VendorAction.Purchase)
        {
            foreach (var number in act.Read().Order.Order())
            {
                var key = (await keys.HoldAsync(tx, KeyName.Of(KeyId.Of(number)), cancellation))!;
                if (!key.IsTerminated)
                {
                    await store.WithdrawAsync(tx, key.Id, now, cancellation);
                    await keys.AddHistoryAsync(tx, key.Id, key.Revision, "withdrawn", words, act.Actor, now, cancellation);
                    if (key is { VendorId: not null, AwaitsVendor: false })
                    {
                        await acts.TerminateAsync(tx, key, act.Actor, cancellation);
                    }
                }
            }

            return;
        }

        await keys.AddHistoryAsync(tx, act.KeyId, (await keys.FindAsync(tx, KeyName.Of(act.KeyId), cancellation))!.Revision, "refused by the vendor", $"{act.Action}: {words}", act.Actor, now, cancellation);
        if (act.Action == VendorAction.Renew && act.Read().Automatic)
        {
            await renewals.SetFailedAsync(tx, act.KeyId, time.Utc(), KeyServerErrors.VendorFailed.Code, words, now, cancellation);
        }

        await FollowAsync(tx, act, cancellation);
    }

    /// <summary>Writes down why an act waits for a person.</summary>
    public Task<bool> NoteAsync(Tx tx, VendorActId id, Error error, CancellationToken cancellation) =>
        store.SetStateAsync(tx, id, VendorActState.Open, $"{error.Detail} {error.Remedy}", time.GetUtcNow(), cancellation);

    private async Task ApplyAsync(Tx tx, VendorActRow act, KeyRow key, byte[]? body, CancellationToken cancellation)
    {
        var (now, change, caller) = (time.GetUtcNow(), act.Read(), new KeyCaller(act.Actor, null));
        switch (act.Action)
        {
            case VendorAction.Purchase:
                await store.AddBodyAsync(tx, key.Id, key.Revision, body!, now, cancellation);
                await store.SetPurchasedAsync(tx, key.Id, now, cancellation);
                await keys.AddHistoryAsync(tx, key.Id, key.Revision, "licensed by the vendor", "", act.Actor, now, cancellation);
                break;
            case VendorAction.Renew:
                await RaisedAsync(tx, (await refresh.NextAsync(tx, key, change.Act, caller, cancellation)).Value, body!, cancellation);
                await renewals.ForgetFailedAsync(tx, key.Id, cancellation);
                break;
            case VendorAction.Upgrade:
                var held = await contents.ReadAsync(tx, key, cancellation);
                var after = new KeyContent(
                    held.List.KeyType(change.KeyType)!, [.. change.Features.Select(f => new OrderedFeature(held.List.Feature(f.Feature)!, f.Billing) { Quantity = f.Quantity })], change.Sus)
                {
                    Brought = [.. change.Brought.Select(one => held.List.KeyType(one)!)],
                };
                await RaisedAsync(tx, (await contents.ApplyAsync(tx, held, after, change.Act, change.Detail, caller, cancellation)).Value.Key, body!, cancellation);
                break;
            default:
                if (!key.IsTerminated)
                {
                    await keys.SetTerminatedAsync(tx, key.Id, now, cancellation);
                    await keys.AddHistoryAsync(tx, key.Id, key.Revision, "terminated", "", act.Actor, now, cancellation);
                }

                break;
        }
    }

    private Task RaisedAsync(Tx tx, KeyRow key, byte[] body, CancellationToken cancellation) => store.AddBodyAsync(tx, key.Id, key.Revision, body, time.GetUtcNow(), cancellation);

    // A key that was ended here while its vendor was asked is ended there too.
    private async Task FollowAsync(Tx tx, VendorActRow act, CancellationToken cancellation)
    {
        if (await keys.FindAsync(tx, KeyName.Of(act.KeyId), cancellation) is { IsTerminated: true } key)
        {
            await acts.TerminateAsync(tx, key, act.Actor, cancellation);
        }
    }
}
