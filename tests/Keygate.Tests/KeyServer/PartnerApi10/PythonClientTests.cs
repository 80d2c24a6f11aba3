using System.ComponentModel;
using System.Diagnostics;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

/// <summary>The published Python sample's client: the standard library's, with the listener's certificate as its only trust.</summary>
public sealed class PythonClientTests
{
    private const string Script = """
        import ssl, sys, xmlrpc.client
        url, password, trust = sys.argv[1:]
        ka = xmlrpc.client.ServerProxy(url + "xmlrpc", context=ssl.create_default_context(cafile=trust)).partner10
        auth = {"login": "northwind-api", "password": password}
        key = ka.createKey(auth, {"ips": ["198.51.100.24"]}, "northwind", "PLESK_10_AND_LATER", ["30_DOMAINS"], "billing")
        number = key["mainKeyNumber"]
        file = ka.retrieveKey(auth, number)
        found = ka.getKeyNumbers(auth, {"ips": ["198.51.100.24"], "macs": []})
        print(key["resultCode"], key["expirationDate"], file["resultCode"], file["key"].data.startswith(b"<key "), found["keyNumbers"] == [number],
              ka.terminateKey(auth, number)["resultCode"], ka.terminateKey(auth, number)["resultCode"])
        """;

    [Fact]
    public async Task Python_orders_fetches_finds_and_terminates()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("trust.pem"), await server.Get<PartnerTlsCertificate>().ToPemAsync(CancellationToken.None));

        using var python = Start(["-c", Script, server.Url.ToString(), server.Password, folder.File("trust.pem")]);
        Assert.SkipWhen(python is null, "Python is not installed here (apt: python3).");
        var errors = python!.StandardError.ReadToEndAsync();
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();

        output.Trim().ShouldBe("100 20260419T00:00:00 100 True True 100 110", await errors);
    }

    private static Process? Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
