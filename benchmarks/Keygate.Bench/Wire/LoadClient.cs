using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Keygate.Bench.Wire;

/// <summary>
/// Posts one request over and over on a number of connections and counts the answers. Over plain sockets a single thread serves all
/// connections, which costs the machine about as little as a load generator in C; each side of a bench is measured with it alike.
/// </summary>
internal static class LoadClient
{
    /// <summary>Stands in a body for a number of eight digits.</summary>
    public const string Number = "########";

    /// <summary>Runs the client as a process of its own for that many seconds, and returns answers per second.</summary>
    /// <param name="port">Where to, on loopback.</param>
    /// <param name="requestFile">The body of each request.</param>
    /// <param name="connections">How many requests are open at a time.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="tls">Over TLS.</param>
    /// <param name="numbers">Where the body holds <see cref="Number"/>, each request has a number from 1 to this one there, drawn by chance.</param>
    public static async Task<double> MeasureAsync(int port, string requestFile, int connections, double seconds, bool tls = false, int numbers = 0)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(LoadClient).Assembly.Location);
        }

        foreach (var argument in (string[])["load", Text(port), requestFile, Text(connections), Text(seconds), tls ? "tls" : "plain", Text(numbers)])
        {
            start.ArgumentList.Add(argument);
        }

        // One thread does the work: the server's garbage collector would only add threads beside it.
        start.Environment["DOTNET_gcServer"] = "0";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The load client failed: {output}");
    }

    /// <summary>The process: port, request file, connections, seconds, tls or plain, numbers.</summary>
    public static int Run(string[] args)
    {
        var port = int.Parse(args[0], CultureInfo.InvariantCulture);
        var body = File.ReadAllBytes(args[1]);
        var connections = int.Parse(args[2], CultureInfo.InvariantCulture);
        var time = TimeSpan.FromSeconds(double.Parse(args[3], CultureInfo.InvariantCulture));
        byte[] head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: text/xml\r\nContent-Length: {body.Length}\r\n\r\n"));
        byte[] request = [.. head, .. body];
        var next = new Requests(request, int.Parse(args[5], CultureInfo.InvariantCulture));
        var rate = args[4] == "tls" ? RunTls(port, request, connections, time) : RunPlain(port, next, connections, time);
        Console.WriteLine(Text(rate));
        return 0;
    }

    private static double RunPlain(int port, Requests requests, int connections, TimeSpan time)
    {
        var endpoint = new IPEndPoint(IPAddress.Loopback, port);
        var lines = new Dictionary<Socket, Answer>();
        for (var i = 0; i < connections; i++)
        {
            Open(endpoint, requests, lines);
        }

        var answers = 0L;
        var clock = Stopwatch.StartNew();
        var ready = new List<Socket>(connections);
        while (clock.Elapsed < time)
        {
            ready.Clear();
            ready.AddRange(lines.Keys);
            Socket.Select(ready, null, null, 1_000_000);
            foreach (var socket in ready)
            {
                var answer = lines[socket];
                var got = socket.Receive(answer.Free, SocketFlags.None, out var error);
                if (got == 0 || error != SocketError.Success)
                {
                    // A server without keep-alive: its answer ended with the one before.
                    Reopen(socket, endpoint, requests, lines);
                    continue;
                }

                if (!answer.Take(got))
                {
                    continue;
                }

                answers++;
                if (answer.Closes)
                {
                    Reopen(socket, endpoint, requests, lines);
                }
                else
                {
                    answer.Reset();
                    socket.Send(requests.Next());
                }
            }
        }

        var elapsed = clock.Elapsed;
        foreach (var socket in lines.Keys)
        {
            socket.Dispose();
        }

        return answers / elapsed.TotalSeconds;
    }

    private static void Reopen(Socket socket, IPEndPoint endpoint, Requests requests, Dictionary<Socket, Answer> lines)
    {
        lines.Remove(socket);
        socket.Dispose();
        Open(endpoint, requests, lines);
    }

    private static void Open(IPEndPoint endpoint, Requests requests, Dictionary<Socket, Answer> lines)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(endpoint);
        lines.Add(socket, new Answer());
        socket.Send(requests.Next());
    }

    private static double RunTls(int port, byte[] request, int connections, TimeSpan time)
    {
        var answers = 0L;
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, connections).Select(_ => new Thread(() => Interlocked.Add(ref answers, RunOneTls(port, request, clock, time)))).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        return answers / clock.Elapsed.TotalSeconds;
    }

    private static long RunOneTls(int port, byte[] request, Stopwatch clock, TimeSpan time)
    {
        using var tcp = new TcpClient { NoDelay = true };
        tcp.Connect(IPAddress.Loopback, port);
        using var stream = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == WireHost.Subject);
        stream.AuthenticateAsClient("127.0.0.1");
        var answers = 0L;
        var answer = new Answer();
        while (clock.Elapsed < time)
        {
            answer.Reset();
            stream.Write(request);
            while (!answer.Take(stream.Read(answer.Free)))
            {
            }

            answers++;
        }

        return answers;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>The requests of one thread: all the same, or with a number of their own in the one place for it.</summary>
    private sealed class Requests(byte[] request, int numbers)
    {
        private readonly int _at = request.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Number));
        private readonly Random _random = new(1);

        public byte[] Next()
        {
            if (_at >= 0 && numbers > 0)
            {
                System.Buffers.Text.Utf8Formatter.TryFormat(_random.Next(1, numbers + 1), request.AsSpan(_at, Number.Length), out _, new('D', (byte)Number.Length));
            }

            return request;
        }
    }

    /// <summary>One answer while it arrives.</summary>
    private sealed class Answer
    {
        private readonly byte[] _bytes = new byte[64 << 10];
        private int _length;

        public Span<byte> Free => _bytes.AsSpan(_length);

        public bool Closes { get; private set; }

        public void Reset() => _length = 0;

        /// <summary>Adds what arrived; true when the answer is whole. Anything but 200 ends the run.</summary>
        public bool Take(int got)
        {
            _length += got > 0 ? got : throw new InvalidOperationException("The server closed the connection.");
            var text = _bytes.AsSpan(0, _length);
            var end = text.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return false;
            }

            var head = text[..end];
            if (!head[8..].StartsWith(" 200 "u8))
            {
                throw new InvalidOperationException($"The server answered {Encoding.ASCII.GetString(head[..Math.Min(head.Length, 60)])}.");
            }

            var at = head.IndexOf("ontent-"u8) is >= 0 and var first ? Length(head[first..]) : -1;
            if (at < 0)
            {
                throw new InvalidOperationException("The answer has no length.");
            }

            Closes = head.StartsWith("HTTP/1.0"u8);
            return _length >= end + 4 + at;
        }

        private static int Length(ReadOnlySpan<byte> head)
        {
            while (true)
            {
                var at = head.IndexOf("ength: "u8);
                if (at < 0)
                {
                    return -1;
                }

                head = head[(at + 7)..];
                if (System.Buffers.Text.Utf8Parser.TryParse(head, out int length, out _))
                {
                    return length;
                }
            }
        }
    }
}
