using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Server;

/// <summary>Senders who mean ill at the listener that strangers reach: refused within the bounds, and nobody else notices.</summary>
public sealed class HostileClientTests
{
    private const string Head = "POST /xmlrpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n";
    private const string Bomb =
        "<?xml version='1.0'?><!DOCTYPE m [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><methodCall><methodName>&c;</methodName></methodCall>";

    [Fact]
    public async Task Bombs_floods_depths_and_crawlers_are_refused_while_others_are_served()
    {
        await using var host = await HostUnderTest.StartAsync();
        await host.ReadyAsync();
        var url = host.Host.PartnerUrl;
        await ValidateAsync(url);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        Task<string>[] hostile =
        [
            SendAsync(url, Whole(Bomb)),
            SendAsync(url, Whole("<methodCall><methodName>m</methodName><params><param>" + string.Concat(Enumerable.Repeat("<value><array><data>", 40_000)))),
            SendAsync(url, Flood(declared: 100_000_000)),
            SendAsync(url, Flood(declared: null)),
            SendAsync(url, Crawl()),
            .. Enumerable.Range(0, 20).Select(_ => SendAsync(url, Crawl())),
        ];

        // The honest client's calls go on all the while, none much slower than alone.
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            var clock = Stopwatch.StartNew();
            await ValidateAsync(url);
            slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
            await Task.Delay(50);
        }

        var answers = await Task.WhenAll(hostile).WaitAsync(TimeSpan.FromSeconds(60));

        slowest.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        answers[0].ShouldContain("a document type declaration is refused");
        answers[1].ShouldContain("nested deeper than 64 levels");
        answers[2..4].ShouldAllBe(flood => flood == "" || flood.Contains("longer than 1048576 bytes"));
        answers[4..].ShouldAllBe(crawl => crawl == "" || crawl.StartsWith("HTTP/1.1 408"));
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(64L << 20);
        await ValidateAsync(url);
    }

    private static async Task ValidateAsync(Uri url)
    {
        const string Call = "<methodCall><methodName>partner10.validateLogin</methodName><params><param><value><struct></struct></value></param></params></methodCall>";
        (await SendAsync(url, Whole(Call))).ShouldContain("<int>400</int>");
    }

    private static async IAsyncEnumerable<byte[]> Whole(string xml)
    {
        await Task.CompletedTask;
        yield return Encoding.UTF8.GetBytes($"{Head}Connection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(xml)}\r\n\r\n{xml}");
    }

    /// <summary>A hundred megabytes, with their length told before or in chunks without end.</summary>
    private static async IAsyncEnumerable<byte[]> Flood(long? declared)
    {
        await Task.CompletedTask;
        yield return Encoding.ASCII.GetBytes(declared is null ? $"{Head}Transfer-Encoding: chunked\r\n\r\n" : $"{Head}Content-Length: {declared}\r\n\r\n");
        var piece = new byte[64 << 10];
        piece.AsSpan().Fill((byte)'<');
        for (var sent = 0L; sent < 100_000_000; sent += piece.Length)
        {
            yield return declared is null ? [.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8] : piece;
        }
    }

    /// <summary>A byte now and then, for longer than a server may wait.</summary>
    private static async IAsyncEnumerable<byte[]> Crawl()
    {
        yield return Encoding.ASCII.GetBytes($"{Head}Content-Length: 1000\r\n\r\n");
        for (var i = 0; i < 600; i++)
        {
            await Task.Delay(100);
            yield return [(byte)'<'];
        }
    }

    /// <summary>What the server answered before it closed; empty where it just closed.</summary>
    private static async Task<string> SendAsync(Uri url, IAsyncEnumerable<byte[]> pieces)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, url.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("127.0.0.1");
        var reading = ReadAsync(tls);
        try
        {
            await foreach (var piece in pieces)
            {
                await tls.WriteAsync(piece);
                if (reading.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // The server had enough.
        }

        return await reading;
    }

    private static async Task<string> ReadAsync(SslStream tls)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await tls.ReadAsync(buffer) is > 0 and var got)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, got));
            }
        }
        catch (IOException)
        {
            // Cut: what came before counts.
        }

        return text.ToString();
    }
}
