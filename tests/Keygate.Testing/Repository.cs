namespace Keygate.Testing;

/// <summary>The repository that the tests run in.</summary>
public static class Repository
{
    // What builds, tools and running servers leave behind.
    private static readonly string[] Foreign = ["bin", "obj", "data", "artifacts", "node_modules", "TestResults", "__pycache__"];

    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>Its files, relative to the root, with slashes and in order; without what builds and tools leave behind.</summary>
    public static IReadOnlyList<string> Files() =>
        [.. Under(Root).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Under(string folder) => Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
        .Where(child => Path.GetFileName(child) is var name && (name == ".ci" || !name.StartsWith('.')) && !Foreign.Contains(name))
        .SelectMany(Under));

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Keygate.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return folder;
    }
}
