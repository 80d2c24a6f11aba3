using System.Globalization;
using System.Net;
using Keygate.KeyServer;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.XmlRpc;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

/// <summary>What holds for every method: credentials, roles, paths, faults.</summary>
public sealed class DoorTests
{
    [Theory, BothEngines]
    public async Task Lets_a_valid_login_in(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        (await server.CallAsync("validateLogin"))["resultCode"].AsInt().ShouldBe(100);
    }

    [Theory, BothEngines]
    public async Task Rejects_wrong_unknown_and_disabled_logins_with_200(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        (await CodeAsync(server, "northwind-api", "wrong")).ShouldBe(200);
        (await CodeAsync(server, "nobody", server.Password)).ShouldBe(200);
        (await CodeAsync(server, "northwind", server.Password)).ShouldBe(200);

        var login = (await server.Database.ReadAsync(s => server.Get<ClientStore>().CallersAsync(s, ["northwind-api"], CancellationToken.None), CancellationToken.None)).Single();
        await server.DoAsync(tx => server.Get<DisableLoginHandler>().HandleAsync(tx, login.ClientId, login.LoginId, enabled: false, CancellationToken.None));

        (await CodeAsync(server, "northwind-api", server.Password)).ShouldBe(200);
        (await server.CallAsync("getKeyInfo", "nonsense"))["resultCode"].AsInt().ShouldBe(200);
    }

    [Theory, BothEngines]
    public async Task Answers_malformed_credentials_with_400(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        XmlRpcValue[] malformed =
        [
            "northwind-api",
            new XmlRpcStruct(),
            new XmlRpcArray(),
            new XmlRpcStruct { ["login"] = "northwind-api" },
            new XmlRpcStruct { ["login"] = "northwind-api", ["password"] = new XmlRpcArray() },
            new XmlRpcStruct { ["login"] = new string('x', 256), ["password"] = "x" },
            new XmlRpcStruct { ["login"] = "x", ["password"] = new string('x', 64) },
        ];

        foreach (var auth in malformed)
        {
            (await server.CallAsAsync(auth, "validateLogin"))["resultCode"].AsInt().ShouldBe(400);
        }
    }

    [Theory, BothEngines]
    public async Task Takes_credentials_of_digits_that_come_as_numbers(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        var answer = await server.CallAsAsync(new XmlRpcStruct { ["login"] = 12345, ["password"] = 67890 }, "validateLogin");

        answer["resultCode"].AsInt().ShouldBe(200);
    }

    [Theory, BothEngines]
    public async Task Answers_201_for_a_method_that_the_role_does_not_include(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();
        var standard = await AddLoginAsync(server, "standard", LoginRole.Standard);
        var advanced = await AddLoginAsync(server, "advanced", LoginRole.Advanced);

        (await server.CallAsAsync(standard, "getKeyInfo", number))["resultCode"].AsInt().ShouldBe(100);
        (await server.CallAsAsync(standard, "renewKey", number))["resultCode"].AsInt().ShouldBe(201);
        (await server.CallAsAsync(standard, "terminateKey", number))["resultCode"].AsInt().ShouldBe(201);
        (await server.CallAsAsync(advanced, "renewKey", number))["resultCode"].AsInt().ShouldBe(100);
        (await server.CallAsAsync(advanced, "terminateKey", number))["resultCode"].AsInt().ShouldBe(100);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/xmlrpc")]
    [InlineData("/RPC2")]
    public async Task Answers_raw_requests_on_all_three_paths(string path)
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        var request = $"""
            <?xml version="1.0"?>
            <methodCall><methodName>partner10.validateLogin</methodName><params><param><value><struct>
            <member><name>login</name><value>northwind-api</value></member>
            <member><name>password</name><value><string>{server.Password}</string></value></member>
            </struct></value></param></params></methodCall>
            """;

        var (status, body) = await server.PostAsync(request, path);

        status.ShouldBe(HttpStatusCode.OK);
        body.ShouldContain("<name>resultCode</name><value><int>100</int></value>");
    }

    [Fact]
    public async Task Keeps_faults_for_unreadable_requests_unknown_methods_and_wrong_types()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);

        (await server.PostAsync("<methodCall><methodName>partner10.validate")).Body.ShouldContain("-32700");
        (await server.PostAsync("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><methodCall/>")).Body.ShouldContain("<fault>");
        (await server.ReplyAsync("makeKey", [server.Auth])).Fault!.Code.ShouldBe(XmlRpcFaultCodes.MethodNotFound);
        (await server.ReplyAsync("getKeyInfo", [server.Auth, new XmlRpcStruct { ["a"] = 1 }])).Fault!.Code.ShouldBe(XmlRpcFaultCodes.InvalidParameters);
        (await server.ReplyAsync("createKey", [server.Auth, new XmlRpcStruct(), "northwind"])).Fault!.Code.ShouldBe(XmlRpcFaultCodes.InvalidParameters);
    }

    [Fact]
    public async Task Answers_300_while_the_database_is_locked()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite, database: new DatabaseOptions { BusyTimeout = TimeSpan.FromSeconds(1) });
        var number = await server.BareKeyAsync();
        await using var stranger = new SqliteConnection($"Data Source={server.Database.Address.File};Pooling=false");
        await stranger.OpenAsync();
        await using var transaction = stranger.BeginTransaction(deferred: false);

        var answer = await server.CallAsync("renewKey", number);

        answer["resultCode"].AsInt().ShouldBe(300, answer["resultDesc"].AsString());
        await transaction.RollbackAsync();
        (await server.CallAsync("renewKey", number))["keyNumber"].AsString().ShouldBe(number[..^1] + "1");
    }

    [Theory, BothEngines]
    public async Task Answers_a_crash_with_a_fault_that_tells_nothing_of_the_inside(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        await server.Database.WriteAsync(tx => tx.ExecuteAsync("alter table api_logins rename to api_logins_gone", null, CancellationToken.None), CancellationToken.None);

        var fault = (await server.ReplyAsync("validateLogin", [server.Auth])).Fault.ShouldNotBeNull();

        fault.Code.ShouldBe(XmlRpcFaultCodes.InternalError);
        fault.Text.ShouldStartWith("The key server failed while carrying out the call");
        fault.Text.ShouldNotContain("api_logins");
    }

    [Fact]
    public void Every_refusal_of_a_call_has_a_code_and_every_code_a_refusal()
    {
        var errors = typeof(KeyServerErrors).GetFields().Select(f => (Error)f.GetValue(null)!).ToDictionary(e => e.Code);
        var lines = ResultCodes.All.OrderBy(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value}  {pair.Key}: {errors[pair.Key].Title}"));

        Approve.That(string.Join('\n', lines), "result-codes");
    }

    [Fact]
    public async Task The_methods_and_their_forms_are_these()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);

        Approve.That(string.Join('\n', server.Get<PartnerDoor>().Dispatcher.Methods.Select(m => m.Method + m.Signature)), "methods");
    }

    private static async Task<int> CodeAsync(TestKeyServer server, string login, string password) =>
        (await server.CallAsAsync(new XmlRpcStruct { ["login"] = login, ["password"] = password }, "validateLogin"))["resultCode"].AsInt();

    private static async Task<XmlRpcStruct> AddLoginAsync(TestKeyServer server, string login, LoginRole role)
    {
        var caller = (await server.Database.ReadAsync(s => server.Get<ClientStore>().CallersAsync(s, ["northwind-api"], CancellationToken.None), CancellationToken.None)).Single();
        var added = await server.DoAsync(tx => server.Get<AddLoginHandler>().HandleAsync(tx, caller.ClientId, new() { Login = login, Role = role }, TestKeyServer.Staff, CancellationToken.None));
        return new XmlRpcStruct { ["login"] = login, ["password"] = added.Password };
    }
}
