namespace Keygate.Accounts;

/// <summary>Who does something: a person of the staff, a token of theirs, a customer, or Keygate itself.</summary>
/// <param name="Kind">What sort of actor.</param>
/// <param name="Id">The staff member's or account's number; null for Keygate itself.</param>
/// <param name="Name">The name that history and audit trail show.</param>
public sealed record Actor(ActorKind Kind, int? Id, string Name)
{
    /// <summary>Keygate itself: steps, recurring jobs.</summary>
    public static readonly Actor Keygate = new(ActorKind.System, null, "keygate");
}

/// <summary>What sort of actor.</summary>
public enum ActorKind
{
    /// <summary>Keygate itself.</summary>
    System,

    /// <summary>A person of the staff, through a token or a session.</summary>
    Staff,

    /// <summary>A customer.</summary>
    Customer,
}
