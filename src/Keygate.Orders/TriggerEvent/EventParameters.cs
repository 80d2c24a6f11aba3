using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>The parameter string of an event: <c>Name=Value; Name=Value</c>.</summary>
internal static class EventParameters
{
    /// <summary>A message may itself hold semicolons: what does not begin with a known name belongs to the value before it.</summary>
    public static Dictionary<string, string> Split(string parameters, IReadOnlyCollection<string> names)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        foreach (var part in parameters.Split(';'))
        {
            var name = part.Split('=', 2)[0].Trim();
            if (part.Contains('=', StringComparison.Ordinal) && names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                values[name] = part.Split('=', 2)[1].Trim();
                last = name;
            }
            else if (last is not null && part.Trim().Length > 0)
            {
                values[last] = $"{values[last]};{part.TrimEnd()}";
            }
        }

        return values;
    }

    /// <summary>The refusal of a value that is missing or cannot be read.</summary>
    public static Error Unreadable(Dictionary<string, string> values, string name) =>
        OrdersErrors.EventUnreadable.Because($"{name} is {(values.TryGetValue(name, out var value) ? $"'{value}'" : "missing")}.").At("parameters");
}
