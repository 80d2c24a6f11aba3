using Keygate.Catalog;
using Keygate.Kernel;

namespace Keygate.Api.Billing.Kagate;

/// <summary>What the methods of the container KAGATE share.</summary>
internal static class Kagate
{
    public const string Server = "KAGATE";

    public const string Answer = "ErrorMessage `Operation done.`";

    /// <summary>What the reference says when something was changed.</summary>
    public static Result<BillingAnswer> Done<T>(Result<T> result) => result.Map(_ => BillingAnswer.Done);

    /// <summary>Archives an entry that is in use. Our REST lets the same be said twice; here the row is gone after the first time.</summary>
    public static async Task<Result<BillingAnswer>> MoveToArcAsync(ArchiveEntry archive, BillingCall call, CatalogKind kind, string code, CancellationToken cancellation) =>
        (await archive.HandleAsync(call.Tx, new ArchiveEntryRequest(kind, code, Archived: true), call.Actor, cancellation)).TryGet(out var diff, out var refusal)
            ? diff.Changes.Count > 0 ? BillingAnswer.Done : CatalogErrors.EntryArchived.Because($"{code} is archived already.")
            : refusal;
}
