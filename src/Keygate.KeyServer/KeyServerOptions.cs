using System.Security.Cryptography.X509Certificates;

namespace Keygate.KeyServer;

/// <summary>Settings of the key server.</summary>
public sealed class KeyServerOptions
{
    /// <summary>
    /// The public address of the Partner API listener (<c>KEYGATE_PARTNER_API_PUBLIC</c>): the name in its own certificate, and the license
    /// server address in license files. Default <c>https://127.0.0.1:7050</c>.
    /// </summary>
    public Uri PublicUrl { get; set; } = new("https://127.0.0.1:7050");

    /// <summary>The kind of the first signing key; later ones are made by rotation. Default ECDSA P-256.</summary>
    public SigningKeyType SigningKeyType { get; set; } = SigningKeyType.EcdsaP256;

    /// <summary>
    /// The key that signs licenses, where the operator gives it (<c>KEYGATE_SIGNING_KEY</c>); null for one that is made here. Another one given later is a
    /// planned rotation.
    /// </summary>
    public GivenKey? SigningKey { get; set; }

    /// <summary>The root key, where the operator gives it (<c>KEYGATE_ROOT_KEY</c>); null for one that is made here.</summary>
    public GivenKey? RootKey { get; set; }

    /// <summary>How long a status list lives. Half of it later the next one is signed. Default 24 hours.</summary>
    public TimeSpan StatusListLife { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long after a createKey call came in its key may still be committed; later it is refused with 300. Clients that lost the answer
    /// rely on it: what they don't find after this time was not made. Default and upper bound 30 seconds.
    /// </summary>
    public TimeSpan CommitWithin { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many calls a minute one address may make at what needs no login, <c>/product/v1</c> and <c>/.well-known/keygate</c>, on each node (<c>KEYGATE_PRODUCT_CALLS</c>); 0 for any
    /// number. Default 600.
    /// </summary>
    public int ProductCallsPerMinute { get; set; } = 600;

    /// <summary>
    /// How long a call of the Partner APIs waits for the vendor of a third-party product (real time); then it is answered that he has not answered yet, and he is
    /// asked on. Default 25 seconds.
    /// </summary>
    public TimeSpan VendorWait { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>The operator's certificate that the Partner APIs show now; null where they show the one that was made at first start.</summary>
    public Func<X509Certificate2>? OperatorCertificate { get; set; }

    /// <summary>
    /// The mail server that license files are sent by (<c>KEYGATE_SMTP</c>), as <c>smtp://user:password@host:587</c>. With STARTTLS, but for one on this machine.
    /// Default none: keys are not sent by mail.
    /// </summary>
    public Uri? Smtp { get; set; }

    /// <summary>The address that mails come from (<c>KEYGATE_MAIL_FROM</c>). Default none.</summary>
    public string? MailFrom { get; set; }
}
