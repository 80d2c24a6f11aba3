using System.Text;

namespace Keygate.Storage;

/// <summary>What a backup begins with.</summary>
/// <param name="Name">Its name: both databases were saved under it.</param>
/// <param name="MadeAt">When it was begun.</param>
/// <param name="Program">The program that made it.</param>
public sealed record BackupManifest(string Name, DateTimeOffset MadeAt, string Program);

/// <summary>A database in a backup, before its tables.</summary>
/// <param name="Name">What people call it: <c>provider</c> or <c>keyserver</c>.</param>
/// <param name="Engine">The engine it was on; it can be restored to the other one.</param>
/// <param name="Migrations">Its migrations: room, number and name.</param>
public sealed record SavedDatabase(string Name, string Engine, IReadOnlyList<string> Migrations);

/// <summary>A table in a backup, before its rows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Last">The last number that its sequence gave; null where it has none.</param>
public sealed record SavedTable(string Name, IReadOnlyList<string> Columns, long? Last);

/// <summary>The frames that a backup consists of, after sealing and compression: numbers and texts alike for both engines.</summary>
internal static class BackupFrames
{
    public const byte Manifest = (byte)'M', Key = (byte)'K', Database = (byte)'D', Table = (byte)'T', Row = (byte)'R', End = (byte)'E';
    private const byte Null = 0, Long = 1, Text = 2, Bytes = 3, Real = 4;
    private const int ValueMax = 512 * 1024 * 1024;

    public static void WriteValue(BinaryWriter to, object value)
    {
        switch (value)
        {
            case DBNull:
                to.Write(Null);
                break;
            case bool flag:
                to.Write(Long);
                to.Write7BitEncodedInt64(flag ? 1 : 0);
                break;
            case long or int or short:
                to.Write(Long);
                to.Write7BitEncodedInt64(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case string text:
                to.Write(Text);
                WriteBytes(to, Encoding.UTF8.GetBytes(text));
                break;
            case byte[] bytes:
                to.Write(Bytes);
                WriteBytes(to, bytes);
                break;
            case double real:
                to.Write(Real);
                to.Write(real);
                break;
            default:
                throw new InvalidOperationException($"A column has a {value.GetType()}, which no migration has a word for.");
        }
    }

    public static object ReadValue(BinaryReader from) => from.ReadByte() switch
    {
        Null => DBNull.Value,
        Long => from.Read7BitEncodedInt64(),
        Text => Encoding.UTF8.GetString(ReadBytes(from)),
        Bytes => ReadBytes(from),
        Real => from.ReadDouble(),
        var other => throw new InvalidDataException($"A value of the kind {other} is not known."),
    };

    public static void WriteText(BinaryWriter to, string text) => WriteBytes(to, Encoding.UTF8.GetBytes(text));

    public static string ReadText(BinaryReader from) => Encoding.UTF8.GetString(ReadBytes(from));

    private static void WriteBytes(BinaryWriter to, byte[] bytes)
    {
        to.Write7BitEncodedInt(bytes.Length);
        to.Write(bytes);
    }

    private static byte[] ReadBytes(BinaryReader from)
    {
        var length = from.Read7BitEncodedInt();
        if (length is < 0 or > ValueMax)
        {
            throw new InvalidDataException("A value has no length that can be.");
        }

        var bytes = new byte[length];
        from.BaseStream.ReadExactly(bytes);
        return bytes;
    }
}
