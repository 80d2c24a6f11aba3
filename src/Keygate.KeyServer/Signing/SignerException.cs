namespace Keygate.KeyServer;

/// <summary>A signing key that lies elsewhere did not sign: it cannot be reached, or answered something else. The same act may succeed later.</summary>
internal sealed class SignerException(string message, Exception? inner = null) : Exception(message, inner);
