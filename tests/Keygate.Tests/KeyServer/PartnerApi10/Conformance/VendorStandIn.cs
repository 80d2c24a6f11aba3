using System.Net;
using System.Text;
using Keygate.Testing;

namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>A vendor's endpoint that sells every product but the one called CURSED, and refuses all that comes after a sale.</summary>
internal sealed class VendorStandIn : IDisposable
{
    private readonly HttpListener _listener = new();

    private VendorStandIn(string url) => Url = url;

    public string Url { get; }

    public static VendorStandIn Start()
    {
        var server = new VendorStandIn($"http://127.0.0.1:{FreePort.Take()}/");
        server._listener.Prefixes.Add(server.Url);
        server._listener.Start();
        _ = server.AcceptAsync();
        return server;
    }

    public void Dispose() => ((IDisposable)_listener).Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var call = await _listener.GetContextAsync();
                using var reader = new StreamReader(call.Request.InputStream, Encoding.ASCII);
                var form = await reader.ReadToEndAsync();
                var sells = form.Contains("APS_ACTION=PURCHASE", StringComparison.Ordinal) && !form.Contains("PRODUCT_ID=CURSED", StringComparison.Ordinal);
                call.Response.StatusCode = sells ? 200 : 409;
                call.Response.Close(Encoding.ASCII.GetBytes(sells ? "body" : "not today"), willBlock: false);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
