namespace Keygate.Verification;

/// <summary>
/// The issuer's root keys, which sign its trust bundles and status lists and never a license. A product ships with them; all else it fetches. Immutable
/// and safe to use from many threads.
/// </summary>
public sealed class TrustRoots
{
    private const string TheTrustBundle = "trust bundle";
    private const string TheStatusList = "status list";
    private const string TheRoots = "list of roots";
    private const int SuccessionsMax = 256;

    private TrustRoots(IReadOnlyList<TrustedCertificate> keys) => Keys = keys;

    /// <summary>The root keys.</summary>
    public IReadOnlyList<TrustedCertificate> Keys { get; }

    /// <summary>Reads the root certificates from PEM.</summary>
    /// <exception cref="FormatException">It is broken; the message says where and what to do.</exception>
    public static TrustRoots Parse(string pem) => new(TrustBundle.Parse(pem).Certificates);

    /// <summary>Writes the root certificates as PEM, for a product that keeps what it has learnt.</summary>
    public string ToPem() => TrustBundle.Of(Keys).ToPem();

    /// <summary>
    /// Follows the issuer's <c>roots.json</c> to its present root: each root has signed which one follows it, and takes that one's place. What other roots have signed is passed over; where none of
    /// these has a follower, the answer holds the same keys. A product keeps the answer (<see cref="ToPem"/>) in place of what it shipped with.
    /// </summary>
    /// <param name="json">The document as it was fetched.</param>
    public SignedReading<TrustRoots> Follow(string json)
    {
        if (json.Length > TrustBundle.CharsMax)
        {
            return new(LicenseRefusals.TooLarge(TrustBundle.CharsMax));
        }
        if (JsonReading.Object(json)?.Items("roots") is not { Count: <= SuccessionsMax } successions)
        {
            return new(LicenseRefusals.DocumentLayout(TheRoots, "it is not a JSON object with a list of roots, or has more than 256"));
        }
        var keys = new List<TrustedCertificate>(Keys);
        foreach (var item in successions)
        {
            if (item is not string token)
            {
                return new(LicenseRefusals.DocumentLayout(TheRoots, "what stands in it are not tokens"));
            }
            var named = SignedToken.KeyNamedBy(token);
            var at = keys.FindIndex(key => key.KeyThumbprint == named);
            if (at < 0)
            {
                continue;
            }
            if (SignedToken.Verify(token, TokenHeader.Root, [keys[at]], out var refusal) is not { } signed)
            {
                return new(refusal!);
            }
            if (TrustBundle.ReadNextRoot(signed.Payload, out var reason) is not { } next)
            {
                return new(LicenseRefusals.DocumentLayout(TheRoots, reason));
            }
            keys[at] = next;
        }
        return new(new TrustRoots(keys));
    }

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
            return new(Unrooted(refusal!));
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
            return new(Unrooted(refusal!));
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

    // Of a document of the issuer's another way leads on than of a license.
    private static LicenseRefusal Unrooted(LicenseRefusal refusal) => refusal.Code == LicenseRefusalCode.KeyOutsideBundle ? LicenseRefusals.OtherRoot : refusal;
}
