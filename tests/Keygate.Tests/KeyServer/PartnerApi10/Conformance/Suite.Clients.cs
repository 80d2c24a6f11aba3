namespace Keygate.Tests.KeyServer.PartnerApi10.Conformance;

/// <summary>Reference 5.</summary>
internal sealed partial class Suite
{
    private void Clients()
    {
        Method("createClient", "5.1", 100, 200, 201, 251, 300, 400, 431, 432, 433, 434, 435, 436, 437, 438, 439, 440, 441, 442, 443, 444);
        Form("AuthInfo, ClientInfo", w => Done(World.ClientInfo($"client-{w.Next()}")));
        On(251, w => Done(w.Auth, World.ClientInfo("acme")));
        var malformed = new[]
        {
            (431, "login", "a b"), (432, "password", new string('x', 33)), (433, "firstName", ""), (434, "lastName", new string('x', 65)), (435, "company", ""), (436, "address", ""),
            (437, "email", "ada at engines"), (438, "phone", ""), (439, "fax", new string('1', 129)), (440, "city", ""), (441, "zip", new string('1', 17)),
            (442, "state", new string('x', 33)), (443, "country", "GBR"), (444, "language", "english"),
        };
        foreach (var (code, field, value) in malformed)
        {
            On(code, w => Done(w.Auth, World.ClientInfo($"client-{w.Next()}", field, value)));
        }

        On(433, w => Done(w.Auth, Raw.None));
        On(444, w => Done(w.Auth, World.ClientInfo($"client-{w.Next()}", "email_language", "x")));

        Method("searchClients", "5.2", 100, 101, 200, 201, 300, 400, 410, 447, 448, 449, 450, 451);
        Form("AuthInfo, ClientSearchInfo", _ => Done(Raw.Struct(("firstName", Raw.Text("ada")))));
        On(101, w => Done(w.Auth, Raw.Struct(("companyName", Raw.Text("nobody")))));
        On(410, w => Done(w.Auth, Raw.Struct(("keyNumber", Raw.Text("41207")))));
        On(447, w => Done(w.Auth, Raw.Struct(("firstName", Raw.Text(new string('x', 65))))));
        On(448, w => Done(w.Auth, Raw.Struct(("lastName", Raw.Text(new string('x', 65))))));
        On(449, w => Done(w.Auth, Raw.Struct(("companyName", Raw.Text(new string('x', 65))))));
        On(450, w => Done(w.Auth, Raw.Struct(("email", Raw.Text(new string('x', 257))))));
        On(451, w => Done(w.Auth, Raw.Struct()));
        On(451, w => Done(w.Auth, Raw.None));

        Method("validateLogin", "5.3", 100, 200, 300, 400);
        Form("AuthInfo", _ => Done());

        Method("generateNewPassword", "5.4", 100, 200, 201, 300, 400);
        _form = "AuthInfo";
        Door(_ => Done());
        On(100, async w => [await w.AddLoginAsync("acme", $"renewed-{w.Next()}")]);

        Method("getProductConfigurations", "5.5", 100, 200, 201, 202, 250, 252, 253, 300, 400);
        foreach (var (form, rest) in new (string, string[])[] { ("AuthInfo, clientId", []), ("AuthInfo, clientId, enabled", [Raw.Bool(true)]) })
        {
            Form(form, _ => Done([Raw.Text("acme"), .. rest]));
            On(202, w => Done([w.Auth, Raw.Text("contoso"), .. rest]));
            On(250, w => Done([w.Auth, Raw.Text("nobody"), .. rest]));
            On(252, w => Done([w.Auth, Raw.Text("problem"), .. rest]));
            On(253, w => Done([w.Auth, Raw.Text("unconfirmed"), .. rest]));
        }
    }

    private static Task<string[]> Done(params string[] arguments) => Task.FromResult(arguments);
}
