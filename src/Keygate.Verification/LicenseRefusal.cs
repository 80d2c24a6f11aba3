namespace Keygate.Verification;

/// <summary>Why a file, a token or a signed document of the issuer's is not accepted. The names are stable.</summary>
public enum LicenseRefusalCode
{
    /// <summary>The file is larger than the verifier reads.</summary>
    TooLarge = 0,

    /// <summary>The file is empty, or its end is missing.</summary>
    CutShort = 1,

    /// <summary>The file is not well-formed XML.</summary>
    NotWellFormed = 2,

    /// <summary>The file has a document type declaration, which license files never have.</summary>
    DocumentType = 3,

    /// <summary>The file holds a processing instruction, which license files never have.</summary>
    ProcessingInstruction = 4,

    /// <summary>A comment stands inside the license, where it could split a value.</summary>
    Comment = 5,

    /// <summary>Elements are nested deeper, or have more attributes, than in any license file.</summary>
    TooDeep = 6,

    /// <summary>The document is something else than a license file.</summary>
    WrongRoot = 7,

    /// <summary>The license file is of another version.</summary>
    UnknownVersion = 8,

    /// <summary>There is no signature.</summary>
    NoSignature = 9,

    /// <summary>There is more than one signature.</summary>
    SeveralSignatures = 10,

    /// <summary>The signature is not the last child of the root.</summary>
    SignatureMoved = 11,

    /// <summary>The signature has parts, white space or an order that version 1 does not have.</summary>
    SignatureShape = 12,

    /// <summary>The signature covers more than one thing.</summary>
    FurtherReference = 13,

    /// <summary>The signature covers something else than the whole document.</summary>
    ReferenceElsewhere = 14,

    /// <summary>An algorithm is named that version 1, or the trusted key, does not use.</summary>
    ForeignAlgorithm = 15,

    /// <summary>The file names a certificate that is not in the trust bundle.</summary>
    KeyOutsideBundle = 16,

    /// <summary>The content is not what was signed.</summary>
    ContentChanged = 17,

    /// <summary>The signature value does not fit the trusted key.</summary>
    SignatureWrong = 18,

    /// <summary>The signature is right, but the signed content is none of version 1.</summary>
    Layout = 19,

    /// <summary>The text is no token: three parts in base64url, each in its one spelling, with dots between.</summary>
    NotAToken = 20,

    /// <summary>The token's header says more than version 1 does, or spells it otherwise.</summary>
    ForeignHeader = 21,

    /// <summary>The token is of another type: a status list is no license.</summary>
    TokenType = 22,

    /// <summary>The issuer has revoked the key that signed.</summary>
    KeyRevoked = 23,

    /// <summary>The token's algorithm is trusted, but this platform cannot verify it.</summary>
    AlgorithmNotOffered = 24,

    /// <summary>A signed document is older than one that was seen before.</summary>
    RolledBack = 25,

    /// <summary>A signed document was issued later than now: the clock is behind.</summary>
    IssuedLater = 26,

    /// <summary>A signed document's life is over.</summary>
    Outdated = 27,
}

/// <summary>A refusal: a stable code, one sentence for people, and what they can do.</summary>
/// <param name="Code">The kind of fault.</param>
/// <param name="Reason">What is wrong, in one sentence.</param>
/// <param name="Remedy">What to do, in one sentence.</param>
public sealed record LicenseRefusal(LicenseRefusalCode Code, string Reason, string Remedy)
{
    /// <summary>Reason and remedy in one line.</summary>
    public override string ToString() => Reason + " " + Remedy;
}
