using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Keygate.Kernel;
using Keygate.Server;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Server;

public sealed class KeygateHostTests
{
    [Theory, BothEngines]
    public async Task Starts_on_an_empty_folder_and_is_ready(Engine engine)
    {
        await using var server = await HostUnderTest.StartAsync(engine);

        (await Reply.OfAsync(server.Anonymous.GetAsync("/health/live"))).Status.ShouldBe(200);
        var ready = await server.ReadyAsync();
        ready.Json!["checks"]!.AsArray().Select(c => (string)c!["name"]!).ShouldBe(["started", "database", "key server's database", "work"]);
        ready.Json!["checks"]!.AsArray().ShouldAllBe(c => (bool)c!["ok"]!);
        (await server.Anonymous.GetStringAsync("/about")).ShouldContain("provider, keyserver, worker");
    }

    [Theory, BothEngines]
    public async Task Starts_again_on_its_data_with_the_same_token(Engine engine)
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, engine);
        string token;
        await using (var first = await HostUnderTest.StartAsync(settings))
        {
            token = CliFile.Read(settings.Data)!.Token;
            first.Host.Migrated.ShouldNotBeEmpty();
        }

        await using var second = await HostUnderTest.StartAsync(settings);

        second.Host.Migrated.ShouldBeEmpty();
        CliFile.Read(settings.Data)!.Token.ShouldBe(token);
        new Uri(CliFile.Read(settings.Data)!.Url).Port.ShouldBe(second.Host.HttpUrl.Port);
        (await second.GetAsync("/customers")).Status.ShouldBe(200);
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task Secrets_in_the_data_folder_are_for_its_owner_alone()
    {
        await using var server = await HostUnderTest.StartAsync();

        foreach (var file in new[] { "cli.json", "master.key" })
        {
            File.GetUnixFileMode(Path.Combine(server.Settings.Data, file)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [Fact]
    public async Task A_port_in_use_gives_one_sentence_and_the_remedy()
    {
        using var folder = new TempFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var settings = await HostUnderTest.SettingsAsync(folder, Engine.Sqlite) with { Http = new Uri($"http://127.0.0.1:{port}") };

        var error = await RefusalAsync(settings);

        error.Code.ShouldBe("server.port-in-use");
        error.Detail.ShouldContain($"{port}");
        error.Remedy.ShouldContain("KEYGATE_HTTP");
    }

    [Theory, BothEngines]
    public async Task A_foreign_master_key_is_refused_before_anything_is_written(Engine engine)
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, engine);
        await using (await HostUnderTest.StartAsync(settings))
        {
        }

        var error = await RefusalAsync(settings with { MasterKey = MasterKey.Parse(Convert.ToBase64String(new byte[32])).Value });

        error.Code.ShouldBe("storage.master-key-foreign");
        error.Remedy.ShouldContain("KEYGATE_MASTER_KEY");
    }

    [Fact]
    public async Task A_broken_master_key_file_is_refused()
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, Engine.Sqlite);
        Directory.CreateDirectory(settings.Data);
        await File.WriteAllTextAsync(Path.Combine(settings.Data, "master.key"), "not a key");

        KeygateHost.Build(settings).Error!.Code.ShouldBe("storage.master-key-unreadable");
        // The folder is let go again: the mended key starts.
        File.Delete(Path.Combine(settings.Data, "master.key"));
        await using var server = await HostUnderTest.StartAsync(settings);
    }

    [Theory, BothEngines]
    public async Task A_database_of_a_newer_program_is_refused(Engine engine)
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, engine);
        await using (await HostUnderTest.StartAsync(settings))
        {
        }

        await using (var database = Database.At(settings.Database))
        {
            await database.WriteAsync(tx => tx.ExecuteAsync(
                "insert into migrations(room, number, name, checksum, oldest_program, applied_by, applied_at) values ('Orders', 99, 'future', 'x', '9.0.0', '9.1.0', 0)",
                null, CancellationToken.None), CancellationToken.None);
        }

        var error = await RefusalAsync(settings);

        error.Code.ShouldBe("storage.program-too-old");
        error.Detail.ShouldContain("9.0.0");
    }

    [Fact]
    public async Task Two_processes_cannot_work_on_one_folder_with_SQLite()
    {
        await using var server = await HostUnderTest.StartAsync();

        KeygateHost.Build(server.Settings).Error!.Code.ShouldBe("storage.folder-in-use");
    }

    [Fact]
    public async Task Two_processes_can_share_PostgreSQL_and_the_folder()
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, Engine.PostgreSql);
        await using var first = await HostUnderTest.StartAsync(settings);
        await using var second = await HostUnderTest.StartAsync(settings);

        await first.PostAsync("/customers", """{"name":"Ann","email":"ann@example.org"}""");

        (await second.GetAsync("/customers/1000001")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_named()
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, Engine.Sqlite);
        var nobody = DatabaseAddress.Parse($"postgres://keygate:planted@127.0.0.1:{FreePort.Take()}/keygate").Value;

        var error = await RefusalAsync(settings with { Database = nobody });

        error.Code.ShouldBe("storage.unreachable");
        error.Detail.ShouldContain("postgres://keygate@127.0.0.1");
        error.ToString().ShouldNotContain("planted");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, Engine.Sqlite);
        Directory.CreateDirectory(settings.Data);
        await File.WriteAllTextAsync(settings.Database.File!, new string('x', 5000));

        (await RefusalAsync(settings)).Detail.ShouldContain(settings.Database.File!);
    }

    [Fact]
    public async Task A_worker_serves_health_and_no_REST()
    {
        await using var server = await HostUnderTest.StartAsync(with: s => s with { Roles = new HashSet<Role> { Role.Worker } });

        await server.ReadyAsync();
        (await server.GetAsync("/customers")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Each_door_answers_on_its_own_listener_alone()
    {
        await using var server = await HostUnderTest.StartAsync();
        using var pinned = X509Certificate2.CreateFromPem((string)(await server.GetAsync("/keyserver/door")).Json!["certificate"]!);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(pinned);
        using var partner = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } }) { BaseAddress = server.Host.PartnerUrl };
        const string call = "<?xml version=\"1.0\"?><methodCall><methodName>nothing</methodName></methodCall>";

        foreach (var path in new[] { "/", "/RPC2", "/xmlrpc" })
        {
            using var there = await partner.PostAsync(path, new StringContent(call));
            using var here = await server.Client.PostAsync(path, new StringContent(call));

            (await there.Content.ReadAsStringAsync()).ShouldContain("fault");
            ((int)here.StatusCode).ShouldBeGreaterThanOrEqualTo(404);
        }

        foreach (var path in new[] { "/", "/setup", "/health/ready", "/health/live", "/openapi/v1.json", "/api/v1/customers" })
        {
            using var there = await partner.GetAsync(path);
            ((int)there.StatusCode).ShouldBeOneOf([404, 405], path);
        }
    }

    [Fact]
    public async Task The_partner_listener_shows_the_same_certificate_after_a_restart()
    {
        using var folder = new TempFolder();
        var settings = await HostUnderTest.SettingsAsync(folder, Engine.Sqlite);
        var seen = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await using var server = await HostUnderTest.StartAsync(settings);
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, server.Host.PartnerUrl.Port);
            await using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) =>
            {
                seen.Add(certificate!.GetCertHashString());
                return true;
            });
            await tls.AuthenticateAsClientAsync("127.0.0.1");
            var door = await server.GetAsync("/keyserver/door");
            ((string)door.Json!["url"]!).ShouldStartWith($"https://127.0.0.1:{server.Host.PartnerUrl.Port}");
        }

        seen.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_key_server_alone_has_a_staff_of_its_own_and_no_customers()
    {
        await using var server = await HostUnderTest.StartAsync(with: s => s with { Roles = new HashSet<Role> { Role.KeyServer } });

        server.Host.SetupLink.ShouldNotBeNull();
        (await server.GetAsync("/staff")).Status.ShouldBe(200);
        (await server.GetAsync("/customers")).Status.ShouldBe(404);
        File.Exists(server.Settings.Database.File).ShouldBeFalse();
    }

    private static async Task<Error> RefusalAsync(KeygateSettings settings)
    {
        await using var host = KeygateHost.Build(settings).Value;
        return (await host.StartAsync(CancellationToken.None)).Error.ShouldNotBeNull();
    }
}
