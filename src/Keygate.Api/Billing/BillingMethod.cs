using Keygate.Kernel;

namespace Keygate.Api.Billing;

/// <summary>One method of the Billing API: what callers may send, what they get, and who does it.</summary>
/// <param name="Server">The container, such as <c>KAGATE</c>.</param>
/// <param name="Name">The method's name.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Parameters">Its parameters by position.</param>
/// <param name="Answer">What it answers, for the reference page.</param>
/// <param name="Act">Does it, in the caller's transaction or in a read.</param>
internal sealed record BillingMethod(
    string Server, string Name, string Summary, IReadOnlyList<BillingParameter> Parameters, string Answer,
    Func<BillingCall, CancellationToken, Task<Result<BillingAnswer>>> Act)
{
    /// <summary>Other names of the same method.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>True where it changes something: then it needs a transaction, and a role that may.</summary>
    public bool Changes { get; init; }

    /// <summary>True where parameters follow whose number and meaning the call itself says.</summary>
    public bool TakesMore { get; init; }

    /// <summary>What a reader should know besides.</summary>
    public string Notes { get; init; } = "";
}

/// <summary>Some methods of the Billing API.</summary>
internal interface IBillingMethods
{
    /// <summary>The methods, in the order of the reference page.</summary>
    IEnumerable<BillingMethod> All { get; }
}
