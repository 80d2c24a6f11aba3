using System.Text;

namespace Keygate.XmlRpc;

/// <summary>What one parameter of a method takes.</summary>
/// <param name="Declared">The types that the method's documentation names.</param>
/// <param name="AlsoAccepted">Types that sloppy clients send instead. They count only where no other form of the method fits better.</param>
/// <param name="IsOptional">May be missing at the end.</param>
public sealed record XmlRpcParameter(XmlRpcKinds Declared, XmlRpcKinds AlsoAccepted = XmlRpcKinds.None, bool IsOptional = false)
{
    /// <summary>The same parameter, which may be missing at the end.</summary>
    public XmlRpcParameter Optional => this with { IsOptional = true };

    /// <summary>A parameter of exactly these types.</summary>
    public static implicit operator XmlRpcParameter(XmlRpcKinds declared) => new(declared);

    /// <summary>The same parameter that takes further types from sloppy clients.</summary>
    public XmlRpcParameter OrAlso(XmlRpcKinds kinds) => this with { AlsoAccepted = AlsoAccepted | kinds };

    /// <summary>The declared types as they are called on the wire.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var kind in Enum.GetValues<XmlRpcKind>())
        {
            if (Declared.HasFlag((XmlRpcKinds)(1 << (int)kind)))
            {
                text.Append(text.Length == 0 ? "" : "|").Append(XmlRpcValue.NameOf(kind));
            }
        }

        return text.Append(IsOptional ? "?" : "").ToString();
    }

    // 0 as declared, 1 tolerated, -1 not at all. Nil is how some say that they leave an optional one out.
    internal int Fit(XmlRpcKinds kinds)
    {
        var tolerated = IsOptional ? AlsoAccepted | XmlRpcKinds.Nil : AlsoAccepted;
        return (kinds & Declared) != XmlRpcKinds.None ? 0 : (kinds & tolerated) != XmlRpcKinds.None ? 1 : -1;
    }
}

/// <summary>The parameters of one form of a method.</summary>
public sealed class XmlRpcSignature
{
    private readonly XmlRpcParameter[] _parameters;
    private readonly int _required;

    /// <summary>A form with these parameters; optional ones stand last.</summary>
    public XmlRpcSignature(params ReadOnlySpan<XmlRpcParameter> parameters)
    {
        _parameters = parameters.ToArray();
        _required = _parameters.Length;
        for (var i = _parameters.Length - 1; i >= 0; i--)
        {
            ArgumentNullException.ThrowIfNull(_parameters[i], nameof(parameters));
            if (_parameters[i].IsOptional && _required != i + 1)
            {
                throw new ArgumentException("A required parameter cannot follow an optional one.", nameof(parameters));
            }

            _required = _parameters[i].IsOptional ? i : _required;
        }
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<XmlRpcParameter> Parameters => _parameters;

    /// <summary>For example <c>(struct, string, boolean?)</c>.</summary>
    public override string ToString() => $"({string.Join(", ", _parameters.AsEnumerable())})";

    /// <summary>How many arguments are of a tolerated instead of the declared type; -1 when the form does not fit.</summary>
    internal int Fit(XmlRpcArray arguments)
    {
        if (arguments.Count < _required || arguments.Count > _parameters.Length)
        {
            return -1;
        }

        var tolerated = 0;
        for (var i = 0; i < arguments.Count; i++)
        {
            var fit = _parameters[i].Fit(arguments[i].Kinds);
            if (fit < 0)
            {
                return -1;
            }

            tolerated += fit;
        }

        return tolerated;
    }

    /// <summary>True when a call could fit both forms exactly, so that the second would never be chosen for it.</summary>
    internal bool Overlaps(XmlRpcSignature other)
    {
        var least = Math.Max(_required, other._required);
        if (least > Math.Min(_parameters.Length, other._parameters.Length))
        {
            return false;
        }

        for (var i = 0; i < least; i++)
        {
            if ((_parameters[i].Declared & other._parameters[i].Declared) == XmlRpcKinds.None)
            {
                return false;
            }
        }

        return true;
    }
}
