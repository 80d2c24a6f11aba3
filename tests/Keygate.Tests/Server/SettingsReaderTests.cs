using Keygate.Kernel;
using Keygate.Server;
using Keygate.Storage;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Server;

public sealed class SettingsReaderTests
{
    [Fact]
    public void Nothing_set_gives_usable_defaults()
    {
        var settings = Read().Value;

        settings.Data.ShouldBe(Path.GetFullPath("data"));
        settings.Database.File.ShouldBe(Path.GetFullPath("data/keygate.db"));
        settings.KeyServerDatabase.File.ShouldBe(Path.GetFullPath("data/keyserver.db"));
        settings.Http.ShouldBe(new Uri("http://127.0.0.1:8080"));
        settings.PartnerApi.ShouldBe(new Uri("https://127.0.0.1:7050"));
        settings.Roles.ShouldBe([Role.Provider, Role.KeyServer, Role.Worker], ignoreOrder: true);
    }

    [Fact]
    public void Flags_win_over_the_environment_and_that_over_the_file()
    {
        var file = """{ "http": "http://127.0.0.1:1001", "partnerApi": "https://127.0.0.1:1002", "timeZone": "Europe/Berlin", "roles": ["provider", "worker"] }""";
        var settings = Read(
            file,
            new() { ["KEYGATE_HTTP"] = "http://127.0.0.1:2001", ["KEYGATE_PARTNER_API"] = "https://127.0.0.1:2002", ["KEYGATE_DATA"] = "/tmp/elsewhere" },
            new() { ["--http"] = "http://127.0.0.1:3001" }).Value;

        settings.Http.Port.ShouldBe(3001);
        settings.PartnerApi.Port.ShouldBe(2002);
        settings.TimeZone.Id.ShouldBe("Europe/Berlin");
        settings.Roles.ShouldBe([Role.Provider, Role.Worker], ignoreOrder: true);
        settings.Data.ShouldBe("/tmp/elsewhere");
    }

    [Fact]
    public void All_faults_come_at_once_each_with_key_and_remedy()
    {
        var error = Read(
            """{ "htpp": "http://127.0.0.1:1001" }""",
            new()
            {
                ["KEYGATE_DB"] = "mysql://root:planted@host/db",
                ["KEYGATE_HTTP"] = "ftp://127.0.0.1",
                ["KEYGATE_PARTNER_API"] = "http://0.0.0.0:7050",
                ["KEYGATE_BILLING_API"] = "http://0.0.0.0:5224",
                ["KEYGATE_BILLING_API_ALLOW"] = "192.0.2.7, 192.0.2.0/24, everybody",
                ["KEYGATE_PARTNER_API_PUBLIC"] = "license.example.org",
                ["KEYGATE_SMTP"] = "planted-host",
                ["KEYGATE_MAIL_FROM"] = "nobody",
                ["KEYGATE_PRODUCT_CALLS"] = "-1",
                ["KEYGATE_ROLES"] = "provider,janitor",
                ["KEYGATE_MASTER_KEY"] = "planted-too-short",
                ["KEYGATE_TIME_ZONE"] = "Atlantis",
                ["KEYGATE_TEST_CLOCK"] = "/nowhere/clock",
            },
            []).Error.ShouldNotBeNull();

        var faults = new[] { error }.Concat(error.Others).ToList();
        faults.Select(f => f.Field).ShouldBe(
            ["htpp", "KEYGATE_DB", "KEYGATE_HTTP", "KEYGATE_PARTNER_API", "KEYGATE_BILLING_API", "KEYGATE_BILLING_API_ALLOW", "KEYGATE_PARTNER_API_PUBLIC", "KEYGATE_PRODUCT_CALLS", "KEYGATE_SMTP", "KEYGATE_MAIL_FROM",
                "KEYGATE_ROLES", "KEYGATE_MASTER_KEY", "KEYGATE_TIME_ZONE", "KEYGATE_TEST_CLOCK"]);
        faults.ShouldAllBe(f => f.Remedy.Length > 10 && f.Detail.Contains(f.Field!));
        faults.ShouldAllBe(f => !f.ToString().Contains("planted"));
    }

    [Theory]
    [InlineData("{ \"http\": ", "line 1")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{ "data": "/elsewhere" }""", "'data'")]
    public void A_broken_file_says_where(string file, string says) => Read(file).Error!.Detail.ShouldContain(says);

    [Fact]
    public void The_file_has_names_of_its_own_and_says_so() =>
        Read("""{ "KEYGATE_PARTNER_API": "https://127.0.0.1:7050" }""").Error!.Remedy.ShouldBe("In keygate.json it is called 'partnerApi'.");

    [Theory]
    [InlineData("KEYGATE_HTPP", "KEYGATE_HTTP")]
    [InlineData("KEYGATE_BD", "KEYGATE_DB")]
    [InlineData("KEYGATE_DBS", "KEYGATE_DB")]
    [InlineData("Keygate_Data", "KEYGATE_DATA")]
    [InlineData("KEYGATE_PARTNERAPI", "KEYGATE_PARTNER_API")]
    public void A_misspelt_variable_is_not_passed_over(string name, string meant)
    {
        var error = Read(environment: new() { [name] = "x" }).Error.ShouldNotBeNull();

        error.Field.ShouldBe(name);
        error.Remedy.ShouldContain(meant);
    }

    /// <summary>A cluster names variables after a service; the command line and the demo have their own.</summary>
    [Theory]
    [InlineData("KEYGATE_PORT")]
    [InlineData("KEYGATE_SERVICE_HOST")]
    [InlineData("KEYGATE_PORT_8080_TCP_ADDR")]
    [InlineData("KEYGATE_URL")]
    [InlineData("KEYGATE_TOKEN")]
    [InlineData("PATH")]
    public void Variables_of_others_do_not_disturb(string name) => Read(environment: new() { [name] = "x" }).Error.ShouldBeNull();

    [Theory]
    [InlineData("http://127.0.0.1:8080/base")]
    [InlineData("http://some.host:8080")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("https://127.0.0.1:8080")]
    public void An_address_that_cannot_be_listened_on_is_refused(string http) =>
        Read(environment: new() { ["KEYGATE_HTTP"] = http }).Error!.Field.ShouldBe("KEYGATE_HTTP");

    [Fact]
    public void One_port_cannot_serve_both_doors() =>
        Read(environment: new() { ["KEYGATE_HTTP"] = "http://127.0.0.1:7050" }).Error!.Field.ShouldBe("KEYGATE_PARTNER_API");

    [Theory]
    [InlineData("postgres://k:p@db/keygate", "keyserver")]
    [InlineData("postgres://k:p@db/keygate?schema=blue", "blue_keyserver")]
    public void The_key_server_gets_a_schema_of_its_own_beside_the_providers(string db, string schema)
    {
        var settings = Read(environment: new() { ["KEYGATE_DB"] = db }).Value;

        settings.KeyServerDatabase.Engine.ShouldBe(Engine.PostgreSql);
        settings.KeyServerDatabase.Schema.ShouldBe(schema);
    }

    [Fact]
    public void Both_sides_cannot_share_one_database() =>
        Read(environment: new() { ["KEYGATE_DB"] = "postgres://k@db/keygate", ["KEYGATE_KEYSERVER_DB"] = "postgres://k@db/keygate" }).Error!.Field.ShouldBe("KEYGATE_KEYSERVER_DB");

    [Fact]
    public void What_is_shown_holds_no_secret()
    {
        var key = Convert.ToBase64String(new byte[32]);
        var settings = Read(environment: new() { ["KEYGATE_DB"] = "postgres://k:planted@db/keygate", ["KEYGATE_MASTER_KEY"] = key }).Value;

        var shown = string.Join('\n', SettingsReader.Shown(settings).Select(s => s.Value));

        shown.ShouldNotContain("planted");
        shown.ShouldNotContain(key);
    }

    private static Result<KeygateSettings> Read(string? file = null, Dictionary<string, string>? environment = null, Dictionary<string, string>? flags = null) =>
        SettingsReader.Read(_ => file, name => environment?.GetValueOrDefault(name), name => flags?.GetValueOrDefault(name), environment?.Keys);
}
