using Keygate.Kernel;

namespace Keygate.Orders;

/// <summary>Why a person does something to an order.</summary>
public sealed record OrderReason
{
    /// <summary>In the person's words; stands in the order's log.</summary>
    public string? Reason { get; init; }

    /// <summary>All that is wrong with the request's shape where a reason must be given.</summary>
    public IReadOnlyList<Error> Faults() => Texts.Reason(Reason) is { } fault ? [fault] : [];

    internal string Or(string otherwise) => string.IsNullOrWhiteSpace(Reason) ? otherwise : Reason.Trim();
}
