using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Keygate.Kernel;

/// <summary>One page of a list, in the shape of our REST: the items, and where to go on.</summary>
/// <param name="Items">The rows of this page.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>What a caller asks of a list.</summary>
/// <param name="Limit">Rows a page, 1 to 500.</param>
/// <param name="Cursor">Where the last page ended; null for the first page.</param>
public readonly record struct PageRequest(int Limit, string? Cursor)
{
    /// <summary>Rows a page where the caller names none.</summary>
    public const int LimitDefault = 50;

    /// <summary>Rows a page at the most.</summary>
    public const int LimitMax = 500;

    /// <summary>The request with its bounds kept.</summary>
    public static PageRequest Of(int? limit, string? cursor) => new(Math.Clamp(limit ?? LimitDefault, 1, LimitMax), cursor);

    /// <summary>The page of a list that is sorted by rising id; refuses a cursor of another list.</summary>
    /// <param name="list">Name and filter of the list: its cursors fit no other.</param>
    /// <param name="rowsAfter">Reads the rows whose id is above the first argument, by rising id, as many as the second says at the most.</param>
    /// <param name="id">A row's id; positive.</param>
    /// <param name="view">What the page shows of a row.</param>
    public Task<Result<Page<TView>>> OldestFirstAsync<TRow, TView>(
        string list, Func<long, int, Task<List<TRow>>> rowsAfter, Func<TRow, long> id, Func<TRow, TView> view) =>
        ByIdAsync(list, 0, rowsAfter, id, view);

    /// <summary>The page of a list that is sorted by falling id; refuses a cursor of another list.</summary>
    /// <param name="list">Name and filter of the list: its cursors fit no other.</param>
    /// <param name="rowsBefore">Reads the rows whose id is below the first argument, by falling id, as many as the second says at the most.</param>
    /// <param name="id">A row's id; positive.</param>
    /// <param name="view">What the page shows of a row.</param>
    public Task<Result<Page<TView>>> NewestFirstAsync<TRow, TView>(
        string list, Func<long, int, Task<List<TRow>>> rowsBefore, Func<TRow, long> id, Func<TRow, TView> view) =>
        ByIdAsync(list, long.MaxValue, rowsBefore, id, view);

    private async Task<Result<Page<TView>>> ByIdAsync<TRow, TView>(
        string list, long start, Func<long, int, Task<List<TRow>>> rowsFrom, Func<TRow, long> id, Func<TRow, TView> view)
    {
        var from = start;
        if (Cursor is { } cursor && !Kernel.Cursor.TryRead(cursor, list, out _, out from))
        {
            return KernelErrors.CursorForeign.At("cursor");
        }

        // One row more than is shown, so that the last page says that it is the last.
        var rows = await rowsFrom(from, Limit + 1);
        var next = rows.Count > Limit ? Kernel.Cursor.After(list, "", id(rows[Limit - 1])) : null;
        return new Page<TView>([.. rows.Take(Limit).Select(view)], next);
    }
}

/// <summary>
/// An opaque cursor: the sort value and id of the last row, with a hash of the filter and sort it belongs to, so that a cursor
/// of another list is refused and not misread.
/// </summary>
public static class Cursor
{
    /// <summary>The cursor after a row.</summary>
    /// <param name="filter">Filter and sort of the list, as text.</param>
    /// <param name="sort">Sort value of the last row; empty where the list is sorted by id.</param>
    /// <param name="id">Id of the last row.</param>
    public static string After(string filter, string sort, long id) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Mark(filter)}\n{id}\n{sort}")));

    /// <summary>Reads a cursor; false when it belongs to another filter or is no cursor at all.</summary>
    public static bool TryRead(string cursor, string filter, out string sort, out long id)
    {
        (sort, id) = ("", 0);
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split('\n', 3);
            if (parts.Length != 3 || parts[0] != Mark(filter) || !long.TryParse(parts[1], System.Globalization.CultureInfo.InvariantCulture, out id))
            {
                return false;
            }

            sort = parts[2];
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Mark(string filter) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(filter)).AsSpan(0, 4));
}
