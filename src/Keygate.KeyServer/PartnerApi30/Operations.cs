using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>What a modification can consist of (reference 3.4), in the order in which the operations are carried out.</summary>
internal enum KeyOperation
{
    Move,
    ChangeState,
    Activate,
    Attach,
    Upgrade,
    BindAddress,
    AssignConfiguration,
    RebuildItems,
    UpdateNickname,
    UpdateAutoRenew,
}

/// <summary>Which operations a body asks for, and whether they go together.</summary>
internal static class Operations
{
    /// <summary>Whether two operations conflict. Moving and changing state exclude each other and every other real change; everything else combines.</summary>
    public static bool Conflict(KeyOperation one, KeyOperation other) =>
        one != other && ((IsAlone(one) && IsReal(other)) || (IsAlone(other) && IsReal(one)));

    /// <summary>How an operation is called in the reference's table.</summary>
    public static string Words(KeyOperation operation) => operation switch
    {
        KeyOperation.Move => "Move to another owner",
        KeyOperation.ChangeState => "Terminate / suspend / resume",
        KeyOperation.Activate => "Activate or reactivate",
        KeyOperation.Attach => "(Re-)attach to, detach from parent",
        KeyOperation.Upgrade => "Upgrade",
        KeyOperation.BindAddress => "(Un)bind IP address",
        KeyOperation.AssignConfiguration => "Assign product configuration",
        KeyOperation.RebuildItems => "Rebuild items as stored on the server",
        KeyOperation.UpdateNickname => "Update nickname",
        KeyOperation.UpdateAutoRenew => "Update autoRenew flag",
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    /// <summary>
    /// The operations that a body asks for: those fields that are given and differ from the key as it stands, so that a client may send back all that
    /// it read with one change.
    /// </summary>
    public static Result<IReadOnlyList<KeyOperation>> Of(KeyBody body, KeyStructure present, TargetItems? target)
    {
        var key = present.Key;
        if (Unsupported(body, key) is { } unsupported)
        {
            return unsupported;
        }

        var terminates = body.Terminated is { HasValue: true, Value: true } && !key.IsTerminated;
        var changesProblem = body.Suspended.HasValue && body.Suspended.Value != key.Problem;
        if (terminates && changesProblem)
        {
            return KeyServerErrors.OperationsConflicting.Because("A key is terminated, or suspended, or resumed: one of them.");
        }

        var operations = new List<KeyOperation>();
        Add(KeyOperation.Move, body.Owner.HasValue && body.Owner.Value != key.ClientId);
        Add(KeyOperation.ChangeState, terminates || changesProblem);
        Add(KeyOperation.Activate, body.Activation is { HasValue: true, Value: { Activated: true } asked } && (key.ActivatedAt is null || key.ActivatedFor != asked.Uid));
        Add(KeyOperation.Attach, body.Parent.IsNull ? key.ParentId is not null : body.Parent is { HasValue: true, Value: { } parent } && (present.Parent is not { } now || !parent.Fit(now)));
        Add(KeyOperation.Upgrade, target is not null && !target.IsHeldBy(present));
        Add(KeyOperation.BindAddress, (body.Address.IsGiven && body.Address.Value != present.BoundAddress)
            || (body.RestrictAddress.HasValue && body.RestrictAddress.Value != key.RestrictAddress));
        Add(KeyOperation.AssignConfiguration, body.Configuration.IsGiven && (body.Configuration.HasValue ? body.Configuration.Value : null as ProductConfigurationId?) != key.ProductConfigurationId);
        Add(KeyOperation.RebuildItems, target is not null && target.IsHeldBy(present)
            && !ShownItem.Of(present.List, key, present.Features, target.Lines).SequenceEqual(present.Items));
        Add(KeyOperation.UpdateNickname, body.Nickname.IsGiven && body.Nickname.Value != key.Nickname);
        Add(KeyOperation.UpdateAutoRenew, body.AutoRenew.HasValue && body.AutoRenew.Value != key.AutoRenew);

        foreach (var (one, other) in operations.SelectMany((one, at) => operations.Skip(at + 1).Select(other => (one, other))))
        {
            if (Conflict(one, other))
            {
                return KeyServerErrors.OperationsConflicting.Because($"\"{Words(one)}\" and \"{Words(other)}\" exclude each other.");
            }
        }

        return operations;

        void Add(KeyOperation operation, bool asked)
        {
            if (asked)
            {
                operations.Add(operation);
            }
        }
    }

    private static Error? Unsupported(KeyBody body, KeyRow key) =>
        body.Terminated is { HasValue: true, Value: false } && key.IsTerminated ? KeyServerErrors.KeyIsTerminated.Because($"{key.Number} is terminated.")
        : key.ActivatedAt is not null && (body.Activation.IsNull || body.Activation is { HasValue: true, Value.Activated: false })
            ? KeyServerErrors.OperationUnsupported.Because($"{key.Number} is activated, and no change of activationInfo takes that back.").Mend("Activate it with another uid, or reset it by partner10.resetKey.")
        : body.Parent is { HasValue: true, Value.IsEmpty: true } ? KeyServerErrors.FieldMalformed.Because("parentKeyIdentifiers names no key.")
        : null;

    private static bool IsAlone(KeyOperation operation) => operation is KeyOperation.Move or KeyOperation.ChangeState;

    private static bool IsReal(KeyOperation operation) =>
        operation is not (KeyOperation.RebuildItems or KeyOperation.UpdateNickname or KeyOperation.UpdateAutoRenew);
}
