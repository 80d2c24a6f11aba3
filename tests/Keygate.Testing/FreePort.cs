using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Keygate.Testing;

/// <summary>Ports of the loopback address that nobody listens on, and that the system gives to nobody who asks for any: a connection going out may take one of those at any moment.</summary>
public static class FreePort
{
    private const int Lowest = 10240, UsualLowestOfAny = 32768;
    private const string RangeOfAny = "/proc/sys/net/ipv4/ip_local_port_range";

    private static readonly int End = File.Exists(RangeOfAny) ? int.Parse(File.ReadAllText(RangeOfAny).Split('\t', ' ')[0], CultureInfo.InvariantCulture) : UsualLowestOfAny;

    /// <summary>A port that was free a moment ago. Where the server can say which port it took, listen on port 0 instead.</summary>
    public static int Take() => Take(1)[0];

    /// <summary>Several ports, all different.</summary>
    public static IReadOnlyList<int> Take(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            while (listeners.Count < count)
            {
                var listener = new TcpListener(IPAddress.Loopback, End > Lowest + 1000 ? RandomNumberGenerator.GetInt32(Lowest, End) : 0) { ExclusiveAddressUse = true };
                try
                {
                    listener.Start();
                    listeners.Add(listener);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
                {
                    listener.Dispose();
                }
            }

            return [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(l => l.Dispose());
        }
    }
}
