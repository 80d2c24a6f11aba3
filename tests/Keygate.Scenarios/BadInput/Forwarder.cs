using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Keygate.Scenarios.BadInput;

/// <summary>The line to a server on this machine, that can be cut and mended: bytes are passed on as they come.</summary>
internal sealed class Forwarder : IAsyncDisposable
{
    private readonly int _to;
    private readonly ConcurrentBag<TcpClient> _open = [];
    private TcpListener _listener;

    private Forwarder(int to)
    {
        _to = to;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(_listener);
    }

    public int Port { get; }

    public static Forwarder To(int port) => new(port);

    /// <summary>Ends what is connected and takes nothing new.</summary>
    public void Cut()
    {
        _listener.Stop();
        while (_open.TryTake(out var client))
        {
            client.Dispose();
        }
    }

    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var from = await listener.AcceptTcpClientAsync();
                var to = new TcpClient { NoDelay = true };
                from.NoDelay = true;
                _open.Add(from);
                _open.Add(to);
                await to.ConnectAsync(IPAddress.Loopback, _to);
                _ = PassAsync(from, to);
                _ = PassAsync(to, from);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was cut.
        }
    }

    private static async Task PassAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It was cut.
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
