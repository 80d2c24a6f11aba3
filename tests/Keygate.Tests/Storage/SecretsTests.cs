using System.Security.Cryptography;
using System.Text;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Storage;

public class SecretsTests
{
    [Fact]
    public void A_sealed_secret_opens_under_its_purpose_and_key_only()
    {
        using var folder = new TempFolder();
        using var other = new TempFolder();
        var key = MasterKey.OfFolder(folder.Path).Value;
        var box = key.Seal("plugin/3 password", "hunter2");

        key.OpenText("plugin/3 password", box).Reveal.ShouldBe("hunter2");
        key.OpenText("plugin/3 password", box).ToString().ShouldBe("***");
        MasterKey.OfFolder(folder.Path).Value.OpenText("plugin/3 password", box).Reveal.ShouldBe("hunter2");
        Should.Throw<CryptographicException>(() => key.OpenText("plugin/4 password", box));
        Should.Throw<CryptographicException>(() => MasterKey.OfFolder(other.Path).Value.OpenText("plugin/3 password", box));
        key.Seal("plugin/3 password", "hunter2").ShouldNotBe(box);
    }

    [Fact]
    public void A_changed_or_shortened_box_does_not_open()
    {
        using var folder = new TempFolder();
        var key = MasterKey.OfFolder(folder.Path).Value;
        var box = key.Seal("p", Encoding.UTF8.GetBytes("hunter2"));

        for (var i = 0; i < box.Length; i++)
        {
            var changed = (byte[])box.Clone();
            changed[i] ^= 1;
            Should.Throw<CryptographicException>(() => key.Open("p", changed));
        }

        Should.Throw<CryptographicException>(() => key.Open("p", box.AsSpan(0, 20)));
        Should.Throw<CryptographicException>(() => key.Open("p", []));
    }

    [Fact]
    public void The_key_file_is_for_its_owner_alone()
    {
        using var folder = new TempFolder();

        MasterKey.OfFolder(folder.Path).IsDone.ShouldBeTrue();

        Directory.GetFiles(folder.Path).ShouldBe([folder.File("master.key")]);
        ModeOf(folder.File("master.key")).ShouldBe("600");
    }

    [Fact]
    public async Task Processes_that_start_at_once_agree_on_one_key()
    {
        // Often enough to meet the moment in which one looks and another makes it.
        for (var round = 0; round < 50; round++)
        {
            using var folder = new TempFolder();
            using var start = new Barrier(8);

            var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return MasterKey.OfFolder(folder.Path).Value.CheckValue;
                },
                default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            keys.Distinct().Count().ShouldBe(1);
            Directory.GetFiles(folder.Path).Length.ShouldBe(1);
        }
    }

    [Fact]
    public void What_a_process_left_that_died_while_it_made_a_key_is_in_nobodys_way()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("master.key.lock"), "");
        File.WriteAllText(folder.File("master.key.new"), "half a k");

        MasterKey.OfFolder(folder.Path).IsDone.ShouldBeTrue();

        Directory.GetFiles(folder.Path).ShouldBe([folder.File("master.key")]);
        ModeOf(folder.File("master.key")).ShouldBe("600");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    public void A_key_that_is_none_is_refused_without_being_shown(string text)
    {
        var error = MasterKey.Parse(text).Error!;

        error.Code.ShouldBe(StorageErrors.MasterKeyUnreadable.Code);
        if (text.Length > 0)
        {
            error.Detail.ShouldNotContain(text);
        }
    }

    [Theory, BothEngines]
    public async Task A_database_belongs_to_the_key_that_came_first(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        var mine = MasterKey.Parse(Convert.ToBase64String(new byte[32])).Value;
        var other = MasterKey.Parse(Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray())).Value;

        (await mine.BelongToAsync(test.Database, default)).IsDone.ShouldBeTrue();
        (await mine.BelongToAsync(test.Database, default)).IsDone.ShouldBeTrue();
        var error = (await other.BelongToAsync(test.Database, default)).Error!;

        error.Code.ShouldBe(StorageErrors.MasterKeyForeign.Code);
        error.Detail.ShouldContain(test.Database.Address.ToString());
    }

    [Theory, BothEngines]
    public async Task Two_processes_tie_a_new_database_at_once(Engine engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, typeof(Database).Assembly);
        var key = MasterKey.Parse(Convert.ToBase64String(new byte[32])).Value;

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => key.BelongToAsync(test.Database, default))));

        results.ShouldAllBe(r => r.IsDone);
    }

    [Fact]
    public void Fingerprints_differ_by_purpose_and_tokens_by_chance()
    {
        var key = MasterKey.Parse(Convert.ToBase64String(new byte[32])).Value;
        var token = MasterKey.NewToken("kg_");

        key.Fingerprint("token", token.Reveal).ShouldBe(key.Fingerprint("token", token.Reveal));
        key.Fingerprint("login", token.Reveal).ShouldNotBe(key.Fingerprint("token", token.Reveal));
        token.Reveal.ShouldStartWith("kg_");
        MasterKey.NewToken("kg_").ShouldNotBe(token);
    }

    [Fact]
    public void A_data_folder_is_held_by_one()
    {
        using var parent = new TempFolder();
        var path = parent.File("data");
        using (var held = DataFolder.Hold(path).Value)
        {
            held.Path.ShouldBe(path);
            ModeOf(path).ShouldBe("700");
            var error = DataFolder.Hold(path).Error!;
            error.Code.ShouldBe(StorageErrors.FolderInUse.Code);
            error.Detail.ShouldContain(path);
        }

        using var again = DataFolder.Hold(path).Value;
        again.Path.ShouldBe(path);
    }

    [Fact]
    public void A_data_folder_that_cannot_be_made_is_told()
    {
        using var parent = new TempFolder();
        File.WriteAllText(parent.File("data"), "a file where a folder should be");

        DataFolder.Hold(parent.File("data")).Error!.Code.ShouldBe(StorageErrors.FolderUnusable.Code);
    }

    private static string ModeOf(string path) =>
        OperatingSystem.IsWindows() ? "unknown" : Convert.ToString((int)File.GetUnixFileMode(path), 8);
}
