namespace Keygate.Storage;

/// <summary>A question whose answer is waited for later; see <see cref="Session.Ask"/>.</summary>
/// <typeparam name="T">A row of the answer.</typeparam>
public sealed class Question<T>
{
    private readonly Func<Task<List<T>>> _all;

    internal Question(Func<Task<List<T>>> all) => _all = all;

    /// <summary>All rows.</summary>
    public Task<List<T>> AllAsync() => _all();

    /// <summary>The same question, its rows in other words.</summary>
    public Question<TOther> As<TOther>(Func<T, TOther> word) => new(async () => (await _all()).ConvertAll(row => word(row)));

    /// <summary>The one row, or null (default) where there is none. Throws for more than one.</summary>
    public async Task<T?> FindAsync() => (await AllAsync()).SingleOrDefault();

    /// <summary>The one row; throws where there is none.</summary>
    public async Task<T> GetAsync() => (await AllAsync()).Single();
}
