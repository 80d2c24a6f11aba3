using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Storage;

namespace Keygate.Server;

/// <summary>What a process does.</summary>
public enum Role
{
    /// <summary>Serves the provider's REST and pages.</summary>
    Provider,

    /// <summary>Serves the Partner APIs and the key server's REST, and runs its work.</summary>
    KeyServer,

    /// <summary>Runs the provider's work.</summary>
    Worker,
}

/// <summary>Where the operator's own certificate stands.</summary>
/// <param name="Certificate">PEM with certificate and chain, or PFX.</param>
/// <param name="Key">The private key as PEM; null where the first file holds it.</param>
/// <param name="Password">Of the PFX or of the key; null where there is none.</param>
public sealed record CertificateFiles(string Certificate, string? Key, string? Password)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => Certificate;
}

/// <summary>The settings of one process, checked.</summary>
public sealed record KeygateSettings
{
    /// <summary>The data folder.</summary>
    public required string Data { get; init; }

    /// <summary>The provider's database.</summary>
    public required DatabaseAddress Database { get; init; }

    /// <summary>The key server's database.</summary>
    public required DatabaseAddress KeyServerDatabase { get; init; }

    /// <summary>Where REST, pages and health listen.</summary>
    public Uri Http { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>Where the Billing API listens; null where it is switched off.</summary>
    public Uri? BillingApi { get; init; } = new("http://127.0.0.1:5224");

    /// <summary>The operator's certificate of that listener; null where it is plain.</summary>
    public CertificateFiles? BillingApiCertificate { get; init; }

    /// <summary>Networks whose callers of the Billing API need no login.</summary>
    public IReadOnlyList<System.Net.IPNetwork> BillingApiAllow { get; init; } = [];

    /// <summary>Where the Partner APIs listen.</summary>
    public Uri PartnerApi { get; init; } = new("https://127.0.0.1:7050");

    /// <summary>The operator's certificate of that listener; null for the one that Keygate made.</summary>
    public CertificateFiles? PartnerApiCertificate { get; init; }

    /// <summary>Where the Partner APIs are reached from outside; null for where they listen.</summary>
    public Uri? PartnerApiPublic { get; init; }

    /// <summary>Calls a minute that one address may make at the key server without a login; 0 for any number.</summary>
    public int ProductCalls { get; init; } = 600;

    /// <summary>The mail server, which may have a password; null where keys are not sent by mail.</summary>
    public Secret? Smtp { get; init; }

    /// <summary>The address that mails come from.</summary>
    public string? MailFrom { get; init; }

    /// <summary>What the process does.</summary>
    public IReadOnlySet<Role> Roles { get; init; } = new HashSet<Role>(Enum.GetValues<Role>());

    /// <summary>The master key; null for the one in the data folder.</summary>
    public MasterKey? MasterKey { get; init; }

    /// <summary>The key that signs licenses; null for one that the key server makes.</summary>
    public GivenKey? SigningKey { get; init; }

    /// <summary>The root key, which signs the trust bundle and the status lists; null for one that the key server makes.</summary>
    public GivenKey? RootKey { get; init; }

    /// <summary>The zone of local dates.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>How long work that is over is kept.</summary>
    public TimeSpan KeepWork { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long an idempotency key keeps its answer.</summary>
    public TimeSpan KeepIdempotencyKeys { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The test clock's file; null in real life.</summary>
    public string? TestClock { get; init; }

    /// <summary>Where the process ends or freezes itself, for tests; null in any other life.</summary>
    public TestPoint? TestPoint { get; init; }

    /// <summary>True where the process touches the provider's database.</summary>
    public bool ServesProvider => Roles.Contains(Role.Provider) || Roles.Contains(Role.Worker);

    /// <summary>True where the process has the door of the Billing API.</summary>
    public bool ServesBilling => Roles.Contains(Role.Provider) && BillingApi is not null;

    /// <summary>True where the process touches the key server's database.</summary>
    public bool ServesKeyServer => Roles.Contains(Role.KeyServer);

    /// <summary>True where people and programs come by HTTP; a worker alone answers health only.</summary>
    public bool ServesScreens => Roles.Contains(Role.Provider) || Roles.Contains(Role.KeyServer);

    /// <summary>Settings for a data folder with SQLite, all else by default.</summary>
    public static KeygateSettings ForFolder(string data) => new()
    {
        Data = data,
        Database = DatabaseAddress.SqliteFile(Path.Combine(data, "keygate.db")),
        KeyServerDatabase = DatabaseAddress.SqliteFile(Path.Combine(data, "keyserver.db")),
    };
}
