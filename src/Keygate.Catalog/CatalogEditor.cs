using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Catalog;

/// <summary>
/// The one way the catalog is written: take the lock, make the new catalog, check it whole, write what differs,
/// with an audit row for each difference. So no slice can leave
/// a catalog behind that another one would have refused.
/// </summary>
public sealed class CatalogEditor(CatalogReader reader, Audit audit, TimeProvider time)
{
    /// <summary>The moment of an act, as fine as the database keeps it.</summary>
    internal DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    internal async Task<Result<CatalogDiff>> EditAsync(Tx tx, Actor actor, Func<CatalogView, Result<CatalogContents>> edit, CancellationToken cancellation)
    {
        await CatalogStore.LockAsync(tx, cancellation);
        var before = await reader.GetAsync(tx, cancellation);
        if (!edit(before).TryGet(out var after, out var refusal))
        {
            return refusal;
        }

        if (Error.Of([.. CatalogShape.Check(after).Select(fault => fault.Error)]) is { } error)
        {
            return error;
        }

        var now = Now;
        var changed = CatalogDiff.Changed(before.Contents, after).ToList();
        foreach (var (_, entry) in changed)
        {
            await CatalogStore.SaveAsync(tx, entry, now, cancellation);
        }

        if (changed.Count > 0)
        {
            await CatalogStore.SetStampAsync(tx, NewStamp(), cancellation);
        }

        var diff = CatalogDiff.Between(before.Contents, after);
        foreach (var change in diff.Changes)
        {
            await audit.AddAsync(tx, actor, $"catalog.{Kebab(change.Change)}", $"{Kebab(change.Kind)}/{change.Code}",
                change.Change == CatalogChangeKind.Changed ? string.Join(", ", change.Fields) : null, cancellation);
        }

        return diff;
    }

    /// <summary>
    /// Adds entries. What is archived and nothing but a relation or a rule is replaced and back in use; an archived class or feature is named
    /// by old licenses, and so it is put back as it was or not at all.
    /// </summary>
    internal async Task<Result<CatalogView>> AddAsync(Tx tx, Actor actor, IReadOnlyList<CatalogEntry> entries, CancellationToken cancellation)
    {
        var edited = await EditAsync(tx, actor, view => Taken(view, entries) is { } taken ? taken : view.Contents.With(entries), cancellation);
        return edited.TryGet(out _, out var error) ? await reader.GetAsync(tx, cancellation) : error;
    }

    private static Error? Taken(CatalogView view, IReadOnlyList<CatalogEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (view.Contents.Find(entry.Kind, entry.Key) is { } there && (!there.IsArchived || entry is LicenseClass or Feature))
            {
                var error = CatalogErrors.CodeTaken.Because(
                    $"The {CatalogShape.Word(entry.Kind)} {entry.Key} is in the catalog already{(there.IsArchived ? ", archived" : "")}");
                return there.IsArchived ? error.Mend("Put it back, or choose another code.") : error;
            }
        }

        return null;
    }

    private static string Kebab<T>(T word)
        where T : struct, Enum
        => JsonNamingPolicy.KebabCaseLower.ConvertName(word.ToString());

    // Chance and not a counter: a counter that was rolled back is given again, for other contents.
    private static long NewStamp()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes) | 1;
    }
}
