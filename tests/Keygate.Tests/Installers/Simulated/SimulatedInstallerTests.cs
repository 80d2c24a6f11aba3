using System.Text;
using Keygate.Installers;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Installers.Simulated;

public sealed class SimulatedInstallerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Names_a_place_for_each_file_and_keeps_books_over_a_restart()
    {
        var answer = await Installer().InstallAsync(Request("a", ("PLSK.00041207.0000", "base"), ("KAV.00041208.0000", "add-on")), _cancellation);

        answer.Value!.Places.ShouldBe(["node4/PLSK.00041207.xml", "node4/KAV.00041208.xml"]);
        (await Installer().CheckAsync(_cancellation)).Value!.Facts.ShouldStartWith("The simulated installer has 2 files");
    }

    [Fact]
    public async Task Installs_once_however_often_it_is_called_and_whether_or_not_its_answer_was_heard()
    {
        var installer = Installer(("script", "install 1: lose-answer\ninstall 2: answer-twice"));
        var request = Request("a", ("PLSK.00041207.0000", "base"));

        var outcomes = new List<Outcome>();
        for (var i = 0; i < 3; i++)
        {
            outcomes.Add((await installer.InstallAsync(request, _cancellation)).Outcome);
        }

        outcomes.ShouldBe([Outcome.Unknown, Outcome.Done, Outcome.Done]);
        Books().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Installs_nothing_when_it_refuses_stalls_or_cannot_be_reached()
    {
        var installer = Installer(("script", "install 1: refuse\ninstall 2: stall\ninstall 3: not-done"));
        var request = Request("a", ("PLSK.00041207.0000", "base"));

        (await installer.InstallAsync(request, _cancellation)).Reason!.ShouldBe(
            new Reason("Simulated installer: 28 No space is left, by chance", "Change the plug-in's settings or its script, then resubmit.", "28"));
        (await installer.InstallAsync(request, _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
        (await installer.InstallAsync(request, _cancellation)).Outcome.ShouldBe(Outcome.NotDone);
        Books().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_late_installation_arrives_at_its_time_and_a_repeat_does_not_wait_for_it()
    {
        var installer = Installer(("script", "install 1: answer-late\ninstall 2: answer-late"));
        await installer.InstallAsync(Request("a", ("PLSK.00041207.0000", "base")), _cancellation);
        await installer.InstallAsync(Request("b", ("KAV.00041208.0000", "add-on")), _cancellation);
        (await installer.CheckAsync(_cancellation)).Value!.Facts.ShouldContain("has 0 files");

        (await installer.InstallAsync(Request("a", ("PLSK.00041207.0000", "base")), _cancellation)).Outcome.ShouldBe(Outcome.Done);

        (await installer.CheckAsync(_cancellation)).Value!.Facts.ShouldContain("has 1 files");
        _time.Advance(TimeSpan.FromSeconds(60));
        (await installer.CheckAsync(_cancellation)).Value!.Facts.ShouldContain("has 2 files");
    }

    [Fact]
    public async Task A_renewed_file_takes_the_old_ones_place()
    {
        var installer = Installer();
        await installer.InstallAsync(Request("a", ("PLSK.00041207.0000", "old")), _cancellation);

        await installer.InstallAsync(Request("b", ("PLSK.00041207.0001", "new")), _cancellation);

        Books().Length.ShouldBe(2);
        (await installer.CheckAsync(_cancellation)).Value!.Facts.ShouldContain("has 1 files");
    }

    private string[] Books() => File.Exists(Journal) ? File.ReadAllLines(Journal) : [];

    private string Journal => _folder.File("installed.journal");

    private IInstaller Installer(params (string Name, string Value)[] settings)
    {
        var factory = new SimulatedInstallerFactory();
        var all = factory.Manifest.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        all["journal"] = Journal;
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        factory.Faults(all).ShouldBeEmpty();
        return (IInstaller)factory.Create(new PluginContext(all, NullLogger.Instance, _time));
    }

    private static InstallRequest Request(string token, params (string Number, string Content)[] files) => new()
    {
        LicenseId = 17, SubscriptionId = 12, Target = "node4", Token = token,
        Files = [.. files.Select(f => new RetrievedFile(f.Number, Encoding.UTF8.GetBytes(f.Content), "xml"))],
    };
}
