namespace Keygate.Plugins.Abstractions;

/// <summary>
/// Issues keys and hands out license files. Further powers are interfaces of their own that a plug-in may implement:
/// <see cref="IFindsKeys"/>, <see cref="IActivatesKeys"/>, <see cref="IRenewsKeys"/>, <see cref="IChangesKeys"/>, <see cref="ISuspendsKeys"/>, <see cref="ITerminatesKeys"/>,
/// <see cref="IShowsKeys"/>, <see cref="IListsKeys"/>, <see cref="IListsOffer"/>.
/// </summary>
public interface IIssuer : IPlugin
{
    /// <summary>
    /// Asks for a new key, with its additional keys. <b>Not repeatable</b>: Keygate commits the intent before, calls once, and after an
    /// <see cref="Outcome.Unknown"/> answer looks (<see cref="IFindsKeys"/>) before it calls again with the same <see cref="IssueRequest.Trace"/>.
    /// </summary>
    Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation);

    /// <summary>Fetches the present license file of a key. A read: may be repeated.</summary>
    /// <param name="keyNumber">The number as issued, with or without revision.</param>
    /// <param name="cancellation">Ends the call; what was asked may have been answered.</param>
    Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation);
}

/// <summary>An issuer at which a key can be found by the trace that was laid when it was asked for.</summary>
public interface IFindsKeys
{
    /// <summary>
    /// How long after sending the issuer may still make the key; an absence is not believed before. 20 minutes for a foreign issuer,
    /// 30 seconds for Keygate's own.
    /// </summary>
    TimeSpan MayStillTake { get; }

    /// <summary>
    /// Finds the keys that carry a trace, terminated ones included. A read: may be repeated. Done with an empty list means that there is none
    /// <i>now</i>. Where several fit, all are returned, the oldest first: Keygate keeps one and has the others terminated. A trace that nobody laid must
    /// find nothing, and Keygate tries that too. Refused where keys carry the trace and none has the key type and
    /// features asked for: they were made for this request all the same, and a person must look.
    /// </summary>
    Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation);
}

/// <summary>An issuer whose keys can be activated from here.</summary>
public interface IActivatesKeys
{
    /// <summary>
    /// Activates a key. Not repeatable at every issuer; a plug-in for one where a second activation is refused must find out by a read
    /// whether the key is already active for the same data, and then answer Done.
    /// </summary>
    Task<Answer<ActivatedKey>> ActivateAsync(string keyNumber, ActivationData data, CancellationToken cancellation);
}

/// <summary>
/// An issuer whose leases can be renewed from here. It must show its keys (<see cref="IShowsKeys"/>) as well: Keygate reads the key before it renews it,
/// and compares it with what it read where the answer was lost.
/// </summary>
public interface IRenewsKeys : IShowsKeys
{
    /// <summary>How long after sending the issuer may still renew; that nothing has changed is not believed before.</summary>
    TimeSpan MayStillTake { get; }

    /// <summary>
    /// Renews a key by one period, and that key alone. <b>Not repeatable</b>: each call adds a period. Refused where the issuer does not renew it, as with
    /// purchased and terminated keys.
    /// </summary>
    /// <param name="keyNumber">The number as issued, with or without revision.</param>
    /// <param name="cancellation">Ends the call; the key may have been renewed.</param>
    Task<Answer<RenewedKey>> RenewAsync(string keyNumber, CancellationToken cancellation);
}

/// <summary>An issuer whose keys can be ended from here.</summary>
public interface ITerminatesKeys
{
    /// <summary>
    /// Terminates a key, and that key alone: additional keys are named one by one. <b>Repeatable</b>: Done also where the key is terminated
    /// already. Refused where the issuer does not end such keys, as with most purchased ones.
    /// </summary>
    /// <param name="keyNumber">The number as issued, with or without revision.</param>
    /// <param name="cancellation">Ends the call; the key may have been terminated.</param>
    Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation);
}

/// <summary>An issuer whose keys can be stopped for a time from here.</summary>
public interface ISuspendsKeys
{
    /// <summary>
    /// Suspends a key, and that key alone: it stays, with its dates, and is not valid until it is resumed. <b>Repeatable</b>: Done also where it is suspended
    /// already. Refused where the issuer does not suspend such keys.
    /// </summary>
    /// <param name="keyNumber">The number as issued, with or without revision.</param>
    /// <param name="cancellation">Ends the call; the key may have been suspended.</param>
    Task<Answer<SuspendedKey>> SuspendAsync(string keyNumber, CancellationToken cancellation);

    /// <summary>Resumes a key that was suspended. <b>Repeatable</b>: Done also where it is not suspended.</summary>
    /// <param name="keyNumber">The number as issued, with or without revision.</param>
    /// <param name="cancellation">Ends the call; the key may have been resumed.</param>
    Task<Answer<SuspendedKey>> ResumeAsync(string keyNumber, CancellationToken cancellation);
}

/// <summary>
/// An issuer whose keys can be turned into others from here. It must show its keys (<see cref="IShowsKeys"/>) as well: Keygate reads the key before it
/// changes it, and compares it with what it read where the answer was lost.
/// </summary>
public interface IChangesKeys : IShowsKeys
{
    /// <summary>How long after sending the issuer may still change the key; that nothing has changed is not believed before.</summary>
    TimeSpan MayStillTake { get; }

    /// <summary>
    /// Changes a key by plans of the issuer, all of them or none. <b>Not repeatable</b>: Keygate commits the intent before, calls once, and looks after an
    /// <see cref="Outcome.Unknown"/> answer. Done also where the key is so already. Refused where the issuer has no such change for this key.
    /// </summary>
    Task<Answer<ChangedKey>> ChangeAsync(KeyChange change, CancellationToken cancellation);
}

/// <summary>An issuer that shows any key of its account by its number.</summary>
public interface IShowsKeys
{
    /// <summary>What the issuer has under a number, terminated keys included. A read: may be repeated. Refused where there is no such key.</summary>
    /// <param name="keyNumber">The number, with or without revision.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<Answer<ShownKey>> ShowAsync(string keyNumber, CancellationToken cancellation);
}

/// <summary>
/// An issuer that hands out all keys of its account as full records, many at a time. Without this power Keygate compares key by key, through
/// <see cref="IShowsKeys"/> and within the plug-in's calls a minute.
/// </summary>
public interface IListsKeys
{
    /// <summary>
    /// The keys after a number, by their numbers without revision in the order of their code points; terminated ones included, additional keys as records of
    /// their own. A read: may be repeated. Keygate asks page after page and keeps none of them, so a page may hold thousands of keys.
    /// </summary>
    /// <param name="after">The <see cref="KeyPage.Next"/> of the page before; null for the first page.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<Answer<KeyPage>> ListAsync(string? after, CancellationToken cancellation);
}

/// <summary>An issuer that tells what its account may order.</summary>
public interface IListsOffer
{
    /// <summary>Key types and features that the account may order now. A read: may be repeated.</summary>
    Task<Answer<IssuerOffer>> GetOfferAsync(CancellationToken cancellation);
}

/// <summary>Everything an issuer needs to make a key: the license request.</summary>
public sealed record IssueRequest
{
    /// <summary>The license's number at Keygate, for logs and notes.</summary>
    public required int LicenseId { get; init; }

    /// <summary>Key type identifier of the license class.</summary>
    public required string KeyType { get; init; }

    /// <summary>Feature identifiers, without order or duplicates.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Key types of additional licenses that travel with the base license.</summary>
    public IReadOnlyList<string> AddOns { get; init; } = [];

    /// <summary>Lease or Purchase.</summary>
    public required BillType BillType { get; init; }

    /// <summary>Addresses of the server that the license is for; may be empty.</summary>
    public IReadOnlyList<string> IpAddresses { get; init; } = [];

    /// <summary>Activation data known already; null where the class demands none or it comes later.</summary>
    public ActivationData? Activation { get; init; }

    /// <summary>
    /// The trace: a locally administered unicast MAC address of 46 random bits, six groups with colons, the same for every repeat of one request.
    /// </summary>
    public required string Trace { get; init; }

    /// <summary>The parent's number, for an additional license asked for alone; null for a base license.</summary>
    public string? ParentKeyNumber { get; init; }
}

/// <summary>How a license is paid.</summary>
public enum BillType
{
    /// <summary>Month by month; it expires.</summary>
    Lease,

    /// <summary>Once; it never expires.</summary>
    Purchase,
}

/// <summary>What a license is activated for.</summary>
/// <param name="HardwareId">HWID or UID; null where there is none.</param>
/// <param name="Instance">Address or GUID of the application instance; null where there is none.</param>
public sealed record ActivationData(string? HardwareId, string? Instance);

/// <summary>A key that was issued.</summary>
public sealed record IssuedKey
{
    /// <summary>Full number with revision, such as <c>PLSK.00041207.0000</c>.</summary>
    public required string KeyNumber { get; init; }

    /// <summary>First day without a valid license; null for a key without end.</summary>
    public DateOnly? ExpirationDate { get; init; }

    /// <summary>First day on which a renewed file may be asked for; null where there is none.</summary>
    public DateOnly? UpdateDate { get; init; }

    /// <summary>End of the right to newer product versions; null where the key has none.</summary>
    public DateOnly? SusDate { get; init; }

    /// <summary>Activation code; null where the key has none.</summary>
    public string? ActivationCode { get; init; }

    /// <summary>The additional keys that came along.</summary>
    public IReadOnlyList<AdditionalKey> AdditionalKeys { get; init; } = [];

    /// <summary>True when the issuer already reports the key as terminated: it counts as found, not as usable.</summary>
    public bool Terminated { get; init; }
}

/// <summary>An additional key of a base license.</summary>
/// <param name="KeyNumber">Full number with revision.</param>
/// <param name="KeyType">Its key type identifier; empty where the issuer does not tell (an unsolicited one).</param>
/// <param name="ExpirationDate">First day without a valid license; null for a key without end.</param>
/// <param name="ActivationCode">Activation code; null where it has none.</param>
public sealed record AdditionalKey(string KeyNumber, string KeyType, DateOnly? ExpirationDate, string? ActivationCode);

/// <summary>A license file as the issuer handed it out.</summary>
/// <param name="KeyNumber">Full number with the revision that the file carries.</param>
/// <param name="Content">The file, byte for byte. Never logged.</param>
/// <param name="Extension">File extension without dot, such as <c>xml</c>.</param>
public sealed record RetrievedFile(string KeyNumber, byte[] Content, string Extension);

/// <summary>A key that is active now.</summary>
/// <param name="KeyNumber">Its full number; the revision may have risen.</param>
public sealed record ActivatedKey(string KeyNumber);

/// <summary>A key as the issuer has it.</summary>
/// <param name="Issued">Number, dates, additional keys.</param>
/// <param name="KeyType">Its key type identifier; empty where the issuer does not tell.</param>
/// <param name="Features">Its features.</param>
public sealed record ShownKey(IssuedKey Issued, string KeyType, IReadOnlyList<string> Features)
{
    /// <summary>True while the issuer has the key suspended, or marked as problem.</summary>
    public bool Suspended { get; init; }

    /// <summary>How it is paid; null where the issuer does not tell.</summary>
    public BillType? BillType { get; init; }
}

/// <summary>Some of an account's keys.</summary>
/// <param name="Keys">The keys, by their numbers; may be empty while there are more.</param>
/// <param name="Next">Where to go on; null after the last.</param>
public sealed record KeyPage(IReadOnlyList<ShownKey> Keys, string? Next);

/// <summary>A key that was renewed.</summary>
/// <param name="KeyNumber">Its full number; the revision has risen.</param>
/// <param name="ExpirationDate">First day without a valid license now; null where the issuer does not tell.</param>
/// <param name="UpdateDate">First day on which the next renewed file may be asked for; null where there is none.</param>
public sealed record RenewedKey(string KeyNumber, DateOnly? ExpirationDate, DateOnly? UpdateDate);

/// <summary>A key that was stopped for a time, or goes on.</summary>
/// <param name="KeyNumber">Its full number.</param>
/// <param name="Suspended">True while it is not valid.</param>
public sealed record SuspendedKey(string KeyNumber, bool Suspended);

/// <summary>Which way a plan is used.</summary>
public enum ChangeKind
{
    /// <summary>What the plan brings is put into the key: a feature, a feature in another's place, the next key type, an additional key.</summary>
    Apply,

    /// <summary>The feature that the plan brought is taken out; where the issuer has a smaller one for it, that takes its place.</summary>
    Remove,
}

/// <summary>A change of a key.</summary>
/// <param name="KeyNumber">The number as issued, with or without revision.</param>
/// <param name="Kind">Which way.</param>
/// <param name="Plans">The issuer's plans, one at least; one alone to remove.</param>
/// <param name="BillType">How the key is paid.</param>
public sealed record KeyChange(string KeyNumber, ChangeKind Kind, IReadOnlyList<string> Plans, BillType BillType)
{
    /// <summary>The key type that the key has then; null where it stays.</summary>
    public string? KeyType { get; init; }

    /// <summary>Features that come in.</summary>
    public IReadOnlyList<string> Brings { get; init; } = [];

    /// <summary>Features that go out.</summary>
    public IReadOnlyList<string> Takes { get; init; } = [];

    /// <summary>Key types of additional keys that come in.</summary>
    public IReadOnlyList<string> AddOns { get; init; } = [];
}

/// <summary>A key that was changed.</summary>
/// <param name="KeyNumber">Its full number; the revision has risen.</param>
/// <param name="ExpirationDate">First day without a valid license now; null where the issuer does not tell.</param>
/// <param name="UpdateDate">First day on which the next renewed file may be asked for; null where there is none.</param>
public sealed record ChangedKey(string KeyNumber, DateOnly? ExpirationDate, DateOnly? UpdateDate)
{
    /// <summary>The additional keys that came in; each of those asked for must be among them.</summary>
    public IReadOnlyList<AdditionalKey> AdditionalKeys { get; init; } = [];
}

/// <summary>A key that is terminated now.</summary>
/// <param name="KeyNumber">Its full number.</param>
public sealed record TerminatedKey(string KeyNumber);
