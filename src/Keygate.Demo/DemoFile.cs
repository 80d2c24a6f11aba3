using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keygate.Demo;

/// <summary>What the demo leaves for scripts: <c>demo.json</c> in the data folder, readable by its owner alone, there only when everything is done.</summary>
internal sealed class DemoFile(string data)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public string Path { get; } = System.IO.Path.Combine(data, "demo.json");

    public JsonNode? Read() => File.Exists(Path) ? JsonNode.Parse(File.ReadAllText(Path)) : null;

    public void Write(JsonObject content)
    {
        var made = Path + ".new";
        File.Delete(made);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(made, options))
        {
            JsonSerializer.Serialize(stream, content, Indented);
        }

        // By rename, last of all: whoever waits for the file finds it whole.
        File.Move(made, Path, overwrite: true);
    }
}
