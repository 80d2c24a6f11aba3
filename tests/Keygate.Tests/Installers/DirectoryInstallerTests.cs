using System.Text;
using Keygate.Installers;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Installers;

public sealed class DirectoryInstallerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_the_file_into_the_folder_of_its_subscription()
    {
        var answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "<key/>")]), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Done);
        answer.Value!.Places.ShouldBe([_folder.File("subscription-12/PLSK.00041207.xml")]);
        Files().ShouldBe([("subscription-12/PLSK.00041207.xml", "<key/>")]);
    }

    [Theory]
    [InlineData("shop.example.com", 12, "shop.example.com")]
    [InlineData("../../etc", 12, "%2E.%2F..%2Fetc")]
    [InlineData("/etc", 12, "%2Fetc")]
    [InlineData("..", 12, "%2E.")]
    [InlineData("", 0, "license-17")]
    public async Task Takes_the_target_before_the_subscription_and_never_leaves_the_root(string target, int subscription, string folder)
    {
        await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "a")]) with { Target = target, SubscriptionId = subscription }, _cancellation);

        Files().ShouldBe([($"{folder}/PLSK.00041207.xml", "a")]);
    }

    [Fact]
    public async Task Makes_missing_folders()
    {
        var answer = await Installer(_folder.File("a/b/c")).InstallAsync(Request([File("PLSK.00041207.0000", "a")]), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Done);
        Files().ShouldBe([("a/b/c/subscription-12/PLSK.00041207.xml", "a")]);
    }

    [Fact]
    public async Task Installs_add_ons_beside_their_base()
    {
        var answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "base"), File("KAV.00041208.0001", "add-on")]), _cancellation);

        answer.Value!.Places.Select(Path.GetFileName).ShouldBe(["PLSK.00041207.xml", "KAV.00041208.xml"]);
        Files().ShouldBe([("subscription-12/KAV.00041208.xml", "add-on"), ("subscription-12/PLSK.00041207.xml", "base")]);
    }

    [Fact]
    public async Task A_repeat_writes_nothing()
    {
        var installer = Installer();
        await installer.InstallAsync(Request([File("PLSK.00041207.0000", "a")]), _cancellation);
        var old = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        System.IO.File.SetLastWriteTimeUtc(_folder.File("subscription-12/PLSK.00041207.xml"), old);

        var again = await installer.InstallAsync(Request([File("PLSK.00041207.0000", "a")]), _cancellation);

        again.Outcome.ShouldBe(Outcome.Done);
        System.IO.File.GetLastWriteTimeUtc(_folder.File("subscription-12/PLSK.00041207.xml")).ShouldBe(old);
    }

    [Fact]
    public async Task A_renewed_file_takes_the_old_ones_place()
    {
        var installer = Installer();
        await installer.InstallAsync(Request([File("PLSK.00041207.0000", "old")]), _cancellation);

        await installer.InstallAsync(Request([File("PLSK.00041207.0001", "new")]), _cancellation);

        Files().ShouldBe([("subscription-12/PLSK.00041207.xml", "new")]);
    }

    [Fact]
    public async Task What_a_power_cut_left_behind_is_removed_and_the_file_is_whole()
    {
        Directory.CreateDirectory(_folder.File("subscription-12"));
        await System.IO.File.WriteAllTextAsync(_folder.File("subscription-12/.PLSK.00041207.xml.0a1b2c3d.tmp"), "<ke", _cancellation);

        var answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "<key/>")]), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Done);
        Files().ShouldBe([("subscription-12/PLSK.00041207.xml", "<key/>")]);
    }

    [Fact]
    public async Task Leaves_alone_what_another_installation_is_writing()
    {
        Directory.CreateDirectory(_folder.File("subscription-12"));
        using var other = Disk.Staged.Write(_folder.File("subscription-12/PLSK.00041207.xml"), "other"u8);

        await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "mine")]), _cancellation);
        other.Rename();

        Files().ShouldBe([("subscription-12/PLSK.00041207.xml", "other")]);
    }

    [Fact]
    public async Task Many_at_once_leave_one_whole_file_and_nothing_else()
    {
        var contents = Enumerable.Range(0, 24).Select(i => new string((char)('a' + i), 20_000)).ToList();

        var answers = await Task.WhenAll(contents.Select(c => Task.Run(() => Installer().InstallAsync(Request([File("PLSK.00041207.0000", c)]), _cancellation))));

        // Who reads back another's file says Unknown, never Done.
        answers.ShouldAllBe(a => a.Outcome == Outcome.Done || a.Outcome == Outcome.Unknown || a.Outcome == Outcome.NotDone);
        answers.ShouldContain(a => a.Outcome == Outcome.Done);
        var (name, text) = Files().ShouldHaveSingleItem();
        name.ShouldBe("subscription-12/PLSK.00041207.xml");
        contents.ShouldContain(text);
    }

    [Fact]
    public async Task What_another_program_puts_in_its_place_at_that_moment_is_not_called_installed()
    {
        var target = _folder.File("subscription-12/PLSK.00041207.xml");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var enough = new CancellationTokenSource();
        var meddler = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                System.IO.File.WriteAllText(_folder.File("foreign"), "foreign");
                System.IO.File.Move(_folder.File("foreign"), target, overwrite: true);
            }
        }, _cancellation);

        // It must hit the short time between the rename and the reading back: it has many tries.
        var answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "mine")]), _cancellation);
        for (var tries = 0; tries < 2000 && answer.Outcome != Outcome.Unknown; tries++)
        {
            answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "mine")]), _cancellation);
        }

        await enough.CancelAsync();
        await meddler;
        answer.Outcome.ShouldBe(Outcome.Unknown);
        answer.Reason!.Cause.ShouldContain("reads back with other contents than were written");
    }

    [Fact]
    public async Task A_full_disk_installs_nothing_keeps_the_old_file_and_says_so()
    {
        using var small = SmallFileSystem.Mount("size=64k");
        var installer = Installer(small.Path);
        await installer.InstallAsync(Request([File("PLSK.00041207.0000", "old")]), _cancellation);

        var answer = await installer.InstallAsync(Request([File("PLSK.00041207.0001", new string('x', 200_000))]), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldBe($"No space is left in {small.Path}/subscription-12; nothing was installed.");
        answer.Reason.Remedy.ShouldContain("Free space");
        Files(small.Path).ShouldBe([("subscription-12/PLSK.00041207.xml", "old")]);
    }

    [Fact]
    public async Task Of_two_files_none_is_installed_when_the_second_does_not_fit()
    {
        using var small = SmallFileSystem.Mount("size=64k");

        var answer = await Installer(small.Path).InstallAsync(
            Request([File("PLSK.00041207.0000", "base"), File("KAV.00041208.0000", new string('x', 200_000))]), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        Files(small.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_read_only_file_system_installs_nothing_and_says_so()
    {
        using var small = SmallFileSystem.Mount("size=64k");
        var installer = Installer(small.Path);
        await installer.InstallAsync(Request([File("PLSK.00041207.0000", "old")]), _cancellation);
        small.Remount("ro");

        var answer = await installer.InstallAsync(Request([File("PLSK.00041207.0001", "new")]), _cancellation);
        var check = await installer.CheckAsync(_cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldBe($"The file system of {small.Path}/subscription-12 is read-only.");
        check.Outcome.ShouldBe(Outcome.NotDone);
        check.Reason!.Cause.ShouldBe($"The file system of {small.Path} is read-only.");
        Files(small.Path).ShouldBe([("subscription-12/PLSK.00041207.xml", "old")]);
    }

    // Root may write everywhere, and tests often run as root: so the words are tried by themselves.
    [Fact]
    public void A_folder_without_rights_is_named_with_the_user_who_lacks_them() =>
        DirectoryInstaller.Explain(new UnauthorizedAccessException(), "/srv/licenses").ShouldBe(new Reason(
            $"Keygate, running as {Environment.UserName}, may not write into /srv/licenses.",
            $"Give {Environment.UserName} the right to write there, or give the plug-in another folder."));

    [Fact]
    public async Task A_file_in_the_folders_place_is_named()
    {
        await System.IO.File.WriteAllTextAsync(_folder.File("subscription-12"), "", _cancellation);

        var answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "a")]), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldBe($"{_folder.File("subscription-12")} cannot be a folder: a file of that name stands in the way.");
    }

    [Fact]
    public async Task A_link_in_the_folders_place_is_not_followed()
    {
        using var elsewhere = new TempFolder();
        Directory.CreateSymbolicLink(_folder.File("subscription-12"), elsewhere.Path);

        var answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "a")]), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldContain("a file or link of that name stands in the way");
        Files(elsewhere.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_link_in_the_files_place_is_replaced_and_its_end_left_alone()
    {
        using var elsewhere = new TempFolder();
        await System.IO.File.WriteAllTextAsync(elsewhere.File("passwd"), "root", _cancellation);
        Directory.CreateDirectory(_folder.File("subscription-12"));
        System.IO.File.CreateSymbolicLink(_folder.File("subscription-12/PLSK.00041207.xml"), elsewhere.File("passwd"));

        var answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "a")]), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Done);
        (await System.IO.File.ReadAllTextAsync(elsewhere.File("passwd"), _cancellation)).ShouldBe("root");
    }

    [Fact]
    public async Task Refuses_two_files_of_one_name_and_names_that_are_too_long()
    {
        var twice = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "a"), File("PLSK.00041207.0001", "b")]), _cancellation);
        var target = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "a")]) with { Target = new string('x', 300) }, _cancellation);
        var number = await Installer().InstallAsync(Request([File("", "a")]), _cancellation);

        new[] { twice.Outcome, target.Outcome, number.Outcome }.ShouldAllBe(o => o == Outcome.Refused);
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Called_off_before_the_first_rename_nothing_is_left()
    {
        var answer = await Installer().InstallAsync(Request([File("PLSK.00041207.0000", "a")]), new CancellationToken(canceled: true));

        answer.Outcome.ShouldBe(Outcome.NotDone);
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_check_says_where_files_go_and_leaves_nothing()
    {
        var there = await Installer().CheckAsync(_cancellation);
        var missing = await Installer(_folder.File("a/b")).CheckAsync(_cancellation);

        there.Value!.Facts.ShouldStartWith($"License files go into {_folder.Path}; ");
        missing.Value!.Facts.ShouldEndWith($"It will be made with the first installation, in {_folder.Path}.");
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/srv/licenses", true)]
    [InlineData("licenses", false)]
    [InlineData("./licenses", false)]
    public void Takes_absolute_paths_only(string root, bool sound) =>
        new DirectoryFactory().Faults(new Dictionary<string, string> { ["root"] = root }).Count.ShouldBe(sound ? 0 : 1);

    private IInstaller Installer(string? root = null) => (IInstaller)new DirectoryFactory().Create(
        new PluginContext(new Dictionary<string, string> { ["root"] = root ?? _folder.Path }, NullLogger.Instance, TimeProvider.System));

    private static InstallRequest Request(IReadOnlyList<RetrievedFile> files) =>
        new() { LicenseId = 17, SubscriptionId = 12, Target = "", Files = files, Token = "0a1b2c3d4e5f" };

    private static RetrievedFile File(string number, string content) => new(number, Encoding.UTF8.GetBytes(content), "xml");

    private List<(string Name, string Text)> Files(string? root = null) =>
        [.. Directory.EnumerateFiles(root ?? _folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (Path.GetRelativePath(root ?? _folder.Path, f), System.IO.File.ReadAllText(f)))];
}
