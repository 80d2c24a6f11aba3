using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>An upgrade option as our REST shows it.</summary>
/// <param name="From">Key type or feature code to start from.</param>
/// <param name="To">Key type or feature code to end at.</param>
/// <param name="Plan">The issuer's upgrade plan.</param>
/// <param name="Description">What it is; may be empty.</param>
/// <param name="Type">Which way it goes.</param>
/// <param name="Enabled">False where it must not be sold.</param>
/// <param name="ArchivedAt">When it was archived; absent while it is in use.</param>
public sealed record UpgradeOptionView(string From, string To, string Plan, string Description, UpgradeType Type, bool Enabled, DateTimeOffset? ArchivedAt)
{
    internal static UpgradeOptionView Of(UpgradeOption o) => new(o.From, o.To, o.Plan, o.Description, o.Type, o.Enabled, o.ArchivedAt);
}

/// <summary>An upgrade option to add.</summary>
public sealed record AddUpgradeOptionRequest
{
    /// <summary>Key type or feature code to start from.</summary>
    public string From { get; init; } = "";

    /// <summary>Key type or feature code to end at.</summary>
    public string To { get; init; } = "";

    /// <summary>The issuer's upgrade plan.</summary>
    public string Plan { get; init; } = "";

    /// <summary>What it is; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>Which way it goes.</summary>
    public UpgradeType Type { get; init; }

    /// <summary>False where it must not be sold.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What is wrong with the request by itself.</summary>
    public IReadOnlyList<Error> Faults() =>
    [
        .. From.Length == 0 ? new[] { CatalogErrors.ValueMissing.At("from").Because("from is missing") } : [],
        .. To.Length == 0 ? new[] { CatalogErrors.ValueMissing.At("to").Because("to is missing") } : [],
        .. CatalogShape.Alone(Entry),
    ];

    internal UpgradeOption Entry => new() { From = From, To = To, Plan = Plan, Description = Description, Type = Type, Enabled = Enabled };
}

/// <summary>Adds an upgrade option between two classes or two features; an archived one between the same two is replaced.</summary>
public sealed class AddUpgradeOption(CatalogEditor editor)
{
    /// <summary>Adds it in the caller's transaction.</summary>
    public async Task<Result<UpgradeOptionView>> HandleAsync(Tx tx, AddUpgradeOptionRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } error)
        {
            return error;
        }

        return (await editor.AddAsync(tx, actor, [request.Entry], cancellation)).Map(_ => UpgradeOptionView.Of(request.Entry));
    }
}
