using Keygate.Work;

namespace Keygate.Scenarios.Faults;

/// <summary>The moments of an order, as the engine itself named them to a file.</summary>
internal static class Moments
{
    // Seven of the issue, which has an intent, and five of retrieve and of install each; what the order itself does is part of their commits.
    public const int OfAnOrder = 17;

    public static async Task<IReadOnlyList<(Moment Moment, string Step)>> ReadAsync(string file) =>
        [.. (await File.ReadAllLinesAsync(file))
            .Select(line => line.Split(' '))
            .Where(words => words[1].StartsWith("orders.", StringComparison.Ordinal) || words[1] == "licensing.provision")
            .Select(words => (Enum.Parse<Moment>(words[0]), words[2]))
            .Distinct()];
}
