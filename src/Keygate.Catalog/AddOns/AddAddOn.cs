using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>An add-on relation as our REST shows it.</summary>
/// <param name="Parent">Key type of the main class.</param>
/// <param name="AddOn">Key type of the additional class.</param>
/// <param name="ArchivedAt">When it was archived; absent while it is in use.</param>
public sealed record AddOnView(string Parent, string AddOn, DateTimeOffset? ArchivedAt)
{
    internal static AddOnView Of(AddOn a) => new(a.Parent, a.KeyType, a.ArchivedAt);
}

/// <summary>An additional class that shall go with a main one.</summary>
public sealed record AddAddOnRequest
{
    /// <summary>Key type of the main class.</summary>
    public string Parent { get; init; } = "";

    /// <summary>Key type of the additional class.</summary>
    public string AddOn { get; init; } = "";

    /// <summary>What is wrong with the request by itself.</summary>
    public IReadOnlyList<Error> Faults() =>
    [
        .. Parent.Length == 0 ? new[] { CatalogErrors.ValueMissing.At("parent").Because("parent is missing") } : [],
        .. AddOn.Length == 0 ? new[] { CatalogErrors.ValueMissing.At("addOn").Because("addOn is missing") } : [],
    ];
}

/// <summary>Relates an additional class to a main one.</summary>
public sealed class AddAddOn(CatalogEditor editor)
{
    /// <summary>Relates the two in the caller's transaction.</summary>
    public async Task<Result<AddOnView>> HandleAsync(Tx tx, AddAddOnRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } error)
        {
            return error;
        }

        var entry = new AddOn { Parent = request.Parent, KeyType = request.AddOn };
        return (await editor.AddAsync(tx, actor, [entry], cancellation)).Map(_ => AddOnView.Of(entry));
    }
}
