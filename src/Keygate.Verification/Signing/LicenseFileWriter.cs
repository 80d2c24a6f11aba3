using System.Buffers.Text;
using System.Security.Cryptography;

namespace Keygate.Verification;

/// <summary>
/// Writes signed license files: canonical octets at once, digested as they stand, with the signature put before the root's end tag. Not safe to use from
/// two threads at a time: its key object and its buffers are reused from file to file.
/// </summary>
public sealed class LicenseFileWriter : IDisposable
{
    private readonly LicenseSigner _signer;
    private readonly AsymmetricAlgorithm _key;
    private readonly OctetBuffer _output = new();
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];
    private readonly byte[] _signature;
    private readonly byte[] _base64;

    /// <summary>Makes a writer that signs with a key object of its own.</summary>
    public LicenseFileWriter(LicenseSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        _signer = signer;
        _key = signer.OpenKey();
        var chars = signer.Certificate.Template.SignatureChars;
        _base64 = new byte[Math.Max(chars, SignatureTemplate.DigestChars)];
        _signature = new byte[chars / 4 * 3];
    }

    /// <summary>Writes and signs one license.</summary>
    /// <returns>The file, in a buffer that the next call overwrites.</returns>
    /// <exception cref="ArgumentException">The license breaks a rule of version 1 (see <see cref="LicenseFile.Check"/>); nothing was signed.</exception>
    public ReadOnlySpan<byte> Write(LicenseFile license)
    {
        ArgumentNullException.ThrowIfNull(license);
        var faults = license.Check();
        if (faults.Count > 0)
        {
            throw new ArgumentException("This license cannot be written. " + string.Join(" ", faults), nameof(license));
        }

        _output.Clear();
        LicenseContentWriter.WriteOpen(_output, license, _signer.KeyId);
        if (_output.Length + _signer.Certificate.Template.Length + LicenseElements.RootEnd.Length > LicenseFormat.FileBytesMax)
        {
            throw new ArgumentException("This license cannot be written. The file would be larger than 1 MiB.", nameof(license));
        }
        return Seal();
    }

    /// <summary>Signs octets as they are. The tests use it to sign what no license can say.</summary>
    internal byte[] SignAsIs(string contentWithoutRootEnd)
    {
        _output.Clear();
        _output.AddPlain(contentWithoutRootEnd);
        return Seal().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private ReadOnlySpan<byte> Seal()
    {
        var template = _signer.Certificate.Template;
        var content = _output.Length;
        _output.Add(LicenseElements.RootEnd);
        SHA256.HashData(_output.Octets.AsSpan(0, _output.Length), _hash);
        _output.Truncate(content);

        // From here on the octets of SignedInfo stand in the file as they are signed.
        _output.Add(template.Head);
        AddBase64(_hash);
        _output.Add(template.Middle);
        var info = content + template.SignedInfoOffset;
        SHA256.HashData(_output.Octets.AsSpan(info, template.SignedInfoLength), _hash);
        AddBase64(SignHash());
        _output.Add(template.Tail);
        _output.Add(LicenseElements.RootEnd);
        return _output.Octets.AsSpan(0, _output.Length);
    }

    private ReadOnlySpan<byte> SignHash()
    {
        int written;
        var signed = _key is ECDsa ecdsa
            ? ecdsa.TrySignHash(_hash, _signature, out written)
            : ((RSA)_key).TrySignHash(_hash, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, out written);
        return signed ? _signature.AsSpan(0, written) : throw new CryptographicException("The signature is longer than its key allows.");
    }

    private void AddBase64(ReadOnlySpan<byte> octets)
    {
        Base64.EncodeToUtf8(octets, _base64, out _, out var written);
        _output.Add(_base64, 0, written);
    }
}
