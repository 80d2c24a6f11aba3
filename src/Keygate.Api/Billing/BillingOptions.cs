using System.Net;

namespace Keygate.Api.Billing;

/// <summary>How the Billing API's door behaves.</summary>
public sealed record BillingOptions
{
    /// <summary>Networks whose callers need no credentials.</summary>
    public IReadOnlyList<IPNetwork> Allowed { get; init; } = [];

    /// <summary>How long an open transaction may wait for its next call.</summary>
    public TimeSpan IdleMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a transaction may stay open in all.</summary>
    public TimeSpan LifeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Transactions that may be open at once, each of which holds a connection to the database.</summary>
    public int OpenMax { get; init; } = 20;

    /// <summary>What these times are measured by: real time, also where dates follow a test's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
