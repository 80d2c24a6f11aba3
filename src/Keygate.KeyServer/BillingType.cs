namespace Keygate.KeyServer;

/// <summary>How a key is paid; fixed for the key's life.</summary>
public enum BillingType
{
    /// <summary>Period by period; it expires unless it is renewed. <c>billing</c> on the way in, <c>LEASE</c> on the way out.</summary>
    Lease,

    /// <summary>Once; it never expires, only its file is refreshed, and it cannot be terminated.</summary>
    Purchase,
}

/// <summary>What sort of key.</summary>
public enum KeyKind
{
    /// <summary>Stands alone and may have additional keys.</summary>
    Main,

    /// <summary>Belongs to a main key, or waits to be attached to one.</summary>
    Additional,

    /// <summary>Like an additional key, but an object of its own that only logins with the permission for feature keys may touch.</summary>
    Feature,

    /// <summary>Stands above the products' keys: it never is a parent.</summary>
    Master,
}

/// <summary>What a key must be activated for before its file is handed out.</summary>
public enum ActivationRule
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A hardware id; one hardware id holds one active key.</summary>
    HardwareId,

    /// <summary>An instance of an application, named by an address or GUID.</summary>
    Instance,
}
