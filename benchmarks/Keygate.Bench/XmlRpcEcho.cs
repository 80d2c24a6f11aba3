using System.Globalization;
using Keygate.Bench.Wire;
using Keygate.XmlRpc;
using Microsoft.AspNetCore.Http;

namespace Keygate.Bench;

/// <summary>
/// What XML-RPC costs: a Partner API call that is read, parsed, dispatched by overload, its arguments taken out typed, its answer built
/// and written, against a bare Kestrel handler that reads the same body and writes the same bytes.
/// </summary>
internal static class XmlRpcEcho
{
    private const int Connections = 32;
    private const double KestrelSeen = 52_900;

    public static Bench Bench { get; } = new(
        "xmlrpc-echo",
        "a parsed, dispatched, answered Partner API call without a database, against a bare Kestrel POST handler",
        RunAsync);

    private static async Task<BenchResult> RunAsync(BenchSettings settings)
    {
        var folder = AppContext.BaseDirectory;
        var requestFile = Path.Combine(folder, "payloads", "createkey-request.xml");
        var answer = await File.ReadAllBytesAsync(Path.Combine(folder, "payloads", "createkey-response.xml"));
        var dispatcher = Dispatcher();
        await using var bare = await WireHost.StartAsync(http => AnswerBareAsync(http, answer));
        await using var ours = await WireHost.StartAsync(http => AnswerOursAsync(http, dispatcher));
        await CheckSameBytesAsync(ours.PlainPort, requestFile, answer);

        var plain = await CompareAsync(bare.PlainPort, ours.PlainPort, requestFile, settings, tls: false);
        var tls = await CompareAsync(bare.TlsPort, ours.TlsPort, requestFile, settings with { Rounds = Math.Min(settings.Rounds, 3) }, tls: true);

        var result = new BenchResult(Figures.Median(plain.Ours.Rates) / Figures.Median(plain.Bare.Rates), Floor: 0.6);
        result.Lines.Add($"bare Kestrel {Figures.Rates(plain.Bare.Rates)}");
        result.Lines.Add($"Keygate.XmlRpc {Figures.Rates(plain.Ours.Rates)}");
        result.Lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"the server's processor time for each call: {Figures.Median(plain.Bare.CpuMicroseconds):0.0} us and {Figures.Median(plain.Ours.CpuMicroseconds):0.0} us"));
        result.Lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"beside, over TLS: bare Kestrel {Figures.Rates(tls.Bare.Rates)}, Keygate.XmlRpc {Figures.Rates(tls.Ours.Rates)}, ratio {Figures.Median(tls.Ours.Rates) / Figures.Median(tls.Bare.Rates):0.00}"));
        result.Lines.Add(await BesideAsync("xmlrpc-c's Abyss", await PeerProcess.TryStartAbyssAsync(Path.Combine(folder, "peers", "abyss-echo.c")), requestFile, settings));
        result.Lines.Add(await BesideAsync("Python's xmlrpc.server", await PeerProcess.TryStartAsync("python3", Path.Combine(folder, "peers", "python-echo.py")), requestFile, settings));
        result.ComparePeer("bare Kestrel", Figures.Median(plain.Bare.Rates), KestrelSeen);
        return result;
    }

    private static async Task<(Side Bare, Side Ours)> CompareAsync(int bare, int ours, string requestFile, BenchSettings settings, bool tls)
    {
        // Unmeasured first, until the compiler's last tier has seen both.
        await LoadClient.MeasureAsync(bare, requestFile, Connections, settings.Seconds, tls);
        await LoadClient.MeasureAsync(ours, requestFile, Connections, settings.Seconds, tls);
        var (bareSide, ourSide) = (new Side(), new Side());
        for (var round = 0; round < settings.Rounds; round++)
        {
            await MeasureAsync(bareSide, bare);
            await MeasureAsync(ourSide, ours);
        }

        return (bareSide, ourSide);

        async Task MeasureAsync(Side side, int port)
        {
            var before = Environment.CpuUsage.TotalTime;
            var rate = await LoadClient.MeasureAsync(port, requestFile, Connections, settings.Seconds, tls);
            side.Rates.Add(rate);
            side.CpuMicroseconds.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / (rate * settings.Seconds));
        }
    }

    /// <summary>What the rounds of one side gave. The processor's time tells the cost of a call even where others use the machine too.
    /// </summary>
    private sealed class Side
    {
        public List<double> Rates { get; } = [];

        public List<double> CpuMicroseconds { get; } = [];
    }

    private static async Task<string> BesideAsync(string name, PeerProcess? peer, string requestFile, BenchSettings settings)
    {
        if (peer is null)
        {
            return $"beside, {name}: not installed here";
        }

        await using (peer)
        {
            var rate = await LoadClient.MeasureAsync(peer.Port, requestFile, Connections, settings.Seconds);
            return string.Create(CultureInfo.InvariantCulture, $"beside, {name} {rate:#,0}/s");
        }
    }

    private static async Task CheckSameBytesAsync(int port, string requestFile, byte[] expected)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(requestFile));
        using var response = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/"), content);
        if (!(await response.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(expected))
        {
            throw new InvalidOperationException("Both sides must send the same bytes.");
        }
    }

    private static async Task AnswerBareAsync(HttpContext http, byte[] answer)
    {
        var body = http.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(http.RequestAborted);
            if (read.IsCompleted)
            {
                body.AdvanceTo(read.Buffer.End);
                break;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        http.Response.ContentType = "text/xml; charset=utf-8";
        http.Response.ContentLength = answer.Length;
        await http.Response.BodyWriter.WriteAsync(answer, http.RequestAborted);
    }

    private static async Task AnswerOursAsync(HttpContext http, XmlRpcDispatcher<HttpContext> dispatcher)
    {
        using var answer = await dispatcher.AnswerAsync(http.Request.BodyReader, charset: null, http, http.RequestAborted);
        http.Response.ContentType = "text/xml; charset=utf-8";
        http.Response.ContentLength = answer.Length;
        await http.Response.BodyWriter.WriteAsync(answer.Memory, http.RequestAborted);
    }

    /// <summary>The forms of createKey, and a few neighbours to tell it from.</summary>
    private static XmlRpcDispatcher<HttpContext> Dispatcher()
    {
        var (text, fields, list, flag) = (XmlRpcLenient.Text, XmlRpcLenient.Struct, XmlRpcLenient.Array, XmlRpcLenient.Flag);
        XmlRpcParameter strictText = XmlRpcKinds.String;
        var dispatcher = new XmlRpcDispatcher<HttpContext>();
        return dispatcher
            .Register("partner10.validateLogin", new(fields), CreateKey)
            .Register("partner10.getKeyInfo", new(fields, text), CreateKey)
            .Register("partner10.retrieveKey", new(fields, text), CreateKey)
            .Register("partner10.retrieveKey", new(fields, text, flag), CreateKey)
            .Register("partner10.createKey", new(fields, fields, text, text, list.Optional), CreateKey)
            .Register("partner10.createKey", new(fields, fields, text, text, list, strictText), CreateKey)
            .Register("partner10.createKey", new(fields, fields, text, text, list, fields, list, fields), CreateKey)
            .Register("partner10.createKey", new(fields, fields, text, text, list, fields, list, fields, strictText), CreateKey);
    }

    private static ValueTask<XmlRpcValue> CreateKey(XmlRpcArguments arguments, HttpContext http, CancellationToken cancellationToken)
    {
        var auth = arguments[0].AsStruct();
        var address = arguments[1].AsStruct();
        var read = auth["login"].AsString().Length + auth["password"].AsString().Length;
        read += address.GetOrNil("ips").TryToTexts(out var ips) ? ips.Count : 0;
        read += address.GetOrNil("macs").TryToTexts(out var macs) ? macs.Count : 0;
        read += arguments[2].TryToText(out var client) ? client.Length : 0;
        read += arguments[3].TryToText(out var keyType) ? keyType.Length : 0;
        read += arguments[4].TryToTexts(out var plans) ? plans.Count : 0;
        read += arguments[5].AsString().Length;
        if (read != 13 + 6 + 1 + 0 + 9 + 18 + 1 + 7)
        {
            throw new XmlRpcFaultException(XmlRpcFaultCodes.ApplicationError, "The arguments are not those of the bench.");
        }

        return new(new XmlRpcStruct
        {
            ["resultCode"] = 100,
            ["resultDesc"] = "PLSK.00041207.0000 created.",
            ["mainKeyNumber"] = "PLSK.00041207.0000",
            ["expirationDate"] = new DateOnly(2026, 4, 18),
            ["updateDate"] = new DateOnly(2026, 4, 8),
            ["productKey"] = "K7T0Q2-ZP41M9-00RXV3-L8C5HD-3W6YFA",
            ["additionalKeysNumbers"] = new XmlRpcArray(),
        });
    }
}
