using System.Text.RegularExpressions;
using Keygate.Kernel;

namespace Keygate.Notices;

/// <summary>Which events are wanted: topics such as <c>license.installed</c>, <c>license.*</c>, or <c>*</c>.</summary>
internal static partial class Topics
{
    public static IEnumerable<Error> Faults(IReadOnlyList<string>? topics)
    {
        if (topics is not { Count: > 0 and <= 100 })
        {
            return [NoticesErrors.TopicInvalid.Because(topics is { Count: > 0 } ? $"There are {topics.Count} topics; 100 are the most." : "No topic is named.").At("topics")];
        }

        return topics.Where(t => t is null || !Form().IsMatch(t)).Select(t => NoticesErrors.TopicInvalid.Because($"'{t}' is no topic.").At("topics"));
    }

    public static bool Want(IReadOnlyList<string> topics, string topic) =>
        topics.Any(t => t == "*" || t == topic || (t.EndsWith(".*", StringComparison.Ordinal) && topic.StartsWith(t[..^1], StringComparison.Ordinal)));

    [GeneratedRegex(@"\A(\*|[a-z]+\.(\*|[a-z]+(-[a-z]+)*))\z", RegexOptions.None, 1000)]
    private static partial Regex Form();
}
