using System.Text.Json;
using Keygate.Kernel;

namespace Keygate.Server;

/// <summary>What the command line of the same user needs: where the server is, and a token.</summary>
internal sealed record CliFile(string Url, string Token)
{
    public const string Name = "cli.json";

    /// <summary>The file of a data folder; null where there is none that can be read.</summary>
    public static CliFile? Read(string folder)
    {
        try
        {
            var file = Path.Combine(folder, Name);
            return File.Exists(file) ? Json.Read<CliFile>(File.ReadAllText(file)) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the file whole or not at all, readable by its owner alone.</summary>
    public void Write(string folder)
    {
        var file = Path.Combine(folder, Name);
        var beside = file + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(beside, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(Json.Write(this) + "\n"));
        }

        File.Move(beside, file, overwrite: true);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Url} ***";
}
