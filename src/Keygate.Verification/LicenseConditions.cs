namespace Keygate.Verification;

/// <summary>Under which conditions a license has to be good. Whatever is left out is not looked at.</summary>
public sealed record LicenseConditions
{
    /// <summary>The moment for which dates and status are looked at.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How wrong this machine's clock may be, either way. Default 5 minutes.</summary>
    public TimeSpan ClockDrift { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The status list of the license's key number, from <see cref="TrustRoots.ReadStatus"/>.</summary>
    public StatusList? Status { get; init; }

    /// <summary>Whether a license needs a status list to be good. Default <see langword="false"/>.</summary>
    public bool StatusRequired { get; init; }

    /// <summary>What this machine and instance are; absent: bindings are not looked at.</summary>
    public LicenseInstance? Instance { get; init; }
}

/// <summary>The machine and instance that a license is used on.</summary>
public sealed record LicenseInstance
{
    /// <summary>The machine's IP addresses, in any spelling.</summary>
    public IReadOnlyList<string> IpAddresses { get; init; } = [];

    /// <summary>The hardware id that the product computes.</summary>
    public string? HardwareId { get; init; }

    /// <summary>The installed instance's id.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The first binding's kind that this instance does not meet; absent if all are met. Of several of one kind, one is enough.</summary>
    internal BindingKind? Unmet(IReadOnlyList<LicenseBinding> bindings)
    {
        foreach (var kind in bindings.GroupBy(b => b.Kind))
        {
            if (!kind.Any(b => Meets(kind.Key, b.Value)))
            {
                return kind.Key;
            }
        }
        return null;
    }

    private bool Meets(BindingKind kind, string value) => kind switch
    {
        BindingKind.Ip => IpAddresses.Any(own => string.Equals(Canonical(own), Canonical(value), StringComparison.Ordinal)),
        BindingKind.HardwareId => string.Equals(HardwareId, value, StringComparison.Ordinal),
        _ => string.Equals(InstanceId, value, StringComparison.Ordinal),
    };

    private static string Canonical(string address) => System.Net.IPAddress.TryParse(address, out var parsed) ? parsed.ToString() : address;
}
