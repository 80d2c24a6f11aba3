using System.Runtime.CompilerServices;
using Shouldly;

namespace Keygate.Testing;

/// <summary>
/// Compares text with a file that a person has approved: <c>NAME.approved.txt</c> beside the test. A difference leaves
/// <c>NAME.received.txt</c> there; <c>KEYGATE_APPROVE=1</c> accepts what was received.
/// </summary>
public static class Approve
{
    /// <summary>Compares; line ends do not matter.</summary>
    /// <param name="text">What the program made.</param>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="extension">The kind of text, for editors: <c>txt</c>, <c>xml</c>, <c>json</c>.</param>
    /// <param name="test">The test's own file; the compiler fills it in.</param>
    public static void That(string text, string name, string extension = "txt", [CallerFilePath] string test = "") =>
        File(text, Path.Combine(Path.GetDirectoryName(test)!, $"{name}.approved.{extension}"));

    /// <summary>Compares with a file anywhere in the repository, such as a generated page of <c>docs</c> that must not drift.</summary>
    public static void File(string text, string approvedFile)
    {
        var now = Lines(text);
        var received = approvedFile.Contains(".approved.", StringComparison.Ordinal)
            ? approvedFile.Replace(".approved.", ".received.", StringComparison.Ordinal)
            : approvedFile + ".received" + Path.GetExtension(approvedFile);
        if (Environment.GetEnvironmentVariable("KEYGATE_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(approvedFile)!);
            System.IO.File.WriteAllText(approvedFile, now);
            System.IO.File.Delete(received);
            return;
        }

        var before = System.IO.File.Exists(approvedFile) ? Lines(System.IO.File.ReadAllText(approvedFile)) : "";
        if (now == before)
        {
            System.IO.File.Delete(received);
            return;
        }

        System.IO.File.WriteAllText(received, now);
        now.ShouldBe(before, $"{approvedFile} differs from {received}. If the new text is right, run the test again with KEYGATE_APPROVE=1.");
    }

    private static string Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
}
