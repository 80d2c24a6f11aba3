namespace Keygate.Accounts;

/// <summary>Marks an endpoint that only administrators may use.</summary>
public sealed class RequireAdministrator
{
    /// <summary>The mark.</summary>
    public static readonly RequireAdministrator It = new();
}

/// <summary>Marks an endpoint of our REST that needs no token.</summary>
public sealed class WithoutToken
{
    internal static readonly WithoutToken It = new();
}
