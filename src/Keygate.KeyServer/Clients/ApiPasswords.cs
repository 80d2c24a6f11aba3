using System.Security.Cryptography;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>Passwords of Partner API logins: made by us, kept as a fingerprint under the master key.</summary>
internal sealed class ApiPasswords(MasterKey masterKey)
{
    private const string Purpose = "keyserver api login";

    /// <summary>A new password, under the 64 characters that the API's clients may send.</summary>
    public static Secret New() => MasterKey.NewToken("kgp_");

    public byte[] Fingerprint(string password) => masterKey.Fingerprint(Purpose, password);

    /// <summary>Compares in the same time whatever is wrong, also where there is no such login.</summary>
    public bool Fits(string password, byte[]? fingerprint) => CryptographicOperations.FixedTimeEquals(Fingerprint(password), fingerprint ?? []);
}
