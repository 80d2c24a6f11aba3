using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Keygate.Storage;

/// <summary>
/// One numbered step of a room's schema: <c>Storage/Migrations/NNNN_name.sql</c>, or <c>NNNN_name.sqlite.sql</c> and
/// <c>NNNN_name.postgres.sql</c> where the engines differ. The first line names the oldest program that can live with it:
/// <c>-- oldest-program: 0.1.0</c>.
/// </summary>
/// <param name="Room">The room that owns it.</param>
/// <param name="Number">Its place in the room's order.</param>
/// <param name="Name">What it does.</param>
/// <param name="OldestProgram">The oldest program that can live with a database that has it.</param>
/// <param name="Sql">The statements, with the type words of <see cref="Dialect.Expand"/>.</param>
/// <param name="Checksum">SHA-256 of the text, so that a changed migration is noticed.</param>
public sealed partial record Migration(string Room, int Number, string Name, Version OldestProgram, string Sql, string Checksum)
{
    /// <summary>The migrations that a room's assembly holds, for one engine, in order.</summary>
    public static IReadOnlyList<Migration> Of(Assembly room, Engine engine)
    {
        var other = engine == Engine.Sqlite ? ".postgres.sql" : ".sqlite.sql";
        return [.. room.GetManifestResourceNames()
            .Where(name => name.StartsWith("migrations/", StringComparison.Ordinal) && !name.EndsWith(other, StringComparison.Ordinal))
            .Select(name => Read(room, name)).OrderBy(m => m.Number)];
    }

    private static Migration Read(Assembly room, string resource)
    {
        using var reader = new StreamReader(room.GetManifestResourceStream(resource)!, Encoding.UTF8);
        var sql = reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal);
        var file = FileName().Match(resource);
        var oldest = OldestLine().Match(sql);
        if (!file.Success || !oldest.Success)
        {
            throw new InvalidOperationException($"{resource} must be named NNNN_name.sql and begin with '-- oldest-program: x.y.z'.");
        }

        return new Migration(
            room.GetName().Name!.Replace("Keygate.", "", StringComparison.Ordinal),
            int.Parse(file.Groups[1].Value, CultureInfo.InvariantCulture), file.Groups[2].Value,
            Version.Parse(oldest.Groups[1].Value), sql, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
    }

    [GeneratedRegex(@"^migrations/(\d{4})_([a-z0-9-]+)(\.sqlite|\.postgres)?\.sql$", RegexOptions.None, 1000)]
    private static partial Regex FileName();

    [GeneratedRegex(@"^-- oldest-program: (\d+\.\d+\.\d+)\n", RegexOptions.None, 1000)]
    private static partial Regex OldestLine();
}
