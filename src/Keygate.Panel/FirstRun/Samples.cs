namespace Keygate.Panel;

/// <summary>The sample catalogs with their price lists; they travel inside the program.</summary>
internal static class Samples
{
    /// <summary>The samples that there are.</summary>
    public static readonly IReadOnlyList<string> All = ["hosting", "vendor"];

    /// <summary>A file of a sample, <c>catalog</c> or <c>price-list</c>; null where there is none.</summary>
    public static ReadOnlyMemory<byte>? Find(string sample, string file)
    {
        if (!All.Contains(sample) || typeof(Samples).Assembly.GetManifestResourceStream($"samples/{sample}/{file}.json") is not { } stream)
        {
            return null;
        }

        using (stream)
        {
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
    }
}
