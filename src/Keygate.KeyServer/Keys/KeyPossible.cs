namespace Keygate.KeyServer;

/// <summary>What the issuer's staff can do to a key.</summary>
public enum KeyAct
{
    /// <summary>Extend a lease by one term.</summary>
    Renew,

    /// <summary>Bind it to a hardware id or an instance.</summary>
    Activate,

    /// <summary>Take the activation back.</summary>
    Reset,

    /// <summary>Move the activation to another hardware id.</summary>
    Transfer,

    /// <summary>Let a server with an address fetch it.</summary>
    Bind,

    /// <summary>Take that address away.</summary>
    Unbind,

    /// <summary>Let the key server renew it by itself.</summary>
    RenewByItself,

    /// <summary>Leave renewals to its owner.</summary>
    RenewNoMore,

    /// <summary>Hand out its license file.</summary>
    Download,

    /// <summary>Add a note.</summary>
    Note,

    /// <summary>Suspend it until it is resumed.</summary>
    Suspend,

    /// <summary>Resume it.</summary>
    Resume,

    /// <summary>Terminate it: what was paid runs to its date.</summary>
    Terminate,

    /// <summary>Revoke it: products refuse it at once.</summary>
    Revoke,
}

/// <summary>
/// Which acts a key's state allows the staff, for buttons: what is not named here is refused by its handler, too. Other rules, such as whether a hardware id is free, are the handlers' alone.
/// </summary>
internal static class KeyPossible
{
    public static IReadOnlyList<KeyAct> Of(KeyRow key, KeyTypeItem? keyType, bool isRevoked, bool isBound, DateOnly today) =>
        [.. Enum.GetValues<KeyAct>().Where(act => May(act, key, keyType, isRevoked, isBound, today))];

    private static bool May(KeyAct act, KeyRow key, KeyTypeItem? keyType, bool isRevoked, bool isBound, DateOnly today)
    {
        var changeable = KeyAccess.Changeable(key) is null;
        var isLease = key.Billing == BillingType.Lease;
        return act switch
        {
            KeyAct.Renew => changeable && isLease,
            KeyAct.Activate => changeable && key.WaitsForActivation,
            KeyAct.Reset => changeable && key.Activation != ActivationRule.None && key.ActivatedAt is not null,
            KeyAct.Transfer => changeable && key.Activation == ActivationRule.HardwareId && key.ActivatedAt is not null,
            KeyAct.Bind => changeable && key.Kind is not (KeyKind.Additional or KeyKind.Feature),
            KeyAct.Unbind => changeable && isBound,
            KeyAct.RenewByItself => !key.IsTerminated && isLease && !key.AutoRenew,
            KeyAct.RenewNoMore => !key.IsTerminated && key.AutoRenew,
            KeyAct.Download => changeable && !key.WaitsForActivation && keyType is { Exportable: true } && !key.IsExpired(today),
            KeyAct.Note => true,
            KeyAct.Suspend => !key.IsTerminated && !key.Problem && !isRevoked && key.Kind != KeyKind.Feature && keyType is { Suspendable: true },
            KeyAct.Resume => key.Problem && !isRevoked && key.Kind != KeyKind.Feature,
            KeyAct.Terminate => changeable,
            _ => !isRevoked,
        };
    }
}
