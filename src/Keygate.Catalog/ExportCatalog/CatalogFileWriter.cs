using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Keygate.Catalog;

/// <summary>Writes a catalog file. The same catalog always gives the same bytes, so that two exports can be compared as text.</summary>
internal static class CatalogFileWriter
{
    public const string MomentForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(CatalogContents catalog)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("format", CatalogFile.Format);
            List(json, "featureGroups", catalog.Groups, g =>
            {
                json.WriteString("id", g.Id);
                json.WriteString("description", g.Description);
                json.WriteNumber("sort", g.Sort);
                json.WriteBoolean("mandatory", g.Mandatory);
            });
            List(json, "licenseClasses", catalog.Classes, c =>
            {
                json.WriteString("keyType", c.KeyType);
                json.WriteString("name", c.Name);
                json.WriteString("product", c.Product);
                json.WriteString("version", c.Version);
                json.WriteString("description", c.Description);
                Word(json, "billType", c.BillType);
                json.WriteBoolean("isAdditional", c.IsAdditional);
                json.WriteBoolean("renewedAutomatically", c.RenewedAutomatically);
                if (c.ApsLicenseType is not null)
                {
                    json.WriteString("apsLicenseType", c.ApsLicenseType);
                }

                Word(json, "activation", c.Activation);
            });
            List(json, "features", catalog.Features, f =>
            {
                json.WriteString("id", f.Id);
                json.WriteString("name", f.Name);
                if (f.Group is not null)
                {
                    json.WriteString("group", f.Group);
                }

                json.WriteNumber("sort", f.Sort);
                Classes(json, [.. catalog.ClassFeatures.Where(r => r.FeatureId == f.Id)]);
            });
            List(json, "addOns", catalog.AddOns, a =>
            {
                json.WriteString("parent", a.Parent);
                json.WriteString("addOn", a.KeyType);
            });
            List(json, "upgradeOptions", catalog.UpgradeOptions, o =>
            {
                json.WriteString("from", o.From);
                json.WriteString("to", o.To);
                json.WriteString("plan", o.Plan);
                json.WriteString("description", o.Description);
                Word(json, "type", o.Type);
                json.WriteBoolean("enabled", o.Enabled);
            });
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void List<TEntry>(Utf8JsonWriter json, string name, IReadOnlyList<TEntry> entries, Action<TEntry> write)
        where TEntry : CatalogEntry
    {
        json.WriteStartArray(name);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            write(entry);
            Moment(json, entry);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Classes(Utf8JsonWriter json, IReadOnlyList<ClassFeature> relations)
    {
        json.WriteStartArray("classes");
        foreach (var relation in relations.Where(r => !r.IsArchived))
        {
            json.WriteStringValue(relation.KeyType);
        }

        json.WriteEndArray();
        if (relations.Any(r => r.IsArchived))
        {
            json.WriteStartArray("formerClasses");
            foreach (var relation in relations.Where(r => r.IsArchived))
            {
                json.WriteStartObject();
                json.WriteString("keyType", relation.KeyType);
                Moment(json, relation);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static void Moment(Utf8JsonWriter json, CatalogEntry entry)
    {
        if (entry.ArchivedAt is { } at)
        {
            json.WriteString("archivedAt", at.UtcDateTime.ToString(MomentForm, CultureInfo.InvariantCulture));
        }
    }

    private static void Word<T>(Utf8JsonWriter json, string name, T value)
        where T : struct, Enum
        => json.WriteString(name, value.ToString());
}
