using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>
/// Counts what comes without a login, address by address and minute by minute, in this process: what products reach may be called by anybody. Of an IPv6 address the
/// network counts, of which one customer has all. Thread-safe.
/// </summary>
internal sealed class ProductRates(IOptions<KeyServerOptions> options, TimeProvider time)
{
    // Bounds the memory: whoever comes from more networks than this in a minute is counted as one.
    private const int NetworksMax = 100_000;
    private const int IPv6NetworkBytes = 8;
    private static readonly IPAddress Others = IPAddress.None;
    private Window _window = new(0);

    /// <summary>Counts a call; how long to wait where the address has made as many in this minute as it may, else null.</summary>
    public TimeSpan? Count(IPAddress? from)
    {
        if (options.Value.ProductCallsPerMinute is not (> 0 and var max))
        {
            return null;
        }

        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        var window = _window;
        if (window.Minute != seconds / 60)
        {
            // Where two replace it at once, the calls that one of them counted meanwhile are forgiven.
            _window = window = new Window(seconds / 60);
        }

        var network = NetworkOf(from);
        var counted = window.Calls.Count < NetworksMax || window.Calls.ContainsKey(network) ? network : Others;
        return window.Calls.AddOrUpdate(counted, 1, (_, calls) => calls < max ? calls + 1 : max + 1) <= max ? null : TimeSpan.FromSeconds(60 - (seconds % 60));
    }

    /// <summary>Refuses a call above the limit with 429 and says when to come again.</summary>
    public async ValueTask<object?> RefuseAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (Count(context.HttpContext.Connection.RemoteIpAddress) is not { } wait)
        {
            return await next(context);
        }

        context.HttpContext.Response.Headers.RetryAfter = wait.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        return ProductDoor.Refused(KeyServerErrors.ProductRateExceeded);
    }

    private static IPAddress NetworkOf(IPAddress? from) => from switch
    {
        null => Others,
        { IsIPv4MappedToIPv6: true } => from.MapToIPv4(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => new IPAddress([.. from.GetAddressBytes().AsSpan(0, IPv6NetworkBytes), .. new byte[IPv6NetworkBytes]]),
        _ => from,
    };

    private sealed class Window(long minute)
    {
        public long Minute { get; } = minute;

        public ConcurrentDictionary<IPAddress, int> Calls { get; } = new();
    }
}
