using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Keygate.Verification;

/// <summary>What can be made with a signing key: files, tokens, and the documents that the root key signs.</summary>
public static class LicenseIssuing
{
    // The order of P-256's group.
    private static readonly BigInteger Order = new(Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);

    /// <summary>Signs a license as a file.</summary>
    /// <exception cref="ArgumentException">The license breaks a rule of version 1 (see <see cref="LicenseFile.Check"/>); nothing was signed.</exception>
    /// <exception cref="InvalidOperationException">The key's algorithm is for tokens alone.</exception>
    /// <exception cref="CryptographicException">The signer answered with a signature that is not its key's.</exception>
    public static async ValueTask<byte[]> SignFileAsync(this ILicenseSigner signer, LicenseFile license, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(signer);
        if (signer is LicenseSigner local)
        {
            return local.Sign(license);
        }

        CheckThat(license);
        var template = signer.Certificate.Template;
        var content = new OctetBuffer();
        LicenseContentWriter.WriteOpen(content, license, signer.KeyId);
        var open = content.Length;
        content.Add(LicenseElements.RootEnd);
        if (content.Length + template.Length > LicenseFormat.FileBytesMax)
        {
            throw new ArgumentException("This license cannot be written. The file would be larger than 1 MiB.", nameof(license));
        }

        var digest = SignatureTemplate.DigestOf(content.Octets, content.Length);
        var signature = await CheckedAsync(signer, template.RenderSignedInfo(digest), cancellation);
        content.Truncate(open);
        content.Add(template.Head);
        content.Add(digest);
        content.Add(template.Middle);
        content.AddPlain(Convert.ToBase64String(signature));
        content.Add(template.Tail);
        content.Add(LicenseElements.RootEnd);
        return content.ToArray();
    }

    /// <summary>Signs a license as a compact token.</summary>
    /// <exception cref="ArgumentException">The license breaks a rule of version 1 (see <see cref="LicenseFile.Check"/>); nothing was signed.</exception>
    /// <exception cref="CryptographicException">The signer answered with a signature that is not its key's.</exception>
    public static async ValueTask<string> SignTokenAsync(this ILicenseSigner signer, LicenseFile license, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(signer);
        CheckThat(license);
        var payload = TokenContents.Write(license, signer.KeyId);
        return payload.Length <= LicenseFormat.FileBytesMax
            ? await SignAsync(signer, TokenHeader.License, payload, cancellation)
            : throw new ArgumentException("This license cannot be written. The token would be larger than 1 MiB.", nameof(license));
    }

    /// <summary>Signs a trust bundle with a root key.</summary>
    /// <returns>The document <c>trust.json</c>: a JWS in its flattened JSON form, with the keys as JSON Web Keys.</returns>
    public static async ValueTask<string> SignTrustAsync(this ILicenseSigner root, TrustContents contents, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(contents);
        var json = new JsonWriting().Open('{').Member("ver", 1).Member("seq", contents.Number).Member("iat", contents.IssuedAt.ToUnixTimeSeconds()).Name("keys").Open('[');
        foreach (var (id, certificate) in contents.Keys)
        {
            certificate.WriteJwk(json, id);
        }

        json.Close(']').Name("revoked").Open('[');
        foreach (var key in contents.Revoked)
        {
            json.Open('{').Member("kid", key.KeyThumbprint).Member("x5t#S256", Base64Url.Encode(Convert.FromHexString(key.Fingerprint))).Member("id", key.Id)
                .Member("revoked-at", key.RevokedAt.ToUnixTimeSeconds()).Close('}');
        }

        var parts = (await SignAsync(root, TokenHeader.Trust, json.Close(']').Close('}').ToUtf8(), cancellation)).Split('.');
        return new JsonWriting().Open('{').Member("protected", parts[0]).Member("payload", parts[1]).Member("signature", parts[2]).Close('}').ToString();
    }

    /// <summary>Signs with a root key that another one follows it.</summary>
    public static ValueTask<string> SignRootAsync(this ILicenseSigner root, RootContents contents, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(contents);
        var json = new JsonWriting().Open('{').Member("ver", 1).Member("iat", contents.IssuedAt.ToUnixTimeSeconds()).Name("root");
        contents.Next.WriteJwk(json, contents.Id);
        return SignAsync(root, TokenHeader.Root, json.Close('}').ToUtf8(), cancellation);
    }

    /// <summary>Signs a status list with a root key.</summary>
    public static ValueTask<string> SignStatusAsync(this ILicenseSigner root, StatusContents contents, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(contents);
        var json = new JsonWriting().Open('{').Member("ver", 1).Member("shard", contents.Shard).Member("seq", contents.Number)
            .Member("iat", contents.IssuedAt.ToUnixTimeSeconds()).Member("exp", contents.ExpiresAt.ToUnixTimeSeconds()).Member("min-trust", contents.TrustNumberMin)
            .Name("status_list").Open('{').Member("bits", 2).Member("lst", Base64Url.Encode(StatusList.Pack(contents.Keys))).Close('}').Close('}');
        return SignAsync(root, TokenHeader.Status, json.ToUtf8(), cancellation);
    }

    /// <summary>Signs a payload as a token of a type. The tests use it to sign what no license can say.</summary>
    internal static async ValueTask<string> SignAsync(ILicenseSigner signer, string type, byte[] payload, CancellationToken cancellation)
    {
        var signed = signer.Certificate.HeaderOf(type) + "." + Base64Url.Encode(payload);
        return signed + "." + Base64Url.Encode(Lower(signer.Certificate.Algorithm, await CheckedAsync(signer, Encoding.ASCII.GetBytes(signed), cancellation)));
    }

    /// <summary>Of the two values of s that verify alike the lower one, so that one token has one spelling.</summary>
    internal static byte[] Lower(SigningAlgorithm algorithm, byte[] signature)
    {
        if (algorithm != SigningAlgorithm.EcdsaP256 || TrustedCertificate.HasLowerValue(signature))
        {
            return signature;
        }

        var lower = Order - new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
        var octets = lower.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. signature.AsSpan(0, 32), .. new byte[32 - octets.Length], .. octets];
    }

    // What a key elsewhere answers may be another key's, or nothing: a file that no product accepts must not leave the house.
    private static async ValueTask<byte[]> CheckedAsync(ILicenseSigner signer, byte[] octets, CancellationToken cancellation)
    {
        var signature = await signer.SignAsync(octets, cancellation);
        return signer is LicenseSigner || signer.Certificate.VerifiesSignature(octets, signature)
            ? signature
            : throw new CryptographicException($"The signer of the key {signer.KeyId} answered with a signature that is not this key's.");
    }

    private static void CheckThat(LicenseFile license)
    {
        ArgumentNullException.ThrowIfNull(license);
        var faults = license.Check();
        if (faults.Count > 0)
        {
            throw new ArgumentException("This license cannot be written. " + string.Join(" ", faults), nameof(license));
        }
    }
}
