using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Keygate.Testing;

namespace Keygate.Tests.Architecture;

/// <summary>The rooms and who uses whom, as projects declare it and as assemblies were compiled.</summary>
internal static class House
{
    /// <summary>The rooms from top to bottom. Arrows run downwards in this list only; a room that is not built yet has its place already.</summary>
    public static readonly IReadOnlyList<string> Order =
    [
        "Server", "Panel", "Api", "Notices", "Orders", "Licensing", "Catalog", "Issuers", "Installers", "KeyServer", "Plugins", "Plugins.Sandbox",
        "Plugins.Abstractions", "Accounts", "Work", "Storage", "Webhooks", "XmlRpc", "Verification", "Kernel", "Demo",
    ];

    /// <summary>Who declares that it uses whom.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Declared() => Projects().ToDictionary(
        project => Room(project),
        project => (IReadOnlyList<string>)[.. XDocument.Load(project).Descendants("ProjectReference")
            .Select(r => Room(r.Attribute("Include")!.Value)).Order(StringComparer.Ordinal)],
        StringComparer.Ordinal);

    /// <summary>Who really uses whom.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Compiled() => Assemblies().ToDictionary(
        a => a.Key,
        a => (IReadOnlyList<string>)[.. a.Value.GetReferencedAssemblies().Select(r => r.Name!).Where(IsOurs).Select(Room).Order(StringComparer.Ordinal)],
        StringComparer.Ordinal);

    /// <summary>The assembly of each room.</summary>
    public static IReadOnlyDictionary<string, Assembly> Assemblies() => Projects().ToDictionary(
        Room, project => Assembly.Load(XDocument.Load(project).Descendants("AssemblyName").SingleOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(project)),
        StringComparer.Ordinal);

    /// <summary>What is wrong with these arrows; empty where nothing is.</summary>
    public static IReadOnlyList<string> Faults(IReadOnlyList<string> order, IReadOnlyDictionary<string, IReadOnlyList<string>> arrows)
    {
        var place = order.Select((room, i) => (room, i)).ToDictionary(r => r.room, r => r.i, StringComparer.Ordinal);
        var faults = arrows.Keys.Concat(arrows.Values.SelectMany(v => v)).Distinct(StringComparer.Ordinal).Where(room => !place.ContainsKey(room))
            .Select(room => $"{room} has no place in the house").ToList();
        faults.AddRange(from room in arrows.Keys
                        from used in arrows[room]
                        where place.ContainsKey(room) && place.ContainsKey(used) && place[used] <= place[room]
                        select $"{room} uses {used}, which stands above it");
        faults.AddRange(arrows.Keys.Where(room => Reached(room, arrows).Contains(room)).Select(room => $"{room} stands in a circle"));
        return faults;
    }

    /// <summary>The picture: arrows that follow from others are left out of it, and stand in the table.</summary>
    public static string Picture(IReadOnlyDictionary<string, IReadOnlyList<string>> arrows)
    {
        var text = new StringBuilder(
            """
            # The house

            Made by a test from the project references, which fails when this page drifts from them, when an arrow runs up, and when rooms stand in a circle.
            What each room owns stands in its README. An arrow that follows from others is left out of the picture; the table has all of them.

            ```mermaid
            flowchart TD

            """);
        var rooms = Order.Where(arrows.ContainsKey).ToList();
        foreach (var room in rooms)
        {
            text.Append($"  {Node(room)}[\"{room}\"]\n");
        }

        foreach (var room in rooms)
        {
            foreach (var used in Order.Where(arrows[room].Contains).Where(used => !arrows[room].Any(other => Reached(other, arrows).Contains(used))))
            {
                text.Append($"  {Node(room)} --> {Node(used)}\n");
            }
        }

        text.Append("```\n\n| room | uses |\n| --- | --- |\n");
        foreach (var room in rooms)
        {
            text.Append($"| [{room}](../src/Keygate.{room}/README.md) | {(arrows[room].Count == 0 ? "nothing" : string.Join(", ", Order.Where(arrows[room].Contains)))} |\n");
        }

        return text.ToString();
    }

    private static HashSet<string> Reached(string from, IReadOnlyDictionary<string, IReadOnlyList<string>> arrows)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(arrows.GetValueOrDefault(from, []));
        while (open.TryPop(out var room))
        {
            if (reached.Add(room))
            {
                foreach (var next in arrows.GetValueOrDefault(room, []))
                {
                    open.Push(next);
                }
            }
        }

        return reached;
    }

    private static IReadOnlyList<string> Projects() => [.. Repository.Files().Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)).Select(f => Path.Combine(Repository.Root, f))];

    private static bool IsOurs(string assembly) => assembly == "keygate" || assembly.StartsWith("Keygate.", StringComparison.Ordinal);

    private static string Room(string projectOrAssembly)
    {
        var name = projectOrAssembly.EndsWith(".csproj", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(projectOrAssembly) : projectOrAssembly;
        return name == "keygate" ? "Server" : name["Keygate.".Length..];
    }

    private static string Node(string room) => room.Replace(".", "", StringComparison.Ordinal);
}
