using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Keygate.Verification;

/// <summary>Ed25519 from the libcrypto that .NET itself has loaded: the framework does not offer it.</summary>
internal static class Ed25519
{
    public const int KeyBytes = 32;
    public const int SignatureBytes = 64;

    private const int EvpEd25519 = 1087;

    /// <summary>What stands before the 32 octets of a private key in PKCS #8.</summary>
    public static readonly byte[] PrivateKeyStart = [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    // In the order in which .NET looks for them, so that the library is in the process already.
    private static readonly string[] Names = ["libcrypto.so.3", "libcrypto.so.1.1"];
    private static readonly Lazy<Functions?> Loaded = new(Load);

    private delegate nint NewKey(int type, nint engine, byte[] key, nuint length);
    private delegate void Free(nint one);
    private delegate nint NewContext();
    private delegate int Init(nint context, nint keyContext, nint digest, nint engine, nint key);
    private delegate int VerifyAll(nint context, byte[] signature, nuint length, byte[] octets, nuint count);
    private delegate int SignAll(nint context, byte[] signature, ref nuint length, byte[] octets, nuint count);
    private delegate int GetPublic(nint key, byte[] raw, ref nuint length);
    private delegate void Clear();

    public static bool IsOffered => Loaded.Value is not null;

    public static bool Verify(byte[] publicKey, byte[] octets, byte[] signature)
    {
        if (signature.Length != SignatureBytes)
        {
            return false;
        }
        return With(Library.NewPublic(EvpEd25519, 0, publicKey, KeyBytes), key => WithContext(context =>
            Library.VerifyInit(context, 0, 0, 0, key) == 1 && Library.Verify(context, signature, SignatureBytes, octets, (nuint)octets.Length) == 1));
    }

    public static byte[] Sign(byte[] privateKey, byte[] octets)
    {
        var signature = new byte[SignatureBytes];
        nuint length = SignatureBytes;
        var signed = With(Library.NewPrivate(EvpEd25519, 0, privateKey, KeyBytes), key => WithContext(context =>
            Library.SignInit(context, 0, 0, 0, key) == 1 && Library.Sign(context, signature, ref length, octets, (nuint)octets.Length) == 1));
        return signed && length == SignatureBytes ? signature : throw new CryptographicException("The Ed25519 key did not sign.");
    }

    public static byte[] PublicKeyOf(byte[] privateKey)
    {
        var raw = new byte[KeyBytes];
        nuint length = KeyBytes;
        return With(Library.NewPrivate(EvpEd25519, 0, privateKey, KeyBytes), key => Library.GetPublic(key, raw, ref length) == 1)
            ? raw : throw new CryptographicException("The Ed25519 key cannot be read.");
    }

    private static Functions Library => Loaded.Value ?? throw new CryptographicException("This machine's libcrypto does not offer Ed25519.");

    private static bool With(nint key, Func<nint, bool> act)
    {
        if (key == 0)
        {
            return false;
        }
        try
        {
            return act(key);
        }
        finally
        {
            Library.FreeKey(key);
        }
    }

    private static bool WithContext(Func<nint, bool> act)
    {
        var context = Library.NewContext();
        try
        {
            return context != 0 && act(context);
        }
        finally
        {
            Library.FreeContext(context);
            // The framework reads the same queue of errors: ours must not be taken for its own.
            Library.ClearErrors();
        }
    }

    private static Functions? Load()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }
        // Makes .NET load its own first.
        SHA256.HashData([]);
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return Functions.Of(library);
            }
        }
        return null;
    }

    private sealed record Functions(
        NewKey NewPublic, NewKey NewPrivate, Free FreeKey, NewContext NewContext, Free FreeContext, Init VerifyInit, VerifyAll Verify, Init SignInit, SignAll Sign, GetPublic GetPublic,
        Clear ClearErrors)
    {
        public static Functions? Of(nint library)
        {
            T? Find<T>(string name)
                where T : Delegate => NativeLibrary.TryGetExport(library, name, out var address) ? Marshal.GetDelegateForFunctionPointer<T>(address) : null;

            return Find<NewKey>("EVP_PKEY_new_raw_public_key") is { } newPublic && Find<NewKey>("EVP_PKEY_new_raw_private_key") is { } newPrivate
                && Find<Free>("EVP_PKEY_free") is { } freeKey && Find<NewContext>("EVP_MD_CTX_new") is { } newContext && Find<Free>("EVP_MD_CTX_free") is { } freeContext
                && Find<Init>("EVP_DigestVerifyInit") is { } verifyInit && Find<VerifyAll>("EVP_DigestVerify") is { } verify
                && Find<Init>("EVP_DigestSignInit") is { } signInit && Find<SignAll>("EVP_DigestSign") is { } sign
                && Find<GetPublic>("EVP_PKEY_get_raw_public_key") is { } getPublic && Find<Clear>("ERR_clear_error") is { } clear && Works(newPublic, freeKey)
                ? new Functions(newPublic, newPrivate, freeKey, newContext, freeContext, verifyInit, verify, signInit, sign, getPublic, clear)
                : null;
        }

        // A library may export the functions and still refuse the algorithm, as FIPS modules do.
        private static bool Works(NewKey newPublic, Free free)
        {
            // The first public key of RFC 8032, 7.1.
            var key = newPublic(EvpEd25519, 0, Convert.FromHexString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), KeyBytes);
            if (key == 0)
            {
                return false;
            }
            free(key);
            return true;
        }
    }
}
