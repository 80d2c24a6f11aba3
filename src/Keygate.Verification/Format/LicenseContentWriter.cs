using System.Globalization;
using static Keygate.Verification.LicenseElements;

namespace Keygate.Verification;

/// <summary>Writes a license as canonical octets at once: what is digested is what stands in the file.</summary>
internal static class LicenseContentWriter
{
    /// <summary>Writes all but the root's end tag, before which the signature is put.</summary>
    public static void WriteOpen(OctetBuffer output, LicenseFile file, string signingKeyId)
    {
        output.Add(RootStart);
        Write(output, KeyNumber, file.KeyNumber);
        Write(output, KeyVersion, file.KeyVersion.ToString("D4", CultureInfo.InvariantCulture));
        output.Add(Description.Start);
        Write(output, KeyType, file.KeyType);
        foreach (var feature in file.Features)
        {
            Write(output, Feature, feature);
        }
        output.Add(Description.End);
        Write(output, Product, file.Product);
        WriteOptional(output, ProductVersion, file.ProductVersion);
        WriteOptional(output, Owner, file.Owner);
        Write(output, StartDate, file.StartDate?.ToString() ?? Instant);
        WriteOptional(output, ExpirationDate, file.ExpirationDate?.ToString());
        WriteOptional(output, UpdateDate, file.UpdateDate?.ToString());
        WriteOptional(output, SusDate, file.SusDate?.ToString());
        WriteOptional(output, LicenseServerUrl, file.LicenseServerUrl);
        WriteOptional(output, UpdateTicket, file.UpdateTicket);
        foreach (var binding in file.Bindings)
        {
            output.Add(Binding.Start);
            WriteAttribute(output, Binding.Attributes[0], LicenseRules.KindText(binding.Kind));
            output.Add((byte)'>');
            output.AddText(binding.Value);
            output.Add(Binding.End);
        }
        foreach (var property in file.Properties)
        {
            output.Add(Property.Start);
            WriteAttribute(output, Property.Attributes[0], property.Name);
            WriteAttribute(output, Property.Attributes[1], property.Type);
            output.Add((byte)'>');
            output.AddText(property.Value);
            output.Add(Property.End);
        }
        if (file.KeyBody is { } body)
        {
            output.Add(KeyBody.Start);
            output.AddPlain(Convert.ToBase64String(body));
            output.Add(KeyBody.End);
        }
        Write(output, SigningKeyId, signingKeyId);
    }

    private static void Write(OctetBuffer output, Element element, string text)
    {
        output.Add(element.Start);
        output.AddText(text);
        output.Add(element.End);
    }

    private static void WriteOptional(OctetBuffer output, Element element, string? text)
    {
        if (text is not null)
        {
            Write(output, element, text);
        }
    }

    private static void WriteAttribute(OctetBuffer output, byte[] start, string value)
    {
        output.Add(start);
        output.AddAttributeValue(value);
        output.Add((byte)'"');
    }
}
