using Keygate.Kernel;

namespace Keygate.Accounts;

internal static class Paging
{
    /// <summary>One page of a list that is sorted by id: asks for one row more than it shows, so that the last page says so.</summary>
    public static async Task<Result<Page<T>>> ByIdAsync<T>(PageRequest request, string list, Func<long, int, Task<List<T>>> rowsAfter, Func<T, long> id)
    {
        var after = 0L;
        if (request.Cursor is { } cursor && !Cursor.TryRead(cursor, list, out _, out after))
        {
            return KernelErrors.CursorForeign.At("cursor");
        }

        var rows = await rowsAfter(after, request.Limit + 1);
        return rows.Count <= request.Limit
            ? new Page<T>(rows, null)
            : new Page<T>(rows[..request.Limit], Cursor.After(list, "", id(rows[request.Limit - 1])));
    }
}
