namespace Keygate.Orders;

/// <summary>What a resource stands for.</summary>
public enum ResourceKind
{
    /// <summary>A main license class.</summary>
    Class,

    /// <summary>An additional license class.</summary>
    AddOn,

    /// <summary>A feature of license classes.</summary>
    Feature,

    /// <summary>Something that no license is needed for.</summary>
    Other,
}

/// <summary>The service gates under which resources stand.</summary>
public static class Gates
{
    /// <summary>License management: the command is the identifier of a license class or feature.</summary>
    public const string Licenses = "KAGATE";

    /// <summary>Nothing is done for it.</summary>
    public const string Dummy = "DUMMYGATE";
}

/// <summary>A sellable, countable thing. For licenses it follows from the catalog by itself.</summary>
internal sealed class Resource
{
    public ResourceId Id { get; init; }
    public string Gate { get; init; } = "";
    public string Command { get; init; } = "";
    public ResourceKind Kind { get; init; }
    public string Name { get; init; } = "";
    public string Category { get; init; } = "";
}
