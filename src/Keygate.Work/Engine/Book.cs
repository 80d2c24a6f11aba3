using System.Collections.Frozen;

namespace Keygate.Work;

/// <summary>The processes that this program knows, by kind. Read at the first use, since steps may need the queue that needs this book.</summary>
internal sealed class Book(Func<IEnumerable<Process>> processes)
{
    private readonly Lazy<FrozenDictionary<string, Page>> _pages = new(() =>
        processes().ToFrozenDictionary(p => p.Kind, p => new Page(p.Steps), StringComparer.Ordinal));

    public string[] Kinds => [.. _pages.Value.Keys];

    public Step First(string kind) => Of(kind).Steps[0];

    public Step Step(string kind, string name) => Of(kind).Steps[Of(kind).Index(name)];

    public Step Step(WorkRow row) => Step(row.Kind, row.Step);

    /// <summary>The step after one; null after the last.</summary>
    public Step? After(string kind, string name)
    {
        var next = Of(kind).Index(name) + 1;
        return next < Of(kind).Steps.Count ? Of(kind).Steps[next] : null;
    }

    private Page Of(string kind) =>
        _pages.Value.TryGetValue(kind, out var page) ? page : throw new InvalidOperationException($"No process '{kind}' is registered.");

    private sealed class Page(IReadOnlyList<Step> steps)
    {
        private readonly FrozenDictionary<string, int> _index = steps.Select((s, i) => (s.Name, i)).ToFrozenDictionary(x => x.Name, x => x.i, StringComparer.Ordinal);

        public IReadOnlyList<Step> Steps => steps;

        public int Index(string name) => _index.TryGetValue(name, out var i) ? i : throw new InvalidOperationException($"There is no step '{name}'.");
    }
}
