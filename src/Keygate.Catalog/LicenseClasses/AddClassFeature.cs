using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>A feature that shall belong to a license class.</summary>
/// <param name="KeyType">Key type of the class.</param>
/// <param name="Feature">Code of the feature.</param>
public sealed record AddClassFeatureRequest(string KeyType, string Feature);

/// <summary>Says that a feature belongs to a license class. May be repeated.</summary>
public sealed class AddClassFeature(CatalogEditor editor, CatalogReader reader)
{
    /// <summary>Relates the two in the caller's transaction.</summary>
    public async Task<Result<LicenseClassView>> HandleAsync(Tx tx, AddClassFeatureRequest request, Actor actor, CancellationToken cancellation)
    {
        var edited = await editor.EditAsync(tx, actor,
            view => view.Contents.With(new ClassFeature { KeyType = request.KeyType, FeatureId = request.Feature }), cancellation);
        if (!edited.TryGet(out _, out var error))
        {
            return error;
        }

        var after = await reader.GetAsync(tx, cancellation);
        return LicenseClassView.Of(after, after.Class(request.KeyType)!);
    }
}
