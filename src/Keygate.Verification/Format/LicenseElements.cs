namespace Keygate.Verification;

/// <summary>The tags of version 1 as octets, in the order in which they stand in a file. Writer and reader share them.</summary>
internal static class LicenseElements
{
    public static readonly byte[] RootStart = OctetBuffer.Literal($"<key xmlns=\"{LicenseFormat.Namespace}\">");
    public static readonly byte[] RootEnd = OctetBuffer.Literal("</key>");
    public static readonly Element KeyNumber = new("key-number");
    public static readonly Element KeyVersion = new("key-version");
    public static readonly Element Description = new("description");
    public static readonly Element KeyType = new("keytype");
    public static readonly Element Feature = new("feature");
    public static readonly Element Product = new("product");
    public static readonly Element ProductVersion = new("product-version");
    public static readonly Element Owner = new("owner");
    public static readonly Element StartDate = new("start-date");
    public static readonly Element ExpirationDate = new("expiration-date");
    public static readonly Element UpdateDate = new("update-date");
    public static readonly Element SusDate = new("sus-date");
    public static readonly Element LicenseServerUrl = new("license-server-url");
    public static readonly Element UpdateTicket = new("update-ticket");
    public static readonly Element Binding = new("binding", "kind");
    public static readonly Element Property = new("property", "name", "type");
    public static readonly Element KeyBody = new("key-body");
    public static readonly Element SigningKeyId = new("signing-key-id");

    /// <summary>What <c>start-date</c> holds when the license is valid from its issue.</summary>
    public const string Instant = "instant";

    internal sealed class Element
    {
        public Element(string name, params string[] attributes)
        {
            Name = name;
            Start = OctetBuffer.Literal(attributes.Length == 0 ? $"<{name}>" : $"<{name}");
            End = OctetBuffer.Literal($"</{name}>");
            Attributes = Array.ConvertAll(attributes, a => OctetBuffer.Literal($" {a}=\""));
        }

        public string Name { get; }

        /// <summary>The start tag; without its closing bracket if attributes follow.</summary>
        public byte[] Start { get; }

        public byte[] End { get; }

        /// <summary>What stands before each attribute's value, in canonical order.</summary>
        public byte[][] Attributes { get; }
    }
}
