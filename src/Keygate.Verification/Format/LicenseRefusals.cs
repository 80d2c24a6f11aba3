using System.Globalization;

namespace Keygate.Verification;

/// <summary>All refusals with their words.</summary>
internal static class LicenseRefusals
{
    private const string GetAgain = "Get the license file again from its issuer.";
    private const string DoNotUse = "Do not use this file; get the license again from its issuer.";

    public static readonly LicenseRefusal CutShort = new(LicenseRefusalCode.CutShort, "The license file is empty or cut short.", "Copy or download it again.");

    public static readonly LicenseRefusal DocumentType = new(LicenseRefusalCode.DocumentType,
        "The license file has a document type declaration, which license files never have.", DoNotUse);

    public static readonly LicenseRefusal ProcessingInstruction = new(LicenseRefusalCode.ProcessingInstruction,
        "The license file holds a processing instruction, which license files never have.", GetAgain);

    public static readonly LicenseRefusal Comment = new(LicenseRefusalCode.Comment,
        "The license file has a comment inside, where it could split a value.", "Remove the comment or get the file again from its issuer.");

    public static readonly LicenseRefusal TooDeep = new(LicenseRefusalCode.TooDeep,
        "The file's elements are nested deeper, or have more attributes, than those of any license file.", DoNotUse);

    public static readonly LicenseRefusal NoSignature = new(LicenseRefusalCode.NoSignature, "The license file is not signed.", GetAgain);

    public static readonly LicenseRefusal SeveralSignatures = new(LicenseRefusalCode.SeveralSignatures,
        "The license file has more than one signature.", DoNotUse);

    public static readonly LicenseRefusal SignatureMoved = new(LicenseRefusalCode.SignatureMoved,
        "The signature is not the last child of the license file's root.", DoNotUse);

    public static readonly LicenseRefusal FurtherReference = new(LicenseRefusalCode.FurtherReference,
        "The signature covers something else besides the license.", DoNotUse);

    public static readonly LicenseRefusal ReferenceElsewhere = new(LicenseRefusalCode.ReferenceElsewhere,
        "The signature covers something else than the whole license.", DoNotUse);

    public static readonly LicenseRefusal KeyOutsideBundle = new(LicenseRefusalCode.KeyOutsideBundle,
        "It is signed by a key that the trust bundle does not hold.",
        "Get the issuer's current trust bundle; if the key is not in it either, do not use this file.");

    public static readonly LicenseRefusal OtherRoot = new(LicenseRefusalCode.KeyOutsideBundle,
        "It is signed by a key that is none of the roots at hand.",
        "The issuer may have another root by now: follow its roots.json; if that leads nowhere, do not use this document.");

    public static readonly LicenseRefusal ContentChanged = new(LicenseRefusalCode.ContentChanged,
        "The license was changed after it was signed.", GetAgain);

    public static readonly LicenseRefusal SignatureWrong = new(LicenseRefusalCode.SignatureWrong,
        "The signature does not fit the trusted key.", GetAgain);

    public static readonly LicenseRefusal TokenSignatureWrong = new(LicenseRefusalCode.SignatureWrong,
        "The token was changed after it was signed, or its signature does not fit the trusted key.", GetAgain);

    public static readonly LicenseRefusal NotAToken = new(LicenseRefusalCode.NotAToken,
        "The text is no token: it is not three parts in base64url with dots between.", "Copy or download it again, whole and without line ends.");

    public static LicenseRefusal ForeignHeader(string what) => new(LicenseRefusalCode.ForeignHeader, $"The token's header is not as version 1 demands: {what}.", DoNotUse);

    public static LicenseRefusal TokenType(string type) => new(LicenseRefusalCode.TokenType,
        $"The token is of another type ({Shown(type)}).", "Check that this is the right document.");

    public static LicenseRefusal AlgorithmNotOffered(string algorithm) => new(LicenseRefusalCode.AlgorithmNotOffered,
        $"This platform cannot verify signatures of the token's algorithm ({algorithm}).",
        "Use the build for .NET 10 on Linux with OpenSSL 1.1.1 or later, or ask the issuer for a token signed with ES256 or RS256.");

    public static LicenseRefusal KeyRevoked(RevokedKey key) => new(LicenseRefusalCode.KeyRevoked,
        $"It is signed by a key that the issuer revoked on {LicenseDate.Of(key.RevokedAt)} ({Shown(key.Id ?? key.KeyThumbprint)}).",
        "Get the license again: its issuer has signed it anew.");

    public static LicenseRefusal RolledBack(string what, long number, long seen) => new(LicenseRefusalCode.RolledBack,
        string.Format(CultureInfo.InvariantCulture, "The {0} is older than one that was seen before: it has the number {1}, and {2} was seen.", what, number, seen),
        "Get the issuer's current one.");

    public static LicenseRefusal IssuedLater(string what, DateTimeOffset issued) => new(LicenseRefusalCode.IssuedLater,
        $"The {what} was issued at {Moment(issued)}, which lies ahead of this machine's clock.", "Set the clock.");

    public static LicenseRefusal Outdated(string what, DateTimeOffset expired) => new(LicenseRefusalCode.Outdated,
        $"The {what} was good until {Moment(expired)}.", "Get the issuer's current one.");

    public static LicenseRefusal DocumentLayout(string document, string what) => new(LicenseRefusalCode.Layout,
        $"The {document} is not laid out as version 1 demands: {what}.", "Get it again from the issuer; if it stays so, report it there.");

    public static LicenseRefusal TooLarge(int bytesMax) => new(LicenseRefusalCode.TooLarge,
        string.Format(CultureInfo.InvariantCulture, "The file is larger than {0} bytes, the most that a license file may have.", bytesMax),
        "Check that this is the license file.");

    public static LicenseRefusal NotWellFormed(int line, int column) => new(LicenseRefusalCode.NotWellFormed,
        string.Format(CultureInfo.InvariantCulture, "The file is not well-formed XML (line {0}, column {1}).", line, column),
        "Check that this is the license file, and copy or download it again.");

    public static LicenseRefusal WrongRoot(string localName, string space) => new(LicenseRefusalCode.WrongRoot,
        $"The file is no license file: its root is '{Shown(localName)}' in {(space.Length == 0 ? "no namespace" : $"the namespace '{Shown(space)}'")}, and not 'key' in Keygate's.", "Check that this is the license file.");

    public static LicenseRefusal UnknownVersion(string space) => new(LicenseRefusalCode.UnknownVersion,
        $"The license file is of a version that this verifier does not know ({Shown(space)}).", "Update the product, or ask the issuer for a file of version 1.");

    public static LicenseRefusal SignatureShape(string what) => new(LicenseRefusalCode.SignatureShape,
        $"The signature is not laid out as in license files: {what}.", GetAgain);

    public static LicenseRefusal ForeignAlgorithm(string algorithm) => new(LicenseRefusalCode.ForeignAlgorithm,
        $"The signature names an algorithm that license files of this key do not use ({Shown(algorithm)}).", DoNotUse);

    public static LicenseRefusal Layout(string what) => new(LicenseRefusalCode.Layout,
        $"The license is signed, but is not laid out as version 1 demands: {what}.", "Report this to the issuer.");

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";

    // What comes out of a file is cut and cleaned before it is shown to anybody.
    private static string Shown(string text)
    {
        var cut = text.Length > 100 ? text.Substring(0, 100) : text;
        return new string(Array.ConvertAll(cut.ToCharArray(), c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }
}
