using System.Net;
using System.Net.Sockets;

namespace Keygate.Testing;

/// <summary>Ports of the loopback address that nobody listens on.</summary>
public static class FreePort
{
    /// <summary>A port that was free a moment ago. Where the server can say which port it took, listen on port 0 instead.</summary>
    public static int Take() => Take(1)[0];

    /// <summary>Several ports, all different.</summary>
    public static IReadOnlyList<int> Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            listeners.ForEach(l => l.Start());
            return [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(l => l.Dispose());
        }
    }
}
