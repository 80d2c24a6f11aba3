namespace Keygate.Verification;

/// <summary>
/// The issuer's root keys, which sign its trust bundles and status lists and never a license. A product ships with them; all else it fetches. Immutable
/// and safe to use from many threads.
/// </summary>
public sealed class TrustRoots
{
    private const string TheTrustBundle = "trust bundle";
    private const string TheStatusList = "status list";

    private TrustRoots(IReadOnlyList<TrustedCertificate> keys) => Keys = keys;

    /// <summary>The root keys.</summary>
    public IReadOnlyList<TrustedCertificate> Keys { get; }

    /// <summary>Reads the root certificates from PEM.</summary>
    /// <exception cref="FormatException">It is broken; the message says where and what to do.</exception>
    public static TrustRoots Parse(string pem) => new(TrustBundle.Parse(pem).Certificates);

    /// <summary>Verifies and reads a signed trust bundle, <c>trust.json</c>.</summary>
    /// <param name="json">The document as it was fetched.</param>
    /// <param name="memory">The highest numbers seen so far; takes this one's if it is accepted, and refuses an older one.</param>
    public SignedReading<TrustBundle> ReadTrust(string json, TrustMemory? memory = null)
    {
        if (json.Length > TrustBundle.CharsMax)
        {
            return new(LicenseRefusals.TooLarge(TrustBundle.CharsMax));
        }
        // A flattened JWS: the three parts of a token as members. An unprotected header would be a place for lies.
        if (JsonReading.Object(json) is not { Count: 3 } members || members.Text("protected") is not { } head || members.Text("payload") is not { } payload
            || members.Text("signature") is not { } signature)
        {
            return new(LicenseRefusals.DocumentLayout(TheTrustBundle, "it is not a JSON object of protected, payload and signature"));
        }
        if (SignedToken.Verify(head + "." + payload + "." + signature, TokenHeader.Trust, Keys, out var refusal) is not { } signed)
        {
            return new(refusal!);
        }
        if (TrustBundle.ReadSigned(signed.Payload, out var reason) is not { } bundle)
        {
            return new(LicenseRefusals.DocumentLayout(TheTrustBundle, reason));
        }
        return memory?.Saw(bundle.Number!.Value) == false
            ? new(LicenseRefusals.RolledBack(TheTrustBundle, bundle.Number!.Value, memory.TrustNumber))
            : new(bundle);
    }

    /// <summary>Verifies and reads a signed status list.</summary>
    /// <param name="token">The list as it was fetched.</param>
    /// <param name="now">The moment at which it must live.</param>
    /// <param name="memory">The highest numbers seen so far; takes this one's if it is accepted, and refuses an older one.</param>
    /// <param name="clockDrift">How wrong this machine's clock may be, either way; 5 minutes if absent.</param>
    public SignedReading<StatusList> ReadStatus(string token, DateTimeOffset now, TrustMemory? memory = null, TimeSpan? clockDrift = null)
    {
        var drift = clockDrift ?? TimeSpan.FromMinutes(5);
        if (token.Length > StatusList.CharsMax)
        {
            return new(LicenseRefusals.TooLarge(StatusList.CharsMax));
        }
        if (SignedToken.Verify(token.Trim(), TokenHeader.Status, Keys, out var refusal) is not { } signed)
        {
            return new(refusal!);
        }
        if (StatusList.Read(signed.Payload, out var reason) is not { } list)
        {
            return new(LicenseRefusals.DocumentLayout(TheStatusList, reason));
        }
        if (list.IssuedAt - drift > now)
        {
            return new(LicenseRefusals.IssuedLater(TheStatusList, list.IssuedAt));
        }
        if (list.ExpiresAt + drift <= now)
        {
            return new(LicenseRefusals.Outdated(TheStatusList, list.ExpiresAt));
        }
        return memory?.Saw(list.Shard, list.Number) == false
            ? new(LicenseRefusals.RolledBack(TheStatusList, list.Number, memory.StatusNumber(list.Shard)))
            : new(list);
    }
}
