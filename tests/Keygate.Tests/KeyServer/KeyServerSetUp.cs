using System.Text.Json.Nodes;
using Keygate.Tests.Server;
using Keygate.XmlRpc;
using Shouldly;

namespace Keygate.Tests.KeyServer;

/// <summary>A key server in a whole server, set up over REST: a price list, the client northwind and its login.</summary>
internal sealed class KeyServerSetUp
{
    private readonly HostUnderTest _server;
    private readonly string _password;

    private KeyServerSetUp(HostUnderTest server, string password) => (_server, _password) = (server, password);

    public static async Task<KeyServerSetUp> OfAsync(HostUnderTest server, string priceList)
    {
        (await server.PostAsync("/keyserver/price-lists", priceList)).Status.ShouldBeInRange(200, 201);
        var client = await server.PostAsync("/keyserver/clients", """{ "login": "northwind", "name": "Northwind Hosting", "priceList": "hosting" }""");
        client.Status.ShouldBeInRange(200, 201, client.Text);
        var login = await server.PostAsync($"/keyserver/clients/{client.Json!["id"]}/logins", """{ "login": "northwind-api" }""");
        return new(server, (string)login.Json!["password"]!);
    }

    /// <summary>Calls a method of Partner API 1.0 with the login.</summary>
    public Task<XmlRpcStruct> CallAsync(string method, params XmlRpcValue[] arguments) => CallAsync(_server, _password, method, arguments);

    /// <summary>The same with another password.</summary>
    public static async Task<XmlRpcStruct> CallAsync(HostUnderTest server, string password, string method, params XmlRpcValue[] arguments)
    {
        var pin = (string)(await server.GetAsync("/keyserver/door")).Json!["certificate"]!;
        using var client = new XmlRpcClient(new() { Url = server.Host.PartnerUrl, Pins = XmlRpcPins.Parse(pin) });
        XmlRpcArray all = [new XmlRpcStruct { ["login"] = "northwind-api", ["password"] = password }, .. arguments];
        var reply = await client.CallAsync($"partner10.{method}", all, CancellationToken.None);
        reply.Kind.ShouldBe(XmlRpcReplyKind.Answered, reply.ToString());
        return reply.Value.AsStruct();
    }

    /// <summary>Orders a key that needs no features and returns its number.</summary>
    public async Task<string> OrderAsync(string keyType, string billing = "billing")
    {
        var answer = await CallAsync("createKey", new XmlRpcStruct(), "northwind", keyType, new XmlRpcArray(), billing);
        answer["resultCode"].AsInt().ShouldBe(100, answer["resultDesc"].AsString());
        return answer["mainKeyNumber"].AsString();
    }

    /// <summary>Asks until an answer is as it should be, which comes by itself, however long the machine takes.</summary>
    public async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> isSo)
    {
        for (var i = 0; ; i++)
        {
            var answer = await _server.GetAsync(path);
            answer.Status.ShouldBe(200, answer.Text);
            if (isSo(answer.Json!))
            {
                return answer.Json!;
            }

            i.ShouldBeLessThan(600, $"It did not happen within a minute: {answer.Text}");
            await Task.Delay(100);
        }
    }
}
