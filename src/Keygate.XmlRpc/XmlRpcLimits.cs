namespace Keygate.XmlRpc;

/// <summary>Bounds on what a reader takes. Each protects memory or stack against a sender who means ill.</summary>
public sealed record XmlRpcLimits
{
    /// <summary>The deepest nesting that may be allowed: the reader descends on the stack.</summary>
    public const int DepthCap = 256;

    private readonly int _depthMax = 64;

    /// <summary>For requests that strangers send: 1 MiB, 64 levels, 100,000 values.</summary>
    public static XmlRpcLimits Server { get; } = new();

    /// <summary>For answers of a server that was chosen: 64 MiB, 64 levels, 4 million values.</summary>
    public static XmlRpcLimits Client { get; } = new()
    {
        BytesMax = 64 << 20,
        ValuesMax = 4_000_000,
        MembersMax = 1_000_000,
        TextBytesMax = 16 << 20,
    };

    /// <summary>Bytes of the whole document. Default 1 MiB.</summary>
    public int BytesMax { get; init; } = 1 << 20;

    /// <summary>Nesting of structs and arrays. Default 64, at most <see cref="DepthCap"/>.</summary>
    public int DepthMax
    {
        get => _depthMax;
        init => _depthMax = value is >= 1 and <= DepthCap
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), $"The depth must lie between 1 and {DepthCap}.");
    }

    /// <summary>Values in the whole document. Default 100,000.</summary>
    public int ValuesMax { get; init; } = 100_000;

    /// <summary>Members of one struct, items of one array. Default 10,000.</summary>
    public int MembersMax { get; init; } = 10_000;

    /// <summary>Parameters of one call. Default 64.</summary>
    public int ParametersMax { get; init; } = 64;

    /// <summary>Bytes of one text, base64 included. Default 512 KiB.</summary>
    public int TextBytesMax { get; init; } = 512 << 10;

    /// <summary>Bytes of a method's or member's name. Default 256.</summary>
    public int NameBytesMax { get; init; } = 256;
}
