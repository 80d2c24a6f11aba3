using System.Collections.Concurrent;
using System.Net;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>From where a login may call: single addresses and networks as <c>192.0.2.0/24</c>, separated by commas; empty for everywhere.</summary>
internal static class AllowedAddresses
{
    public static bool Allow(string allowed, IPAddress? caller)
    {
        if (allowed.Length == 0)
        {
            return true;
        }

        if (caller is null)
        {
            return false;
        }

        var address = caller.IsIPv4MappedToIPv6 ? caller.MapToIPv4() : caller;
        return allowed.Split(',').Any(part => TryParse(part, out var network) && network.Contains(address));
    }

    /// <summary>One entry of the list; a single address is a network of one.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        var trimmed = text.Trim();
        if (IPNetwork.TryParse(trimmed, out network))
        {
            return true;
        }

        var parses = IPAddress.TryParse(trimmed, out var address) && Wire.TryIp(trimmed, out _);
        network = parses ? new IPNetwork(address!, address!.GetAddressBytes().Length * 8) : default;
        return parses;
    }
}

/// <summary>Counts a login's calls, minute by minute, in this process. Thread-safe.</summary>
internal sealed class CallRates(TimeProvider time)
{
    private readonly ConcurrentDictionary<LoginId, (long Minute, int Calls)> _calls = new();

    /// <summary>Counts a call; false when the login has made as many in this minute as it may.</summary>
    public bool Count(LoginId login, int max)
    {
        var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        return _calls.AddOrUpdate(login, _ => (minute, 1), (_, seen) => seen.Minute == minute ? (minute, Math.Min(seen.Calls, max) + 1) : (minute, 1)).Calls <= max;
    }
}
