using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>
/// <c>PUT keys/{id}</c>, reference 3.4: what is omitted changes nothing, and what is as it stands is no operation. All operations of a call are carried out, or none. May
/// be repeated.
/// </summary>
internal sealed class ModifyKey(
    VendorDoor vendors, KeyAccess access, KeyStructures structures, KeyOperations operations) : IRestMethod
{
    public string Verb => "PUT";

    public string Path => "keys/{id}";

    public string Name => "modifyKey";

    public LoginRole Least => LoginRole.Advanced;

    public async Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation)
    {
        if (!call.Name.TryGet(out var name, out var refusal) || !call.ReturnsState.TryGet(out var returnsState, out refusal)
            || !(await KeyBody.ReadAsync(call.Http.Request, cancellation)).TryGet(out var body, out refusal))
        {
            return refusal;
        }

        return await vendors.WriteAsync<RestAnswer>(async tx =>
        {
            if (!(await access.HoldAsync(tx, name, call.Key, cancellation)).TryGet(out var key, out var denied))
            {
                return denied;
            }

            if (Guard(body, key) is { } wrong)
            {
                return wrong;
            }

            var present = await structures.ReadAsync(tx, key, cancellation);
            TargetItems? target = null;
            if (body.Items.HasValue && !TargetItems.Of(present.List, body.Items.Value!, present).TryGet(out target, out var unknown))
            {
                return unknown;
            }

            if (!Operations.Of(body, present, target).TryGet(out var asked, out var conflict))
            {
                return conflict;
            }

            if (asked.Count > 0 && key.IsTerminated)
            {
                return KeyServerErrors.KeyIsTerminated.Because($"{key.Number} is terminated.");
            }

            if (asked.Select(operation => Denied(operation, body, key, call.Caller)).FirstOrDefault(method => method is not null) is { } method)
            {
                return KeyServerErrors.MethodDenied.Because($"The login, of the role {call.Caller.Role}, may not call {method}.");
            }

            foreach (var operation in asked)
            {
                if (await operations.CarryOutAsync(tx, operation, present, body, target, call, cancellation) is { } refused)
                {
                    return refused;
                }
            }

            return await structures.AnswerAsync(tx, key.Id, returnsState, cancellation);
        }, async s => await structures.FindAsync(s, name, cancellation) is { } changed ? await structures.AnswerAsync(s, changed, returnsState, cancellation) : KeyServerErrors.KeyUnknown, cancellation);
    }

    // What a login may not do through Partner API 1.0 it may not do here; suspending takes the widest role there.
    private static string? Denied(KeyOperation operation, KeyBody body, KeyRow key, CallerRow caller)
    {
        var suspends = operation == KeyOperation.ChangeState && body.Suspended.HasValue && body.Suspended.Value != key.Problem;
        string[] methods = operation switch
        {
            KeyOperation.ChangeState => [suspends ? "problemKey" : "terminateKey"],
            KeyOperation.Activate => ["activateKey"],
            KeyOperation.Attach => [body.Parent.IsNull ? "detachKey" : "attachKey"],
            KeyOperation.Upgrade => ["upgradeKey", "downgradeKey"],
            KeyOperation.BindAddress => ["bindKey", "unbindKey"],
            KeyOperation.AssignConfiguration => ["assignProductConfiguration"],
            _ => [],
        };
        return suspends && caller.Role != LoginRole.All ? methods[0] : methods.FirstOrDefault(method => CallerEntry.IsDenied(caller, method));
    }

    // Identifiers in the body guard against a call to the wrong key (reference 4).
    private static Error? Guard(KeyBody body, KeyRow key) =>
        !body.Identifiers.HasValue ? null
        : body.Identifiers.Value!.IsEmpty ? KeyServerErrors.FieldMalformed.Because("keyIdentifiers must hold keyId, keyNumber or activationCode.")
        : body.Identifiers.Value.Fit(key) ? null
        : KeyServerErrors.IdentifiersDiffer.Because($"keyIdentifiers are not those of {key.Number}.");
}

/// <summary>Carries out operations on a key that is held.</summary>
internal sealed class KeyOperations(
    KeyStore store, KeyAccess access, KeyContents contents, MoveKeyHandler move, TerminateKeyHandler terminate,
    SuspendKeyHandler suspend, ActivateKeyHandler activate, ResetKeyHandler reset, AttachKeyHandler attach, DetachKeyHandler detach, BindKeyHandler bind,
    UnbindKeyHandler unbind, AssignProductConfigurationHandler assign, RemoveProductConfigurationHandler unassign, TimeProvider time)
{
    public async Task<Error?> CarryOutAsync(
        Tx tx, KeyOperation operation, KeyStructure present, KeyBody body, TargetItems? target, RestCall call, CancellationToken cancellation)
    {
        var (key, name, now) = (present.Key, KeyName.Of(present.Key.Id), time.GetUtcNow());
        switch (operation)
        {
            case KeyOperation.Move:
                return (await move.HandleAsync(tx, name, body.Owner.Value, call.Key, cancellation)).Error;
            case KeyOperation.ChangeState:
                return body.Terminated is { HasValue: true, Value: true }
                    ? (await terminate.HandleAsync(tx, name, call.Key, cancellation)).Error
                    : (await suspend.HandleAsync(tx, name, new KeyReason { Reason = $"Partner API 3.0, by {call.Caller.Login}" }, body.Suspended.Value, call.Key, cancellation)).Error;
            case KeyOperation.Activate:
                return await ActivateAsync(tx, key, body.Activation.Value!.Uid, call.Key, cancellation);
            case KeyOperation.Attach:
                return body.Parent.IsNull
                    ? (await detach.HandleAsync(tx, name, call.Key, cancellation)).Error
                    : await AttachAsync(tx, present, body.Parent.Value!, call.Key, cancellation);
            case KeyOperation.Upgrade:
                return await UpgradeAsync(tx, present, target!, call, cancellation);
            case KeyOperation.BindAddress:
                return await BindAsync(tx, present, body, call.Key, cancellation);
            case KeyOperation.AssignConfiguration:
                return body.Configuration.HasValue
                    ? (await assign.HandleAsync(tx, name, body.Configuration.Value, call.Key, cancellation)).Error
                    : (await unassign.HandleAsync(tx, name, call.Key, cancellation)).Error;
            case KeyOperation.RebuildItems:
                await store.SetItemsAsync(tx, key.Id, target!.Lines, cancellation);
                return null;
            case KeyOperation.UpdateNickname:
                await store.SetNicknameAsync(tx, key.Id, body.Nickname.Value, now, cancellation);
                return null;
            case KeyOperation.UpdateAutoRenew:
                await store.SetAutoRenewAsync(tx, key.Id, body.AutoRenew.Value, now, cancellation);
                return null;
            default:
                throw new ArgumentOutOfRangeException(nameof(operation));
        }
    }

    private async Task<Error?> ActivateAsync(Tx tx, KeyRow key, string? uid, KeyCaller caller, CancellationToken cancellation)
    {
        var name = KeyName.Of(key.Id);
        return (key.ActivatedAt is null ? null : (await reset.HandleAsync(tx, name, caller, cancellation)).Error)
            ?? (await activate.HandleAsync(tx, name, uid, caller, cancellation)).Error;
    }

    private async Task<Error?> AttachAsync(Tx tx, KeyStructure present, GivenIdentifiers parent, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.FindAsync(tx, parent.Name!, caller, cancellation)).TryGet(out var row, out var unknown))
        {
            return unknown;
        }

        if (!parent.Fit(row))
        {
            return KeyServerErrors.IdentifiersDiffer.Because("parentKeyIdentifiers are not those of one key.");
        }

        var name = KeyName.Of(present.Key.Id);
        return (present.Key.ParentId is null ? null : (await detach.HandleAsync(tx, name, caller, cancellation)).Error)
            ?? (await attach.HandleAsync(tx, KeyName.Of(row.Id), name, caller, cancellation)).Error;
    }

    private async Task<Error?> UpgradeAsync(Tx tx, KeyStructure present, TargetItems target, RestCall call, CancellationToken cancellation)
    {
        var key = present.Key;
        if (KeyAccess.Changeable(key) is { } state)
        {
            return state;
        }

        var held = await contents.ReadAsync(tx, key, cancellation);
        if (ContentRules.Refusal(held, target, held.Owner.Buyer(call.Key, time.Utc())) is { } refusal)
        {
            return refusal;
        }

        var added = target.Features.Where(f => held.Content.Feature(f.Id) is null);
        var content = held.Content with
        {
            KeyType = target.KeyType, Features = target.Features,
            Brought = [.. added.SelectMany(f => f.Item.Additional).Distinct(StringComparer.Ordinal).Where(id => held.Attached.All(one => one.KeyType != id)).Select(id => held.List.KeyType(id)!)],
        };
        var detail = string.Join(", ", target.Features.Select(f => f.Quantity == 1 ? f.Id : FormattableString.Invariant($"{f.Id} x {f.Quantity}")).Prepend(target.KeyType.Id));
        if ((await contents.WriteAsync(tx, held, content, "changed", detail, call.Key, cancellation)).Error is { } unfit)
        {
            return unfit;
        }

        await store.SetItemsAsync(tx, key.Id, target.Lines, cancellation);
        return null;
    }

    private async Task<Error?> BindAsync(Tx tx, KeyStructure present, KeyBody body, KeyCaller caller, CancellationToken cancellation)
    {
        var (key, name) = (present.Key, KeyName.Of(present.Key.Id));
        if (body.RestrictAddress.HasValue && body.RestrictAddress.Value != key.RestrictAddress)
        {
            if (KeyAccess.Changeable(key) is { } state)
            {
                return state;
            }

            await store.SetRestrictAddressAsync(tx, key.Id, body.RestrictAddress.Value, time.GetUtcNow(), cancellation);
        }

        return !body.Address.IsGiven || body.Address.Value == present.BoundAddress ? null
            : body.Address.Value is { } address
                ? (await bind.HandleAsync(tx, name, address, caller, cancellation)).Error
                : (await unbind.HandleAsync(tx, name, caller, cancellation)).Error;
    }
}
