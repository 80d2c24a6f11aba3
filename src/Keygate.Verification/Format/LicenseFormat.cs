namespace Keygate.Verification;

/// <summary>The constants and bounds of license file version 1. They are frozen: new elements come with a new version.</summary>
public static class LicenseFormat
{
    /// <summary>The XML namespace of every element of version 1.</summary>
    public const string Namespace = "urn:keygate:license:1";

    /// <summary>What all versions' namespaces begin with; the number follows.</summary>
    public const string NamespaceStem = "urn:keygate:license:";

    /// <summary>The largest license file, in bytes, that is written, and by default the largest that is read.</summary>
    public const int FileBytesMax = 1024 * 1024;

    /// <summary>The longest token, in characters: a payload of <see cref="FileBytesMax"/> with the longest header and signature.</summary>
    public const int TokenCharsMax = 1_500_000;

    /// <summary>How many key numbers one status list covers.</summary>
    public const int StatusShardKeys = 131_072;

    /// <summary>The greatest <see cref="LicenseFile.KeyVersion"/>: it is written with four digits.</summary>
    public const int KeyVersionMax = 9999;

    /// <summary>The longest key type, feature name, signing key id, property name and property type, in characters.</summary>
    public const int NameCharsMax = 128;

    /// <summary>The longest free text (product, owner, address, property value), in characters.</summary>
    public const int TextCharsMax = 4096;

    /// <summary>The most features, and the most properties, of one license.</summary>
    public const int ItemsMax = 1000;

    /// <summary>The most bindings of one license.</summary>
    public const int BindingsMax = 100;

    /// <summary>The largest vendor's key body, in bytes before base64.</summary>
    public const int KeyBodyBytesMax = 512 * 1024;

    /// <summary>The update ticket's length: 128 random bits as lower-case hexadecimal digits.</summary>
    public const int UpdateTicketChars = 32;
}
