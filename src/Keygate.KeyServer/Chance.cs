using System.Security.Cryptography;

namespace Keygate.KeyServer;

/// <summary>The random parts of a key. A class of its own, so that a test can make them repeatable.</summary>
internal class Chance
{
    private const string CodeCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>Five groups of six upper-case letters and digits: about 155 random bits.</summary>
    public virtual string ActivationCode() => string.Join('-', RandomNumberGenerator.GetString(CodeCharacters, 30).Chunk(6).Select(group => new string(group)));

    /// <summary>128 random bits as 32 lower-case hexadecimal digits.</summary>
    public virtual string UpdateTicket() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
