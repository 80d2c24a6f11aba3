using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml;
using Keygate.Kernel;

namespace Keygate.Licensing;

/// <summary>A license file that was uploaded, with what it says of itself. Its signature is not verified: it may be any vendor's.</summary>
internal sealed record UploadedFile(string Name, byte[] Content, string KeyNumber, string Extension)
{
    public string? KeyType { get; init; }

    /// <summary>The features that it names; empty also where it is no file that is understood.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>True for the Key Administrator's form: what it calls a key type may be another word than the one by which it is ordered.</summary>
    public bool Foreign { get; init; }

    public DateOnly? ExpirationDate { get; init; }
    public DateOnly? UpdateDate { get; init; }
    public DateOnly? SusDate { get; init; }
}

/// <summary>Takes an upload apart, within bounds that protect memory, and finds all faults of its files at once. Pure.</summary>
internal static partial class UploadReading
{
    public const int FilesMax = 64;
    public const int FileBytesMax = 1024 * 1024;
    public const int ZipBytesMax = 8 * 1024 * 1024;

    // A license file is text or a small container; what unpacks to more than this many times its size is made to fill memory.
    private const int RatioMax = 100;
    private const int RatioFromBytes = 64 * 1024;

    private const string OwnNamespace = "urn:keygate:license:1";

    // The Key Administrator's file: what all kinds of it have in common stands in a namespace of its own.
    private const string CoreNamespace = "http://parallels.com/schemas/keys/core/3";

    public static IReadOnlyList<UploadedFile> Read(IReadOnlyList<UploadFile> files, List<Error> faults)
    {
        var read = new List<UploadedFile>();
        if (files.Count is 0 or > FilesMax)
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"{files.Count} files were sent; 1 to {FilesMax} can be.").At("files"));
            return read;
        }

        for (var i = 0; i < files.Count; i++)
        {
            var (file, field) = (files[i], string.Create(CultureInfo.InvariantCulture, $"files[{i}]"));
            if (!IsZip(file))
            {
                ReadOne(file, field, read, faults);
            }
            else if (file.KeyNumber is not null)
            {
                faults.Add(LicensingErrors.UploadUnfit.Because($"'{file.Name}' is a ZIP, which has no key number of its own.").At($"{field}.keyNumber"));
            }
            else
            {
                Unpack(file, field, read, faults);
            }
        }

        foreach (var twice in read.GroupBy(f => f.KeyNumber, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"{twice.Count()} files have the key number {twice.Key}.").At("files"));
        }

        return read;
    }

    private static bool IsZip(UploadFile file) => file.Name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) || file.Content.AsSpan().StartsWith("PK\u0003\u0004"u8);

    private static void Unpack(UploadFile file, string field, List<UploadedFile> read, List<Error> faults)
    {
        if (file.Content.Length > ZipBytesMax)
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"'{file.Name}' has {file.Content.Length} bytes; a ZIP may have {ZipBytesMax}.").At(field));
            return;
        }

        try
        {
            using var zip = new ZipArchive(new MemoryStream(file.Content, writable: false), ZipArchiveMode.Read);
            if (zip.Entries.Count is 0 or > FilesMax)
            {
                faults.Add(LicensingErrors.UploadUnfit.Because($"'{file.Name}' has {zip.Entries.Count} entries; it may have 1 to {FilesMax}.").At(field));
                return;
            }

            var left = ZipBytesMax;
            foreach (var entry in zip.Entries.Where(e => e.Name.Length > 0))
            {
                if (ReadEntry(entry, left) is not { } content)
                {
                    faults.Add(LicensingErrors.UploadUnfit.Because(
                        $"'{entry.Name}' in '{file.Name}' unpacks to more than {FileBytesMax} bytes, {RatioMax} times its size, or the ZIP to more than {ZipBytesMax} bytes.").At(field));
                    continue;
                }

                left -= content.Length;
                var one = new UploadFile { Name = entry.Name, Content = content };
                if (IsZip(one))
                {
                    faults.Add(LicensingErrors.UploadUnfit.Because($"'{entry.Name}' in '{file.Name}' is a ZIP itself.").At(field));
                    continue;
                }

                ReadOne(one, field, read, faults);
            }
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException)
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"'{file.Name}' is no ZIP that can be unpacked: {e.Message}").At(field));
        }
    }

    // What the entry says of its length may be a lie: the bound counts what really comes out.
    private static byte[]? ReadEntry(ZipArchiveEntry entry, int left)
    {
        var max = Math.Min(FileBytesMax, left);
        using var from = entry.Open();
        using var to = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int got; (got = from.Read(buffer, 0, buffer.Length)) > 0;)
        {
            to.Write(buffer, 0, got);
            if (to.Length > max || (to.Length > RatioFromBytes && to.Length > RatioMax * Math.Max(1, entry.CompressedLength)))
            {
                return null;
            }
        }

        return to.ToArray();
    }

    private static void ReadOne(UploadFile file, string field, List<UploadedFile> read, List<Error> faults)
    {
        if (file.Content.Length is 0 or > FileBytesMax)
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"'{file.Name}' has {file.Content.Length} bytes; a license file has 1 to {FileBytesMax}.").At(field));
            return;
        }

        var stem = NumberedName().Match(file.Name);
        var extension = ExtensionOf().Match(file.Name) is { Success: true } e ? e.Groups[1].Value.ToLowerInvariant() : "key";
        var told = new Fields();
        if ((extension == "xml" || file.Content.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("<"u8)) && ReadFields(file.Content, told) is { } unreadable)
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"'{file.Name}' is not well-formed XML: {unreadable}").At(field));
            return;
        }

        var inside = told.Find("key-number") is { } bare ? $"{bare}.{told.Find("key-version") ?? "0000"}" : null;
        var number = file.KeyNumber ?? inside ?? (stem.Success ? stem.Groups[1].Value : null);
        if (number is null || !Number().IsMatch(number))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because(number is null
                ? $"Neither '{file.Name}' nor its name tells the key number."
                : $"'{number}' of '{file.Name}' is no key number: 1 to 64 letters, digits, points, hyphens.").Mend("Give the file's keyNumber.").At($"{field}.keyNumber"));
            return;
        }

        if (inside is not null && !string.Equals(inside, number, StringComparison.Ordinal))
        {
            faults.Add(LicensingErrors.UploadUnfit.Because($"'{file.Name}' is the file of {inside}, not of {number}.").At($"{field}.keyNumber"));
            return;
        }

        read.Add(new UploadedFile(file.Name, file.Content, number, extension)
        {
            KeyType = told.Find("keytype"),
            Features = [.. told.All.Where(f => f.Name == "feature").Select(f => f.Value)],
            Foreign = told.Foreign,
            ExpirationDate = Date(told.Find("expiration-date")),
            UpdateDate = Date(told.Find("update-date")),
            SusDate = Date(told.Find("sus-date")),
        });
    }

    /// <summary>
    /// Walks the whole document, and keeps the simple fields where it is a license file of ours or of a Key Administrator. Returns why it is not well-formed;
    /// null where it is.
    /// </summary>
    private static string? ReadFields(byte[] content, Fields fields)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(content, writable: false), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 4 * FileBytesMax, IgnoreComments = true,
            });
            string? field = null, known = null;
            var depth = 0;
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element)
                {
                    if (reader is { Depth: 0, LocalName: "key" })
                    {
                        known = reader.NamespaceURI == OwnNamespace ? OwnNamespace : CoreNamespace;
                    }

                    // Below the root, and in the Key Administrator's file also in its description. Whoever takes one document apart takes what is said first.
                    var simple = reader.Depth == 1 || (known == CoreNamespace && reader is { Depth: 2, LocalName: "keytype" or "feature" });
                    field = simple && reader.NamespaceURI == known && !reader.IsEmptyElement ? reader.LocalName : null;
                    (depth, fields.Foreign) = (reader.Depth, fields.Foreign || (field is not null && known == CoreNamespace));
                }
                else if (reader.NodeType == XmlNodeType.Text && field is not null && reader.Depth == depth + 1 && reader.Value.Trim() is { Length: > 0 } value)
                {
                    fields.All.Add((field, value));
                }
            }

            return null;
        }
        catch (XmlException e)
        {
            return e.Message;
        }
    }

    private sealed class Fields
    {
        public List<(string Name, string Value)> All { get; } = [];

        public bool Foreign { get; set; }

        public string? Find(string name) => All.Find(f => f.Name == name).Value;
    }

    private static DateOnly? Date(string? text) =>
        text is { Length: >= 10 } && DateOnly.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    [GeneratedRegex(@"^([A-Za-z0-9]{1,16}\.[0-9]{1,10}(?:\.[0-9]{1,4})?)\.[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*$", RegexOptions.CultureInvariant)]
    private static partial Regex NumberedName();

    [GeneratedRegex(@"\.([A-Za-z0-9]{0,7}[A-Za-z][A-Za-z0-9]{0,7})$", RegexOptions.CultureInvariant)]
    private static partial Regex ExtensionOf();

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
