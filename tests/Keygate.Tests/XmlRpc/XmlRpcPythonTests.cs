using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

/// <summary>Python's own <c>xmlrpc</c>, both ways, where python3 is installed.</summary>
public sealed class XmlRpcPythonTests
{
    private const string Caller = """
        import datetime, sys, xmlrpc.client
        server = xmlrpc.client.ServerProxy(sys.argv[1], use_builtin_types=True)
        value = {
            "whole": -7, "flag": True, "real": 1.5e-7, "text": "Gr\u00fc\u00dfe <&> \U0001F511\n\t end ", "empty": "",
            "bytes": b"\x00\xff" * 100, "date": datetime.datetime(2026, 4, 18, 13, 14, 15),
            "list": [1, [], {}, "x"], "nested": {"a": {"b": [False]}},
        }
        assert server.echo(value) == value, server.echo(value)
        try:
            server.nobody(1)
        except xmlrpc.client.Fault as fault:
            assert fault.faultCode == -32601, fault
            assert fault.faultString == "There is no method nobody.", fault
        try:
            server.echo(1, 2)
        except xmlrpc.client.Fault as fault:
            assert fault.faultCode == -32602, fault
        print("done")
        """;

    private const string Callee = """
        import sys
        from xmlrpc.server import SimpleXMLRPCServer
        server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True, use_builtin_types=True)
        server.register_function(lambda value: value, "echo")
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """;

    [Fact]
    public async Task Python_calls_our_server()
    {
        await using var server = await XmlRpcClientTests.Server.StartAsync(certificate: null);
        using var python = Start(Caller, server.Url.ToString());

        var output = await python.StandardOutput.ReadToEndAsync();

        output.Trim().ShouldBe("done", await python.StandardError.ReadToEndAsync());
    }

    [Fact]
    public async Task Our_client_calls_Python()
    {
        using var python = Start(Callee);
        try
        {
            var port = int.Parse(await python.StandardOutput.ReadLineAsync() ?? "", CultureInfo.InvariantCulture);
            using var client = new XmlRpcClient(new() { Url = new($"http://127.0.0.1:{port}/RPC2") });
            XmlRpcValue value = new XmlRpcStruct
            {
                ["whole"] = -7,
                ["flag"] = true,
                ["real"] = 1.5e-7,
                ["text"] = "Grüße <&> \U0001F511\n\t end ",
                ["empty"] = "",
                ["bytes"] = new byte[] { 0, 255, 7 },
                ["date"] = new DateTime(2026, 4, 18, 13, 14, 15, DateTimeKind.Unspecified),
                ["list"] = XmlRpcArray.Create(1, new XmlRpcArray(), new XmlRpcStruct(), XmlRpcValue.Nil),
            };

            var reply = await client.CallAsync("echo", [value], CancellationToken.None);
            var fault = await client.CallAsync("nobody", [], CancellationToken.None);

            reply.Value.ShouldBe(value, reply.Text);
            fault.Kind.ShouldBe(XmlRpcReplyKind.Fault, fault.Text);
            fault.Text.ShouldContain("method \"nobody\" is not supported");
        }
        finally
        {
            python.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(string script, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", ["-c", script, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("python3 is not installed.");
            throw;
        }
    }
}
