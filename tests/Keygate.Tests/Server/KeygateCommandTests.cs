using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Keygate.Server;
using Keygate.Testing;
using Keygate.Tests.Verification;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Server;

[Trait("Needs", "Processes")]
public sealed class KeygateCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serves_until_SIGTERM_and_ends_with_0_in_time()
    {
        var (url, environment) = Settings();
        await using var server = KeygateProcess.Start(_folder.Path, environment, "serve");
        await server.ReadyAsync(url);
        using var http = new HttpClient();
        (await http.GetAsync(new Uri(url, "/health/live"))).EnsureSuccessStatusCode();

        var begun = Stopwatch.GetTimestamp();
        server.Terminate();

        (await server.EndAsync(TimeSpan.FromSeconds(20))).ShouldBe(0, server.Errors);
        Stopwatch.GetElapsedTime(begun).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        server.Output.ShouldContain("First administrator: ");
        server.Output.ShouldContain("/setup?key=kgs_");
        server.Errors.ShouldBe("");
    }

    [Fact]
    public async Task Another_server_on_the_folder_or_the_port_is_refused_in_one_sentence()
    {
        var (url, environment) = Settings();
        using var taken = new TcpListener(IPAddress.Loopback, url.Port);
        taken.Start();

        var (code, output, errors) = await KeygateProcess.RunAsync(_folder.Path, environment, "serve");

        code.ShouldBe(1);
        errors.Trim().Split('\n').Length.ShouldBe(2, errors);
        errors.ShouldContain($"KEYGATE_HTTP: another program listens on 127.0.0.1:{url.Port}");
        output.ShouldBe("");
    }

    [Fact]
    public async Task All_faults_of_the_settings_are_printed_and_nothing_is_made()
    {
        var (code, _, errors) = await KeygateProcess.RunAsync(
            _folder.Path,
            new Dictionary<string, string> { ["KEYGATE_HTTP"] = "nonsense", ["KEYGATE_ROLES"] = "janitor" },
            "serve", "--time-zone", "Atlantis");

        code.ShouldBe(2);
        errors.ShouldContain("KEYGATE_HTTP");
        errors.ShouldContain("KEYGATE_ROLES");
        errors.ShouldContain("KEYGATE_TIME_ZONE");
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("order", "show")]
    [InlineData("order", "show", "one")]
    [InlineData("order", "pay", "1")]
    [InlineData("verify", "file")]
    [InlineData("order")]
    public async Task Wrong_usage_ends_with_2(params string[] arguments) =>
        (await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), arguments)).Code.ShouldBe(2);

    [Theory]
    [InlineData("'one' is no whole number up to 2147483647, and <id> is one.", "order", "show", "one")]
    [InlineData("'ten' is no whole number, and --amount is one.", "order", "pay", "1", "--amount", "ten", "--currency", "EUR")]
    [InlineData("'9999999999' is no whole number up to 2147483647, and --customer is one.", "order", "place", "--customer", "9999999999", "--plan", "1")]
    public async Task A_value_that_does_not_fit_is_named_with_where_it_stands(string says, params string[] arguments) =>
        (await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), arguments)).Errors
            .ShouldBe($"{says}\nSee 'keygate {arguments[0]} {arguments[1]} --help'.\n");

    [Fact]
    public void Every_verb_can_answer_as_JSON()
    {
        static IEnumerable<(string Path, Command Verb)> Verbs(string path, Command command) => command.Subcommands.Count == 0
            ? [(path, command)]
            : command.Subcommands.SelectMany(sub => Verbs($"{path} {sub.Name}", sub));

        var verbs = Verbs("keygate", KeygateCommand.Root()).ToList();

        verbs.Count.ShouldBeGreaterThan(90);
        verbs.Where(v => v.Verb.Options.All(o => o.Name != "--json")).Select(v => v.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Settings_and_migrations_are_told_as_JSON()
    {
        var settings = await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string> { ["KEYGATE_HTTP"] = "http://127.0.0.1:5" }, "settings", "--json");
        var migrated = await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), "migrate", "--json");

        ((string)JsonNode.Parse(settings.Output)!["KEYGATE_HTTP"]!).ShouldBe("http://127.0.0.1:5/");
        JsonNode.Parse(migrated.Output)!["applied"]!.AsArray().Select(line => (string)line!).ShouldContain(line => line.EndsWith("Accounts 0001 accounts"));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("order", "place", "--help")]
    [InlineData("keyserver", "login", "add", "--help")]
    public async Task Help_ends_with_0(params string[] arguments)
    {
        var (code, output, _) = await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), arguments);

        code.ShouldBe(0);
        output.ShouldContain("Usage:");
    }

    [Fact]
    public async Task A_server_that_is_not_there_ends_with_3_and_an_unknown_one_with_2()
    {
        var there = new Dictionary<string, string> { ["KEYGATE_URL"] = $"http://127.0.0.1:{FreePort.Take()}", ["KEYGATE_TOKEN"] = "kgt_any" };

        var unreachable = await KeygateProcess.RunAsync(_folder.Path, there, "customer", "list");
        var unknown = await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), "customer", "list");

        unreachable.Code.ShouldBe(3);
        unreachable.Errors.ShouldContain("keygate serve");
        unknown.Code.ShouldBe(2);
        unknown.Errors.ShouldContain("KEYGATE_URL");
    }

    [Fact]
    public async Task The_command_line_works_with_the_file_in_the_data_folder()
    {
        await using var server = await HostUnderTest.StartAsync();
        var environment = new Dictionary<string, string> { ["KEYGATE_DATA"] = server.Settings.Data };

        var added = await KeygateProcess.RunAsync(_folder.Path, environment, "customer", "add", "--name", "Ann", "--email", "ann@example.org", "--json");
        var listed = await KeygateProcess.RunAsync(_folder.Path, environment, "customer", "list");
        var refused = await KeygateProcess.RunAsync(_folder.Path, environment, "customer", "add", "--name", "Ann", "--email", "nobody");
        var wrongToken = await KeygateProcess.RunAsync(
            _folder.Path, new Dictionary<string, string> { ["KEYGATE_URL"] = server.Host.HttpUrl.ToString() + "api/v1", ["KEYGATE_TOKEN"] = "kgt_wrong" }, "customer", "list");

        added.Code.ShouldBe(0, added.Errors);
        ((int)JsonNode.Parse(added.Output)!["id"]!).ShouldBe(1000001);
        listed.Output.ShouldBe("id       name  email\n1000001  Ann   ann@example.org\n");
        refused.Code.ShouldBe(1);
        refused.Errors.ShouldBe("'nobody' is no mail address. (accounts.email-invalid)\n  Write it as name@example.org.\n");
        wrongToken.Code.ShouldBe(1);
        wrongToken.Errors.ShouldContain("accounts.token-unknown");
    }

    [Fact]
    public async Task A_write_is_repeated_with_its_idempotency_key()
    {
        await using var server = await HostUnderTest.StartAsync();
        var environment = new Dictionary<string, string> { ["KEYGATE_DATA"] = server.Settings.Data };
        string[] arguments = ["customer", "add", "--name", "Ann", "--email", "ann@example.org", "--json", "--idempotency-key", "k1"];

        var first = await KeygateProcess.RunAsync(_folder.Path, environment, arguments);
        var again = await KeygateProcess.RunAsync(_folder.Path, environment, arguments);

        again.Output.ShouldBe(first.Output);
        (await server.GetAsync("/customers")).Json!["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Migrate_prepares_a_folder_and_says_when_there_is_nothing_to_do()
    {
        var first = await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), "migrate");
        var again = await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), "migrate");

        first.Code.ShouldBe(0, first.Errors);
        first.Output.ShouldContain("Accounts 0001 accounts");
        again.Output.ShouldBe("The databases are up to date.\n");
    }

    [Fact]
    public async Task Verify_names_what_it_cannot_read()
    {
        var missing = await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), "verify", "nowhere.xml", "--trust", "nowhere.pem");
        await File.WriteAllTextAsync(_folder.File("license.xml"), "<key>");
        await File.WriteAllTextAsync(_folder.File("trust.pem"), "no certificate");
        var untrusted = await KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), "verify", "license.xml", "--trust", "trust.pem");

        missing.Code.ShouldBe(1);
        missing.Errors.ShouldContain("nowhere.xml");
        untrusted.Code.ShouldBe(1);
        untrusted.Errors.ShouldContain("server.trust-bundle-unreadable");
    }

    [Fact]
    public async Task Verify_takes_tokens_signed_bundles_and_status_lists_and_remembers_their_numbers()
    {
        var now = TimeProvider.System.GetUtcNow();
        var license = Licenses.Small() with { Bindings = [new(BindingKind.HardwareId, "H1")] };
        await File.WriteAllTextAsync(_folder.File("token"), await Licenses.Ecdsa.SignTokenAsync(license, CancellationToken.None) + "\n");
        await File.WriteAllTextAsync(_folder.File("root.pem"), TrustBundle.Of([Licenses.Root.Certificate]).ToPem());
        async Task TrustAsync(long number) => await File.WriteAllTextAsync(_folder.File("trust.json"), await Licenses.Root.SignTrustAsync(
            new() { Number = number, IssuedAt = now, Keys = [("ec-1", Licenses.Ecdsa.Certificate)] }, CancellationToken.None));
        async Task StatusAsync(KeyStatus status) => await File.WriteAllTextAsync(_folder.File("status"), await Licenses.Root.SignStatusAsync(
            new() { Shard = 0, Number = 2, IssuedAt = now, ExpiresAt = now.AddHours(1), Keys = [(41207, status)] }, CancellationToken.None));
        Task<(int Code, string Output, string Errors)> VerifyAsync(params string[] more) =>
            KeygateProcess.RunAsync(_folder.Path, new Dictionary<string, string>(), ["verify", "token", "--trust", "trust.json", .. more]);
        await TrustAsync(3);
        await StatusAsync(KeyStatus.Good);

        var good = await VerifyAsync("--root", "root.pem", "--status", "status", "--seen", "seen", "--hardware-id", "H1", "--json");
        good.Code.ShouldBe(0, good.Errors);
        ((string)JsonNode.Parse(good.Output)!["keyNumber"]!).ShouldBe("PLSK.00041207");
        (await File.ReadAllTextAsync(_folder.File("seen"))).ShouldBe("trust=3 0=2\n");
        (await VerifyAsync()).Errors.ShouldContain("--root");
        (await VerifyAsync("--root", "root.pem", "--hardware-id", "H2")).Errors.ShouldContain("bound to another machine");

        await StatusAsync(KeyStatus.Suspended);
        var suspended = await VerifyAsync("--root", "root.pem", "--status", "status");
        suspended.Code.ShouldBe(1);
        suspended.Errors.ShouldContain("suspended");
        await TrustAsync(2);
        (await VerifyAsync("--root", "root.pem", "--seen", "seen")).Errors.ShouldContain("older than one that was seen before");
    }

    private (Uri Url, Dictionary<string, string> Environment) Settings()
    {
        var ports = FreePort.Take(2);
        var url = new Uri($"http://127.0.0.1:{ports[0]}");
        return (url, new Dictionary<string, string>
        {
            ["KEYGATE_DATA"] = _folder.File("data"), ["KEYGATE_HTTP"] = url.ToString(), ["KEYGATE_PARTNER_API"] = $"https://127.0.0.1:{ports[1]}", ["KEYGATE_BILLING_API"] = "off",
        });
    }
}
