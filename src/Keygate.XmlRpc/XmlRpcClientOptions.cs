using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Keygate.XmlRpc;

/// <summary>Settings of an <see cref="XmlRpcClient"/>.</summary>
public sealed record XmlRpcClientOptions
{
    /// <summary>Where to post, <c>http</c> or <c>https</c>, with its path. User information in it is refused: see <see cref="Login"/>.</summary>
    public required Uri Url { get; init; }

    /// <summary>Time for name, connection and TLS together. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for the whole call. Default 100 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long an unused connection is kept for the next <see cref="XmlRpcClient.QueryAsync"/>. Default 15 s.</summary>
    public TimeSpan IdleConnectionTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bounds on answers. Default <see cref="XmlRpcLimits.Client"/>.</summary>
    public XmlRpcLimits Limits { get; init; } = XmlRpcLimits.Client;

    /// <summary>
    /// The certificates that the server may show. With any pin the system's authorities count no more; without pins they decide.
    /// </summary>
    public XmlRpcPins Pins { get; init; } = XmlRpcPins.None;

    /// <summary>Asks the certificate's authority whether it was withdrawn. Only without pins. Default off.</summary>
    public bool CheckRevocation { get; init; }

    /// <summary>A certificate of ours, for servers that ask for one.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Login for HTTP Basic; null sends none. Sent at once, not after a refusal.</summary>
    public string? Login { get; init; }

    /// <summary>Password for HTTP Basic.</summary>
    public string? Password { get; init; }

    /// <summary>A proxy; null goes directly.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>The <c>User-Agent</c> header.</summary>
    public string UserAgent { get; init; } = "Keygate.XmlRpc";

    /// <summary>The clock that a certificate's dates are compared with. Default the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Url}";
}
