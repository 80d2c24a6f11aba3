using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;

namespace Keygate.Api.Billing;

/// <summary>A call that was read and whose parameters have the types of its method.</summary>
/// <param name="method">The method.</param>
/// <param name="given">The parameters as they were sent, freed of <c>censored</c>.</param>
/// <param name="actor">Who calls.</param>
/// <param name="session">Where it reads and, as a <see cref="Storage.Tx"/>, writes.</param>
internal sealed class BillingCall(BillingMethod method, XmlRpcArray given, Actor actor, Session session)
{
    /// <summary>The null of an int (reference 5.1).</summary>
    public const int Null = int.MinValue;

    /// <summary>Who calls.</summary>
    public Actor Actor => actor;

    /// <summary>Where it reads.</summary>
    public Session Session => session;

    /// <summary>Where it writes; only for methods that say so.</summary>
    public Tx Tx => (Tx)session;

    /// <summary>What was sent after the parameters that the method declares.</summary>
    public IReadOnlyList<XmlRpcValue> More => [.. given.Skip(method.Parameters.Count)];

    /// <summary>A text without the blanks at its end; empty where it was left out.</summary>
    public string Text(string name) => Find(name) is { } value && value.TryToText(out var text) ? text.TrimEnd() : "";

    /// <summary>A number; <see cref="Null"/> where it was left out.</summary>
    public int Int(string name) => Find(name) is { } value && value.TryToInt(out var number) ? number : Null;

    /// <summary>A number of 1 or 0.</summary>
    public bool YesNo(string name) => Int(name) == 1;

    /// <summary>An amount.</summary>
    public double Double(string name) => Find(name) is { } value && TryToDouble(value, out var number) ? number : 0;

    /// <summary>
    /// What is wrong with the parameters' number and types, with position, name and expected type of each: such a call breaks the protocol (reference 5.1 and 5.3). Null where
    /// nothing is.
    /// </summary>
    public static string? Violation(BillingMethod method, XmlRpcArray given)
    {
        var faults = new List<string>();
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            var wanted = method.Parameters[i];
            var found = i >= given.Count ? (wanted.Optional ? null : "missing") : Fits(wanted.Type, given[i]) ? null : $"of type {Word(given[i].Kind)}";
            if (found is not null)
            {
                faults.Add(FormattableString.Invariant($"Params[{i + 1}] ({wanted.Name}) must be {wanted.TypeName} and is {found}"));
            }
        }

        if (!method.TakesMore && given.Count > method.Parameters.Count)
        {
            faults.Add(FormattableString.Invariant($"{given.Count} parameters were sent and {method.Name} takes {method.Parameters.Count}"));
        }

        return faults.Count == 0 ? null : string.Join("; ", faults);
    }

    /// <summary>What is wrong with the parameters' values, all at once; null where nothing is.</summary>
    public static Error? Unfit(BillingMethod method, XmlRpcArray given)
    {
        var faults = new List<Error>();
        foreach (var (wanted, value) in method.Parameters.Zip(given))
        {
            if (wanted.Type == BillingType.Text && value.TryToText(out var text) && text.TrimEnd().Length > wanted.LengthMax)
            {
                faults.Add(ApiErrors.BillingValueUnfit.Because($"{wanted.Name} has {text.TrimEnd().Length} characters; {wanted.LengthMax} are the most."));
            }
            else if (wanted.Type == BillingType.YesNo && value.TryToInt(out var number) && number is not (0 or 1))
            {
                faults.Add(ApiErrors.BillingValueUnfit.Because($"{wanted.Name} is {number.ToString(CultureInfo.InvariantCulture)}; it must be 0 or 1."));
            }
        }

        return Error.Of(faults);
    }

    private static bool Fits(BillingType type, XmlRpcValue value) => type switch
    {
        BillingType.Int or BillingType.YesNo => value.TryToInt(out _),
        BillingType.Double => TryToDouble(value, out _),
        BillingType.Text => value.TryToText(out _),
        _ => throw new InvalidOperationException($"There is no type {type}."),
    };

    private static bool TryToDouble(XmlRpcValue value, out double number)
    {
        if (value.TryGetDouble(out number))
        {
            return true;
        }

        return value.TryToText(out var text) && double.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static string Word(XmlRpcKind kind) => kind.ToString().ToLowerInvariant();

    private XmlRpcValue? Find(string name)
    {
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            if (method.Parameters[i].Name == name)
            {
                return i < given.Count ? given[i] : (XmlRpcValue?)null;
            }
        }

        throw new InvalidOperationException($"{method.Name} has no parameter {name}.");
    }
}
