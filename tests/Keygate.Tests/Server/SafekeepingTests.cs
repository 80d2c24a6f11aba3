using Dapper;
using Keygate.Kernel;
using Keygate.Server;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Server;

/// <summary>A backup is proved by its restore: on the same engine and on the other one.</summary>
public sealed class SafekeepingTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Secret Passphrase = new("correct horse battery");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Engine.Sqlite, Engine.Sqlite)]
    [InlineData(Engine.PostgreSql, Engine.PostgreSql)]
    [InlineData(Engine.Sqlite, Engine.PostgreSql)]
    [InlineData(Engine.PostgreSql, Engine.Sqlite)]
    public async Task A_backup_of_a_running_server_restores_to_the_same_rows_and_no_number_is_given_again(Engine from, Engine to)
    {
        var file = _folder.File("one.backup");
        Dictionary<string, List<string>> saved;
        string masterKey;
        await using (var server = await HostUnderTest.StartAsync(from))
        {
            foreach (var name in new[] { "Ann Müller", "Bob" })
            {
                (await server.PostAsync("/customers", $$"""{"name":"{{name}}","email":"b@example.org"}""")).Status.ShouldBe(200);
            }

            (await server.PostAsync("/tokens", """{"name":"planted-token"}""")).Status.ShouldBe(200);
            (await server.PostAsync("/keyserver/price-lists", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "hosting", "price-list.json")))).Status.ShouldBe(200);
            var made = await Safekeeping.BackupAsync(server.Settings, file, Passphrase, TimeProvider.System, None);
            made.Error.ShouldBeNull();
            made.Value.Parts.Select(p => p.Name).ShouldBe(["provider", "keyserver"]);
            (await Safekeeping.BackupAsync(server.Settings, file, Passphrase, TimeProvider.System, None)).Error!.Code.ShouldBe("server.file-unwritable");
            saved = await RowsAsync(server.Settings);
            masterKey = (await File.ReadAllTextAsync(Path.Combine(server.Settings.Data, "master.key"))).Trim();

            // Not in the backup.
            (await server.PostAsync("/customers", """{"name":"Cleo","email":"c@example.org"}""")).Json!["id"]!.GetValue<int>().ShouldBe(1000003);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        // Nothing of it can be read without the passphrase.
        var bytes = await File.ReadAllBytesAsync(file);
        foreach (var planted in new[] { "planted-token", "b@example.org", masterKey })
        {
            bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(planted)).ShouldBe(-1, planted);
        }

        var settings = await HostUnderTest.SettingsAsync(_folder, to);
        (await RestoreAsync(settings, file, new Secret("wrong horse battery"))).Error!.Code.ShouldBe("storage.backup-unreadable");
        var restored = await RestoreAsync(settings, file, Passphrase);
        restored.Error.ShouldBeNull();
        restored.Value.Restored.ShouldBe(["provider", "keyserver"]);

        var rows = await RowsAsync(settings);
        rows.Keys.ShouldBe(saved.Keys);
        foreach (var (table, expected) in saved)
        {
            rows[table].ShouldBe(expected, table);
        }

        // What is there is not overwritten, but set aside where that is said.
        (await RestoreAsync(settings, file, Passphrase)).Error!.Code.ShouldBe("storage.database-in-place");
        var again = await RestoreAsync(settings, file, Passphrase, replaces: true);
        again.Error.ShouldBeNull();
        again.Value.SetAside.Count.ShouldBe(2);
        await using (var server = await HostUnderTest.StartAsync(settings))
        {
            (await server.GetAsync("/customers")).Json!["items"]!.AsArray().Select(c => (string?)c!["name"]).ShouldBe(["Ann Müller", "Bob"]);
            (await server.PostAsync("/customers", """{"name":"Dora","email":"d@example.org"}""")).Json!["id"]!.GetValue<int>().ShouldBe(1_100_003);
            (await server.GetAsync("/audit?subject=database/provider")).Json!["items"]!.AsArray().Count.ShouldBe(1);
            (await server.GetAsync("/audit/verification")).Json!.AsArray().ShouldAllBe(v => (bool)v!["isWhole"]!);
        }
    }

    [Fact]
    public async Task A_file_that_was_changed_or_cut_off_is_refused_before_anything_is_touched()
    {
        var settings = KeygateSettings.ForFolder(_folder.File("from"));
        (await KeygateHost.MigrateAsync(settings, None)).Error.ShouldBeNull();
        var file = _folder.File("one.backup");
        (await Safekeeping.BackupAsync(settings, file, Passphrase, TimeProvider.System, None)).Error.ShouldBeNull();
        (await Safekeeping.CheckAsync(file, Passphrase, None)).Error.ShouldBeNull();
        var whole = await File.ReadAllBytesAsync(file);
        var into = KeygateSettings.ForFolder(_folder.File("into"));

        foreach (var (what, bytes) in new (string, byte[])[]
        {
            ("cut off", whole[..^1]), ("half", whole[..(whole.Length / 2)]), ("head", whole[..10]), ("longer", [.. whole, 0]), ("changed", [.. whole[..^40], (byte)(whole[^40] ^ 1), .. whole[^39..]]),
            ("empty", []), ("another file", "PK not a backup of ours, but long enough"u8.ToArray()),
        })
        {
            await File.WriteAllBytesAsync(_folder.File("bad.backup"), bytes);
            var refusal = await RestoreAsync(into, _folder.File("bad.backup"), Passphrase);
            (refusal.Error?.Code).ShouldBe("storage.backup-unreadable", what);
            Directory.Exists(into.Data).ShouldBeFalse(what);
        }

        (await Safekeeping.BackupAsync(settings, _folder.File("two.backup"), new Secret("short"), TimeProvider.System, None)).Error!.Code.ShouldBe("storage.passphrase-weak");
        (await Safekeeping.BackupAsync(into, _folder.File("two.backup"), Passphrase, TimeProvider.System, None)).Error!.Code.ShouldBe("storage.database-absent");
        File.Exists(_folder.File("two.backup")).ShouldBeFalse();
        File.Exists(_folder.File("two.backup.part")).ShouldBeFalse();
    }

    [Theory, BothEngines]
    public async Task A_server_does_not_start_on_a_restore_that_did_not_end(Engine engine)
    {
        var settings = await HostUnderTest.SettingsAsync(_folder, engine);
        (await KeygateHost.MigrateAsync(settings, None)).Error.ShouldBeNull();
        await using (var database = Database.At(settings.Database))
        {
            await database.WriteAsync(tx => tx.ExecuteAsync("insert into restores(backup, made_at, restored_at) values ('b', 0, 0)", null, None), None);
        }

        (await KeygateHost.MigrateAsync(settings, None)).Error!.Code.ShouldBe("storage.restore-unfinished");
    }

    private static Task<Result<BackupRestored>> RestoreAsync(KeygateSettings settings, string file, Secret passphrase, bool replaces = false) =>
        Safekeeping.RestoreAsync(settings, file, passphrase, replaces, Safekeeping.JumpDefault, TimeProvider.System, None);

    // All rows of all tables but those that a running server, or the restore itself, writes into.
    private static async Task<Dictionary<string, List<string>>> RowsAsync(KeygateSettings settings)
    {
        string[] moving = ["work", "work_nodes", "work_intents", "audit", "audit_links", "audit_chain", "restores", "migrations", "event_numbers", "trust_bundle", "outbox", "events", "plugins"];
        var all = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, address) in new[] { ("provider", settings.Database), ("keyserver", settings.KeyServerDatabase) })
        {
            await using var database = Database.At(address);
            await database.ReadAsync(async s =>
            {
                var tables = await s.QueryAsync<string>(database.Engine == Engine.Sqlite
                    ? "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
                    : $"select tablename::text from pg_tables where schemaname = '{address.Schema}' order by tablename collate \"C\"", null, None);
                foreach (var table in tables.Except(moving))
                {
                    var rows = (await s.Connection.QueryAsync($"select * from {table}")).Cast<IDictionary<string, object?>>();
                    all[$"{name}.{table}"] = [.. rows.Select(r => string.Join('|', r.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}={Text(c.Value)}"))).Order(StringComparer.Ordinal)];
                }

                return 0;
            }, None);
        }

        return all;
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "1" : "0",
        byte[] bytes => Convert.ToHexString(bytes),
        _ => FormattableString.Invariant($"{value}"),
    };
}
